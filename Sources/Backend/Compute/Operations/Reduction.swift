/// A reduction of one dimension of a tensor: of `outer × length × inner` elements to `outer × inner`. Those
/// of a matrix's rows or columns have names.
///
/// The order of the additions is fixed, so the same input gives the same bytes.
public struct Reduction: Sendable, Hashable {
  /// How elements are combined.
  public enum Function: String, Sendable, CaseIterable {
    /// The sum.
    case sum
    /// NaN if there is one.
    case maximum
    /// NaN if there is one.
    case minimum
  }

  /// Whether each result combines a row or a column.
  public enum Direction: String, Sendable, CaseIterable {
    /// `y[r]` combines the elements of row r.
    case perRow
    /// `y[c]` combines the elements of column c.
    case perColumn
  }

  /// How elements are combined.
  public var function: Function
  /// The product of the dimensions before it; each has its own results.
  public var outer: Int
  /// The size of the dimension.
  public var length: Int
  /// The product of the dimensions after it; each has its own results.
  public var inner: Int
  /// A factor on each result: 1/n makes a mean.
  public var scale: Float
  /// Add to the results rather than replace them.
  public var accumulate: Bool

  /// Describes a reduction.
  public init(
    _ function: Function, outer: Int, length: Int, inner: Int, scale: Float = 1,
    accumulate: Bool = false
  ) {
    self.function = function
    self.outer = outer
    self.length = length
    self.inner = inner
    self.scale = scale
    self.accumulate = accumulate
  }

  /// Describes a reduction of the rows or the columns of a matrix.
  public init(
    _ function: Function, _ direction: Direction, _ shape: Rows, scale: Float = 1,
    accumulate: Bool = false
  ) {
    let isPerRow = direction == .perRow
    self.init(
      function, outer: isPerRow ? shape.rows : 1, length: isPerRow ? shape.columns : shape.rows,
      inner: isPerRow ? 1 : shape.columns, scale: scale, accumulate: accumulate)
  }

  /// The number of elements to reduce.
  public var count: Int { outer * length * inner }
  /// The number of results.
  public var resultCount: Int { outer * inner }
}

/// See ``Device/reduce(_:_:into:)``.
public struct ReduceOperation: DeviceOperation {
  public static let name = "reduce"
  /// What is reduced, and how.
  public let reduction: Reduction
  /// The tensor.
  public let x: Buffer
  /// The result.
  public let y: Buffer

  public var results: [Buffer] { [y] }
  public var cost: Cost { Cost(operations: Double(x.count), [x, y]) }
  public var extents: [Int] { [reduction.outer, reduction.length, reduction.inner] }
  public var detail: String { reduction.function.rawValue }

  public func check() {
    x.require(reduction.count, "the input of a reduction")
    y.require(reduction.resultCount, "the result of a reduction")
  }
}

/// See ``Device/sums(_:into:)``.
public struct SumsOperation: DeviceOperation {
  public static let name = "sums"
  /// A tensor of any size, and a factor of its sum.
  public typealias Term = (x: Buffer, scale: Float)
  /// The tensors and the factors.
  public let terms: [Term]
  /// The sums, one for each term.
  public let y: Buffer

  public var results: [Buffer] { [y] }
  public var cost: Cost {
    Cost(operations: Double(terms.reduce(0) { $0 + $1.x.count }), terms.map(\.x) + [y])
  }

  public func check() {
    for term in terms { term.x.require(term.x.count, "a term of sums") }
    y.require(terms.count, "the result of sums")
  }

  /// One after another.
  public func compose(on device: any Device) throws(DeviceError) {
    for (i, term) in terms.enumerated() {
      let sum = terms.count == 1 ? y : try device.makeBuffer(count: 1, type: .float32)
      try device.reduce(
        Reduction(.sum, .perRow, Rows(1, term.x.count), scale: term.scale), term.x, into: sum)
      if terms.count > 1 {
        try Intermediate(sum, [1, 1], on: device).give(toColumn: i, of: terms.count, y)
      }
    }
  }
}

extension Device {
  /// Reduces a dimension of a tensor, or the rows or the columns of a matrix; see ``Reduction``.
  public func reduce(_ reduction: Reduction, _ x: Buffer, into y: Buffer) throws(DeviceError) {
    try perform(ReduceOperation(reduction: reduction, x: x, y: y))
  }

  /// `y[i] = scale · Σ x` of each of some tensors, such as the parts of a loss.
  public func sums(_ terms: [(x: Buffer, scale: Float)], into y: Buffer) throws(DeviceError) {
    try perform(SumsOperation(terms: terms, y: y))
  }

  /// Reduces some dimensions of a tensor: adjacent ones together, the last ones first.
  ///
  /// - Parameters:
  ///   - function: The sum, the maximum or the minimum.
  ///   - x: The tensor.
  ///   - shape: Its shape.
  ///   - axes: Their indices, from the end if negative. Without any `y = scale·x`.
  ///   - scale: A factor of the result.
  ///   - accumulate: Whether to add to `y` rather than replace it.
  ///   - y: The other dimensions in their order.
  public func reduce(
    _ function: Reduction.Function, _ x: Buffer, _ shape: Shape, axes: [Int], scale: Float = 1,
    accumulate: Bool = false, into y: Buffer
  ) throws(DeviceError) {
    let axes = Set(axes.map(shape.axis))
    var (extents, source) = (shape.extents, x)
    guard var last = axes.max() else {
      return try scaledAdd(scale, x, accumulate ? 1 : 0, into: y)
    }
    while true {
      var first = last
      while axes.contains(first - 1) { first -= 1 }
      var reduction = Reduction(
        function, outer: extents[..<first].reduce(1, *), length: extents[first...last].reduce(1, *),
        inner: extents[(last + 1)...].reduce(1, *))
      guard let next = axes.filter({ $0 < first }).max() else {
        (reduction.scale, reduction.accumulate) = (scale, accumulate)
        return try reduce(reduction, source, into: y)
      }
      let between = try makeBuffer(count: reduction.resultCount, type: .float32)
      try reduce(reduction, source, into: between)
      extents.removeSubrange(first...last)
      (source, last) = (between, next)
    }
  }
}
