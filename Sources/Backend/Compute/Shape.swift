/// The extents of a tensor of up to five dimensions, whose elements lie row by row: the last one varies
/// fastest. Without any it is one number.
public struct Shape: Sendable, Hashable, ExpressibleByArrayLiteral, CustomStringConvertible {
  /// The number of dimensions is at most this.
  public static let mostDimensions = 5

  /// The extents, first to last.
  public let extents: [Int]
  /// The number of elements.
  public let count: Int

  /// Describes a tensor. The program stops unless each extent is positive and their product a number.
  public init(_ extents: [Int]) {
    stopUnless(
      extents.count <= Self.mostDimensions,
      "\(extents.count) dimensions, \(Shape.text(extents)), are more than \(Self.mostDimensions)")
    var count = 1
    for extent in extents {
      stopUnless(extent > 0, "\(Shape.text(extents)) has no elements")
      let (product, overflow) = count.multipliedReportingOverflow(by: extent)
      stopUnless(!overflow, "\(Shape.text(extents)) has more elements than an integer counts")
      count = product
    }
    self.extents = extents
    self.count = count
  }

  public init(arrayLiteral extents: Int...) { self.init(extents) }

  /// A matrix.
  public init(_ rows: Rows) { self.init([rows.rows, rows.columns]) }

  /// The extent of the last dimension.
  public var columns: Int { extents.last ?? 1 }
  /// The rows of which that is the width: all other dimensions together.
  public var rows: Int { count / columns }
  /// The same elements as a matrix.
  public var matrix: Rows { Rows(rows, columns) }

  /// The number of dimensions.
  public var rank: Int { extents.count }

  /// The extents, as in `2 × 3`.
  public var description: String { Shape.text(extents) }

  private static func text(_ extents: [Int]) -> String {
    extents.isEmpty ? "one number" : extents.map(String.init).joined(separator: " × ")
  }

  /// The extent of a dimension, counted from the end where the number is negative.
  public subscript(axis: Int) -> Int { extents[self.axis(axis)] }

  /// The number of a dimension from 0 on; negative ones count from the end. The program stops where
  /// there is no such dimension.
  public func axis(_ number: Int) -> Int {
    let axis = number < 0 ? number + rank : number
    stopUnless(extents.indices.contains(axis), "\(self) has no dimension \(number)")
    return axis
  }

  /// The elements from one index of each dimension to the next.
  public var strides: [Int] {
    var strides = extents
    var stride = 1
    for axis in extents.indices.reversed() {
      (strides[axis], stride) = (stride, stride * extents[axis])
    }
    return strides
  }

  /// The same with another extent of one dimension.
  public func replacing(_ axis: Int, with extent: Int) -> Shape {
    var extents = extents
    extents[self.axis(axis)] = extent
    return Shape(extents)
  }

  /// The extents of what an operation on two tensors gives, as in NumPy: aligned at the last dimension,
  /// where an extent of 1 fits any. The program stops where two extents don't fit.
  public func broadcast(with other: Shape) -> Shape {
    let rank = max(rank, other.rank)
    let (mine, others) = (padded(to: rank), other.padded(to: rank))
    return Shape(
      (0..<rank).map { axis in
        stopUnless(
          mine[axis] == others[axis] || mine[axis] == 1 || others[axis] == 1,
          "\(self) does not fit \(other)")
        return max(mine[axis], others[axis])
      })
  }

  /// The strides of a tensor of these extents that is repeated to fill `shape`: 0 where it is. The program
  /// stops where it doesn't fit.
  public func strides(fillingIn shape: Shape) -> [Int] {
    stopUnless(broadcast(with: shape) == shape, "\(self) does not fill \(shape)")
    let leading = [Int](repeating: 0, count: shape.rank - rank)
    return leading + Swift.zip(extents, strides).map { $0 == 1 ? 0 : $1 }
  }

  private func padded(to rank: Int) -> [Int] {
    [Int](repeating: 1, count: rank - self.rank) + extents
  }
}
