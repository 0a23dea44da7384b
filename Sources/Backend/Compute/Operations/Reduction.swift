/// A reduction of a row-major matrix, row by row or column by column.
///
/// The order of the additions is fixed, so the same input gives the same bytes.
public struct Reduction: Sendable, Hashable {
  /// How elements are combined.
  public enum Function: String, Sendable, CaseIterable {
    case sum
    case maximum
  }

  /// What each result stands for.
  public enum Direction: String, Sendable, CaseIterable {
    /// `y[r]` combines the elements of row r.
    case perRow
    /// `y[c]` combines the elements of column c.
    case perColumn
  }

  /// How elements are combined.
  public var function: Function
  /// What each result stands for.
  public var direction: Direction
  /// The extent of the input.
  public var shape: Rows
  /// A factor on each result: 1/n makes a mean.
  public var scale: Float
  /// Add to the results rather than replace them.
  public var accumulate: Bool

  /// Describes a reduction.
  public init(
    _ function: Function, _ direction: Direction, _ shape: Rows, scale: Float = 1,
    accumulate: Bool = false
  ) {
    self.function = function
    self.direction = direction
    self.shape = shape
    self.scale = scale
    self.accumulate = accumulate
  }
}

/// See ``Device/reduce(_:_:into:)``.
public struct ReduceOperation: DeviceOperation {
  public static let name = "reduce"
  public let reduction: Reduction
  public let x: Buffer
  public let y: Buffer

  public var results: [Buffer] { [y] }
  public var cost: Cost { Cost(operations: Double(x.count), [x, y]) }

  public func check() {
    let shape = reduction.shape
    x.require(shape.count, "the input of a reduction")
    y.require(
      reduction.direction == .perRow ? shape.rows : shape.columns, "the result of a reduction")
  }
}

extension Device {
  /// Reduces the rows or the columns of a matrix; see ``Reduction``.
  public func reduce(_ reduction: Reduction, _ x: Buffer, into y: Buffer) throws(DeviceError) {
    try perform(ReduceOperation(reduction: reduction, x: x, y: y))
  }
}
