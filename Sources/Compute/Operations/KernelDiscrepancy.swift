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

  /// Stops the program unless points, terms (or their gradient) and the gradient of x have these
  /// extents.
  public func check(_ x: Buffer, _ y: Buffer, terms: Buffer, xGradient: Buffer? = nil) {
    x.require(count * dimension, "the points x of a discrepancy")
    y.require(count * dimension, "the points y of a discrepancy")
    terms.require(count, "the terms of a discrepancy")
    xGradient?.require(count * dimension, "the gradient of a discrepancy")
  }
}
