/// A batch of rows from a data set that lives on the device as bytes.
///
/// A row whose index lies outside the data set becomes NaN. Into an `int32` buffer go the bytes
/// themselves, unscaled, and −1 for such a row: labels.
public struct Gather: Sendable, Hashable {
  /// The bytes of a row.
  public var width: Int
  /// The position in the list of indices of the batch's first row.
  public var first: Int
  /// What each byte is multiplied by.
  public var scale: Float

  /// Describes a batch.
  public init(width: Int, first: Int = 0, scale: Float = 1 / 255) {
    precondition(width > 0 && first >= 0, "no batch of width \(width) starts at \(first)")
    self.width = width
    self.first = first
    self.scale = scale
  }
}

/// See ``Device/gather(_:_:at:into:)``.
public struct GatherOperation: DeviceOperation {
  public static let name = "gather"
  public let gather: Gather
  public let bytes: Buffer
  public let indices: Buffer
  public let y: Buffer

  public var results: [Buffer] { [y] }
  public var cost: Cost {
    // A byte for each result.
    Cost(operations: Double(y.count), bytes: Double(y.byteCount + y.count))
  }

  public func check() {
    let (width, first) = (gather.width, gather.first)
    bytes.require(bytes.count / width * width, "the data set of gather", type: .uint8)
    y.require(
      y.count / width * width, "the batch of gather",
      type: y.elementType == .int32 ? .int32 : .float32)
    indices.require(indices.count, "the indices of gather", type: .int32)
    precondition(
      first + y.count / width <= indices.count,
      "a batch of \(y.count / width) from \(first) needs more than \(indices.count) indices")
  }
}

extension Device {
  /// `y[r, :] = scale · bytes[indices[first + r], :]`: a batch from a data set of bytes; see
  /// ``Gather``.
  ///
  /// - Parameters:
  ///   - bytes: `uint8`, n × width.
  ///   - indices: `int32`, at least `first` and one for each row of `y`.
  ///   - y: `float32` or `int32`, rows × width.
  public func gather(_ gather: Gather, _ bytes: Buffer, at indices: Buffer, into y: Buffer)
    throws(DeviceError)
  {
    try perform(GatherOperation(gather: gather, bytes: bytes, indices: indices, y: y))
  }
}
