/// Rows of a table by their index: a batch from a data set stored on the device as bytes, or the vectors of
/// an embedding.
///
/// A row whose index lies outside the table becomes NaN. An `int32` buffer gets the bytes unscaled, and −1
/// for such a row: labels.
public struct Gather: Sendable, Hashable {
  /// The number of elements in a row.
  public var width: Int
  /// The position of the batch's first row in the list of indices.
  public var first: Int
  /// The factor of each element.
  public var scale: Float

  /// Describes a batch.
  public init(width: Int, first: Int = 0, scale: Float = 1 / 255) {
    stopUnless(width > 0 && first >= 0, "no batch of width \(width) starts at \(first)")
    self.width = width
    self.first = first
    self.scale = scale
  }
}

/// See ``Device/gather(_:_:at:into:)``.
public struct GatherOperation: DeviceOperation {
  public static let name = "gather"
  /// The width of a row, the first index, and the scale.
  public let gather: Gather
  /// `uint8` or `float32`, n × width.
  public let table: Buffer
  /// `int32`, the row of the table for each row of `y`.
  public let indices: Buffer
  /// rows × width.
  public let y: Buffer

  public var results: [Buffer] { [y] }
  public var cost: Cost {
    Cost(
      operations: Double(y.count), bytes: Double(y.byteCount + y.count * table.elementType.size))
  }
  public var extents: [Int] { [y.count / gather.width, gather.width] }

  public func check() {
    let (width, first) = (gather.width, gather.first)
    let isBytes = table.elementType == .uint8
    table.require(
      table.count / width * width, "the table of gather", type: isBytes ? .uint8 : .float32)
    y.require(
      y.count / width * width, "the batch of gather",
      type: y.elementType == .int32 && isBytes ? .int32 : .float32)
    indices.require(indices.count, "the indices of gather", type: .int32)
    stopUnless(
      first + y.count / width <= indices.count,
      "a batch of \(y.count / width) from \(first) needs more than \(indices.count) indices")
  }
}

/// See ``Device/gatherGradient(_:at:outputGradient:into:accumulate:)``.
public struct GatherGradientOperation: DeviceOperation {
  public static let name = "gatherGradient"
  /// The width of a row, the first index, and the scale.
  public let gather: Gather
  /// `int32`, the row of the table for each row of dy.
  public let indices: Buffer
  /// dy, rows × width.
  public let outputGradient: Buffer
  /// dtable, n × width.
  public let tableGradient: Buffer
  /// Whether dtable is added to rather than replaced.
  public let accumulate: Bool

  /// The rows that were gathered.
  public var batch: Rows { Rows(outputGradient.count / gather.width, gather.width) }
  /// The shape of the table.
  public var table: Rows { Rows(tableGradient.count / gather.width, gather.width) }
  public var results: [Buffer] { [tableGradient] }
  public var cost: Cost {
    Cost(operations: 2 * Double(outputGradient.count), [outputGradient, tableGradient])
  }
  public var extents: [Int] { [batch.rows, batch.columns] }

  public func check() {
    outputGradient.require(batch.count, "the output gradient of gather")
    tableGradient.require(table.count, "the gradient of gather's table")
    indices.require(indices.count, "the indices of gather", type: .int32)
    stopUnless(
      gather.first + batch.rows <= indices.count,
      "a batch of \(batch.rows) from \(gather.first) needs more than \(indices.count) indices")
  }

  /// A product with the one-hot matrix of the indices: batch × rows of the table.
  public func compose(on device: any Device) throws(DeviceError) {
    let all = Intermediate(indices, [1, indices.count], on: device)
    let chosen = try all.columns(gather.first..<gather.first + batch.rows)
    let oneHot = try Intermediate.oneHot(
      chosen.buffer, Rows(batch.rows, table.rows), on: device)
    let scaled = try oneHot.zip(.multiply, gather.scale)
    try device.matmul(
      Matmul(
        m: table.rows, n: gather.width, k: batch.rows, transposeA: true, accumulate: accumulate),
      scaled.buffer, outputGradient, bias: nil, into: tableGradient)
  }
}

extension Device {
  /// `y[r, :] = scale · table[indices[first + r], :]`: a batch from a data set of bytes, or of the vectors
  /// of an embedding; see ``Gather``.
  ///
  /// - Parameters:
  ///   - gather: The width of a row, the first index, and the scale.
  ///   - table: `uint8` or `float32`, n × width.
  ///   - indices: `int32`, at least `first` plus one for each row of `y`.
  ///   - y: `float32`, or from bytes `int32`, rows × width.
  public func gather(_ gather: Gather, _ table: Buffer, at indices: Buffer, into y: Buffer)
    throws(DeviceError)
  {
    try perform(GatherOperation(gather: gather, table: table, indices: indices, y: y))
  }

  /// `dtable[k, :] (+)= scale · Σ dy[r, :]` over the rows r whose index is k: the gradient of
  /// ``gather(_:_:at:into:)`` in a table of numbers. An index outside it contributes nothing.
  public func gatherGradient(
    _ gather: Gather, at indices: Buffer, outputGradient: Buffer, into tableGradient: Buffer,
    accumulate: Bool
  ) throws(DeviceError) {
    try perform(
      GatherGradientOperation(
        gather: gather, indices: indices, outputGradient: outputGradient,
        tableGradient: tableGradient, accumulate: accumulate))
  }
}
