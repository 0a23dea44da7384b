/// The extent of the squared maximum mean discrepancy of two sets of points with a Gaussian kernel
/// (equation 2).
public struct KernelDiscrepancy: Sendable, Hashable {
  /// The number of points in `x`, and in `y`.
  public var count: Int
  /// The dimension of the points.
  public var dimension: Int
  /// The width in k(x, y) = exp(−‖x − y‖² / width).
  public var width: Float

  /// Describes the discrepancy.
  public init(count: Int, dimension: Int, width: Float) {
    precondition(width > 0, "a kernel width must be positive, not \(width)")
    self.count = count
    self.dimension = dimension
    self.width = width
  }
}

/// See ``Device/kernelDiscrepancy(_:_:_:into:)``.
public struct KernelDiscrepancyOperation: DeviceOperation {
  public static let name = "kernelDiscrepancy"
  public let shape: KernelDiscrepancy
  public let x: Buffer
  public let y: Buffer
  public let terms: Buffer

  public var results: [Buffer] { [terms] }
  public var cost: Cost { Cost(operations: shape.operations, [x, y, terms]) }

  public func check() { shape.check(x, y, terms: terms) }
}

/// See ``Device/kernelDiscrepancyGradient(_:_:_:termGradient:into:accumulate:)``.
public struct KernelDiscrepancyGradientOperation: DeviceOperation {
  public static let name = "kernelDiscrepancyGradient"
  public let shape: KernelDiscrepancy
  public let x: Buffer
  public let y: Buffer
  public let termGradient: Buffer
  public let xGradient: Buffer
  public let accumulate: Bool

  public var results: [Buffer] { [xGradient] }
  public var cost: Cost {
    Cost(operations: 2 * shape.operations, [x, y, termGradient, xGradient])
  }

  public func check() {
    shape.check(x, y, terms: termGradient)
    xGradient.require(shape.count * shape.dimension, "the gradient of a discrepancy")
  }
}

extension KernelDiscrepancy {
  /// Three kernels for each pair of points.
  fileprivate var operations: Double {
    3 * Double(count) * Double(count) * (3 * Double(dimension) + 2)
  }

  fileprivate func check(_ x: Buffer, _ y: Buffer, terms: Buffer) {
    x.require(count * dimension, "the points x of a discrepancy")
    y.require(count * dimension, "the points y of a discrepancy")
    terms.require(count, "the terms of a discrepancy")
  }
}

extension Device {
  /// `terms[i] = Σ_j k(xᵢ, xⱼ) − 2 k(xᵢ, yⱼ) + k(yᵢ, yⱼ)` with k(x, y) = exp(−‖x − y‖² / width):
  /// their sum over i, divided by count², is equation 2. See ``KernelDiscrepancy``.
  public func kernelDiscrepancy(
    _ shape: KernelDiscrepancy, _ x: Buffer, _ y: Buffer, into terms: Buffer
  ) throws(DeviceError) {
    try perform(KernelDiscrepancyOperation(shape: shape, x: x, y: y, terms: terms))
  }

  /// The gradient of ``kernelDiscrepancy(_:_:_:into:)`` in `x`, `g` being that of `terms`:
  /// `dx[i] (+)= Σ_j (g[i] + g[j])·∂k(xᵢ, xⱼ)/∂xᵢ − 2 g[i]·∂k(xᵢ, yⱼ)/∂xᵢ`.
  public func kernelDiscrepancyGradient(
    _ shape: KernelDiscrepancy, _ x: Buffer, _ y: Buffer, termGradient: Buffer,
    into xGradient: Buffer, accumulate: Bool
  ) throws(DeviceError) {
    try perform(
      KernelDiscrepancyGradientOperation(
        shape: shape, x: x, y: y, termGradient: termGradient, xGradient: xGradient,
        accumulate: accumulate))
  }
}
