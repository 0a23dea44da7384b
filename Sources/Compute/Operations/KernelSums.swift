/// The extent of the Gaussian kernel sums behind the maximum mean discrepancy (equation 2).
public struct KernelSums: Sendable, Hashable {
  /// The number of points in `x`.
  public var xCount: Int
  /// The number of points in `y`.
  public var yCount: Int
  /// The dimension of the points.
  public var dimension: Int
  /// The width in k(x, y) = exp(−‖x − y‖² / width).
  public var width: Float

  /// Describes the sums.
  public init(xCount: Int, yCount: Int, dimension: Int, width: Float) {
    precondition(width > 0, "a kernel width must be positive, not \(width)")
    self.xCount = xCount
    self.yCount = yCount
    self.dimension = dimension
    self.width = width
  }

  /// Stops the program unless the points have these extents.
  public func check(_ x: Buffer, _ y: Buffer) {
    x.require(xCount * dimension, "the points x of kernel sums")
    y.require(yCount * dimension, "the points y of kernel sums")
  }
}
