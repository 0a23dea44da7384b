/// The dimensions of the squared maximum mean discrepancy of two sets of points with a Gaussian kernel
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
    stopUnless(width > 0, "a kernel width must be positive, not \(width)")
    self.count = count
    self.dimension = dimension
    self.width = width
  }
}

/// See ``Device/kernelDiscrepancy(_:_:_:into:)``.
public struct KernelDiscrepancyOperation: DeviceOperation {
  public static let name = "kernelDiscrepancy"
  /// The number of points, their dimension, and the width of the kernel.
  public let shape: KernelDiscrepancy
  /// The points x, count × dimension.
  public let x: Buffer
  /// The points y, count × dimension.
  public let y: Buffer
  /// One number for each point.
  public let terms: Buffer

  public var results: [Buffer] { [terms] }
  public var cost: Cost { Cost(operations: shape.operations, [x, y, terms]) }
  public var extents: [Int] { [shape.count, shape.dimension] }

  public func check() {
    shape.check(x, y)
    terms.require(shape.count, "the terms of a discrepancy")
  }

  /// The kernels of all pairs at once: count² × dimension numbers.
  public func compose(on device: any Device) throws(DeviceError) {
    let (own, cross, others) = (
      try Pairs(shape, x, x, on: device), try Pairs(shape, x, y, on: device),
      try Pairs(shape, y, y, on: device)
    )
    try own.kernels.zip(.add, others.kernels).zip(.subtract, cross.kernels.zip(.multiply, 2))
      .reduced(.sum, axis: 1).give(to: terms)
  }
}

/// See ``Device/kernelDiscrepancyGradient(_:_:_:termGradient:into:accumulate:)``.
public struct KernelDiscrepancyGradientOperation: DeviceOperation {
  public static let name = "kernelDiscrepancyGradient"
  /// The number of points, their dimension, and the width of the kernel.
  public let shape: KernelDiscrepancy
  /// The points x, count × dimension.
  public let x: Buffer
  /// The points y, count × dimension.
  public let y: Buffer
  /// g, of each point.
  public let termGradient: RowGradient
  /// dx, count × dimension.
  public let xGradient: Buffer
  /// Whether dx is added to rather than replaced.
  public let accumulate: Bool

  public var results: [Buffer] { [xGradient] }
  public var cost: Cost {
    Cost(operations: 2 * shape.operations, [x, y, termGradient.buffer, xGradient])
  }
  public var extents: [Int] { [shape.count, shape.dimension] }

  public func check() {
    shape.check(x, y)
    termGradient.require(shape.count, "the gradient of a discrepancy's terms")
    xGradient.require(shape.count * shape.dimension, "the gradient of a discrepancy")
  }

  /// The differences of all pairs at once, each weighted by its kernel.
  public func compose(on device: any Device) throws(DeviceError) {
    let (own, cross) = (
      try Pairs(shape, x, x, on: device), try Pairs(shape, x, y, on: device)
    )
    let g = try termGradient.intermediate(shape.count, on: device).reshaped([shape.count, 1, 1])
    let both = try g.zip(.add, g.reshaped([1, shape.count, 1]))
    let near = try own.kernels.zip(.multiply, both).zip(.multiply, own.differences)
    let far = try cross.kernels.zip(.multiply, g).zip(.multiply, cross.differences)
    try near.zip(.subtract, far.zip(.multiply, 2)).reduced(.sum, axis: 1)
      .zip(.multiply, -2 / shape.width).reshaped([shape.count * shape.dimension])
      .give(to: xGradient, accumulate: accumulate)
  }
}

extension KernelDiscrepancy {
  /// Three kernels for each pair of points.
  fileprivate var operations: Double {
    3 * Double(count) * Double(count) * (3 * Double(dimension) + 2)
  }

  fileprivate func check(_ x: Buffer, _ y: Buffer) {
    x.require(count * dimension, "the points x of a discrepancy")
    y.require(count * dimension, "the points y of a discrepancy")
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

  /// The gradient of ``kernelDiscrepancy(_:_:_:into:)`` with respect to `x`, with `g` that of `terms`:
  /// `dx[i] (+)= Σ_j (g[i] + g[j])·∂k(xᵢ, xⱼ)/∂xᵢ − 2 g[i]·∂k(xᵢ, yⱼ)/∂xᵢ`.
  public func kernelDiscrepancyGradient(
    _ shape: KernelDiscrepancy, _ x: Buffer, _ y: Buffer, termGradient: RowGradient,
    into xGradient: Buffer, accumulate: Bool
  ) throws(DeviceError) {
    try perform(
      KernelDiscrepancyGradientOperation(
        shape: shape, x: x, y: y, termGradient: termGradient, xGradient: xGradient,
        accumulate: accumulate))
  }
}

/// The pairs of points in compositions.
private struct Pairs {
  /// `x[i] − y[j]`: count × count × dimension.
  let differences: Intermediate
  /// `exp(−‖x[i] − y[j]‖² / width)`: count × count × 1.
  let kernels: Intermediate

  init(_ shape: KernelDiscrepancy, _ x: Buffer, _ y: Buffer, on device: any Device)
    throws(DeviceError)
  {
    let (count, dimension) = (shape.count, shape.dimension)
    differences = try Intermediate(x, [count, 1, dimension], on: device)
      .zip(.subtract, Intermediate(y, [1, count, dimension], on: device))
    kernels = try differences.map(.square).reduced(.sum, axis: 2)
      .zip(.multiply, -1 / shape.width).map(.exp)
  }
}
