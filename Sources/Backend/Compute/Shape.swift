/// The shape of a row-major tensor of up to five dimensions: the last one varies fastest. Without any it is
/// a scalar.
public struct Shape: Sendable, Hashable, ExpressibleByArrayLiteral, CustomStringConvertible {
  /// The maximum number of dimensions.
  public static let mostDimensions = 5

  /// The size of each dimension, first to last.
  public let extents: [Int]
  /// The number of elements.
  public let count: Int

  /// Describes a tensor. The program stops unless each size is positive and their product does not
  /// overflow.
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

  /// The size of the last dimension.
  public var columns: Int { extents.last ?? 1 }
  /// The number of rows of that width: the product of all other dimensions.
  public var rows: Int { count / columns }
  /// The same elements as a matrix.
  public var matrix: Rows { Rows(rows, columns) }

  /// The number of dimensions.
  public var rank: Int { extents.count }

  /// The sizes, as in `2 × 3`.
  public var description: String { Shape.text(extents) }

  private static func text(_ extents: [Int]) -> String {
    extents.isEmpty ? "one number" : extents.map(String.init).joined(separator: " × ")
  }

  /// The size of a dimension, counted from the end if negative.
  public subscript(axis: Int) -> Int { extents[self.axis(axis)] }

  /// The index of a dimension from 0; negative ones count from the end. The program stops if there is no
  /// such dimension.
  public func axis(_ number: Int) -> Int {
    let axis = number < 0 ? number + rank : number
    stopUnless(extents.indices.contains(axis), "\(self) has no dimension \(number)")
    return axis
  }

  /// The number of elements from one index of each dimension to the next.
  public var strides: [Int] {
    var strides = extents
    var stride = 1
    for axis in extents.indices.reversed() {
      (strides[axis], stride) = (stride, stride * extents[axis])
    }
    return strides
  }

  /// The same with another size of one dimension.
  public func replacing(_ axis: Int, with extent: Int) -> Shape {
    var extents = extents
    extents[self.axis(axis)] = extent
    return Shape(extents)
  }

  /// The shape of an operation on two tensors with NumPy's broadcasting: aligned at the last dimension, a
  /// size of 1 matches any. The program stops if two sizes don't match.
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

  /// The strides of a tensor of this shape broadcast to `shape`: 0 where it is repeated. The program stops
  /// if it doesn't match.
  public func strides(fillingIn shape: Shape) -> [Int] {
    stopUnless(broadcast(with: shape) == shape, "\(self) does not fill \(shape)")
    let leading = [Int](repeating: 0, count: shape.rank - rank)
    return leading + Swift.zip(extents, strides).map { $0 == 1 ? 0 : $1 }
  }

  private func padded(to rank: Int) -> [Int] {
    [Int](repeating: 1, count: rank - self.rank) + extents
  }
}
