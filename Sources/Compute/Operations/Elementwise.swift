/// An elementwise function of one argument, whose derivative follows from its output.
public enum UnaryFunction: String, Sendable, CaseIterable {
  /// `x`
  case identity
  /// `max(x, 0)`, derivative `y > 0 ? 1 : 0`
  case relu
  /// `1 / (1 + exp(−x))`, derivative `y(1 − y)`
  case sigmoid
  /// `log(1 + exp(x))`, derivative `1 − exp(−y)`
  case softplus
  /// `exp(x)`, derivative `y`
  case exp
}

/// An elementwise function of two arguments.
public enum BinaryFunction: String, Sendable, CaseIterable {
  case add
  case subtract
  case multiply
}

/// The extent of an operation that treats each row on its own.
public struct Rows: Sendable, Hashable {
  /// The number of rows, usually the images of a batch.
  public var rows: Int
  /// The width of a row: pixels, or the latent dimension.
  public var columns: Int

  /// An extent of rows × columns.
  public init(_ rows: Int, _ columns: Int) {
    self.rows = rows
    self.columns = columns
  }

  /// The number of elements.
  public var count: Int { rows * columns }
}
