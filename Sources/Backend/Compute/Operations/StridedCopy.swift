/// Which elements of a buffer an operation visits: index (i₀, i₁, …) lies at offset + Σ iₖ·strides[k].
public struct Layout: Sendable, Hashable {
  /// The position of the first index.
  public var offset: Int
  /// The stride of each dimension.
  public var strides: [Int]

  /// Describes a layout.
  public init(offset: Int = 0, strides: [Int]) {
    self.offset = offset
    self.strides = strides
  }

  /// All elements of a buffer, row by row.
  public init(_ shape: Shape) { self.init(strides: shape.strides) }

  /// The lowest and the highest position that indices of `shape` reach.
  fileprivate func reach(_ shape: Shape) -> ClosedRange<Int> {
    var (least, greatest) = (offset, offset)
    for (extent, stride) in Swift.zip(shape.extents, strides) {
      let (way, overflow) = (extent - 1).multipliedReportingOverflow(by: stride)
      stopUnless(!overflow, "a stride of \(stride) is too long")
      if way < 0 { least += way } else { greatest += way }
    }
    return least...greatest
  }

  /// Whether each index of `shape` certainly has a distinct position: each stride exceeds the reach of all
  /// shorter ones.
  fileprivate func isInjective(_ shape: Shape) -> Bool {
    var reached = 0
    for (stride, extent) in Swift.zip(strides, shape.extents).filter({ $1 > 1 }).sorted(by: {
      $0.0 < $1.0
    }) {
      guard stride > reached else { return false }
      reached += (extent - 1) * stride
    }
    return true
  }
}

/// See ``Device/stridedCopy(_:_:from:into:at:accumulate:)``.
public struct StridedCopyOperation: DeviceOperation {
  public static let name = "stridedCopy"
  /// The indices.
  public let shape: Shape
  /// `float32`, or `int32` unless it accumulates.
  public let x: Buffer
  /// The layout of the indices in x.
  public let source: Layout
  /// The result, of the same type.
  public let y: Buffer
  /// The layout of the indices in y.
  public let target: Layout
  /// Whether y is added to rather than replaced.
  public let accumulate: Bool

  /// The loops over x and y.
  package var visit: Traversal { Traversal(shape, [source.strides, target.strides]) }
  public var results: [Buffer] { [y] }
  public var cost: Cost {
    Cost(
      operations: accumulate ? Double(shape.count) : 0,
      bytes: Double((accumulate ? 3 : 2) * 4 * shape.count))
  }
  public var extents: [Int] { shape.extents }

  public func check() {
    stopUnless(
      x.elementType == y.elementType && x.elementType != .uint8
        && (!accumulate || x.elementType == .float32),
      "a strided copy moves float32 or int32, and adds float32; not \(x.elementType) to \(y.elementType)"
    )
    for (buffer, layout) in [(x, source), (y, target)] {
      stopUnless(
        layout.strides.count == shape.rank, "\(layout.strides.count) strides do not fit \(shape)")
      let reach = layout.reach(shape)
      stopUnless(
        reach.lowerBound >= 0 && reach.upperBound < buffer.count,
        "a strided copy of \(shape) reaches from \(reach.lowerBound) to \(reach.upperBound) of "
          + "\(buffer.count) elements")
    }
    stopUnless(
      target.isInjective(shape), "strides of \(target.strides) write an element of \(shape) twice")
  }
}

extension Device {
  /// `y[target(i)] (+)= x[source(i)]` for each index i of `shape`: which covers transposition, slicing,
  /// concatenation, padding, flipping and repetition. Elements that no index reaches are unchanged.
  ///
  /// - Parameters:
  ///   - shape: The indices.
  ///   - x: `float32`, or `int32` unless `accumulate` is set.
  ///   - source: Their layout in x. Strides may be 0, to repeat, or negative, to reverse.
  ///   - y: The same type; may not overlap x.
  ///   - target: Their layout in y, each at a distinct position.
  ///   - accumulate: Whether to add to `y`.
  public func stridedCopy(
    _ shape: Shape, _ x: Buffer, from source: Layout, into y: Buffer, at target: Layout,
    accumulate: Bool = false
  ) throws(DeviceError) {
    try perform(
      StridedCopyOperation(
        shape: shape, x: x, source: source, y: y, target: target, accumulate: accumulate))
  }

  /// Broadcasts `x`, of shape `from`, into `y`, of shape `to`.
  public func broadcast(_ x: Buffer, _ from: Shape, into y: Buffer, _ to: Shape)
    throws(DeviceError)
  {
    try stridedCopy(
      to, x, from: Layout(strides: from.strides(fillingIn: to)), into: y, at: Layout(to))
  }

  /// `y` has the dimensions of `x` in another order: its dimension k is dimension `axes[k]` of x.
  public func permute(
    _ x: Buffer, _ shape: Shape, axes: [Int], into y: Buffer, accumulate: Bool = false
  )
    throws(DeviceError)
  {
    let axes = axes.map(shape.axis)
    stopUnless(
      axes.sorted() == Array(0..<shape.rank), "\(axes) is no order of the dimensions of \(shape)")
    let permuted = Shape(axes.map { shape.extents[$0] })
    try stridedCopy(
      permuted, x, from: Layout(strides: axes.map { shape.strides[$0] }), into: y,
      at: Layout(permuted), accumulate: accumulate)
  }
}
