/// See ``Device/fill(_:with:)``.
public struct FillOperation: DeviceOperation {
  public static let name = "fill"
  /// What is filled, `float32`.
  public let buffer: Buffer
  /// The value of every element.
  public let value: Float

  public var results: [Buffer] { [buffer] }
  public var cost: Cost { Cost([buffer]) }

  public func check() { buffer.require(buffer.count, "the destination of fill") }
}

/// See ``Device/copy(_:to:)``.
public struct CopyOperation: DeviceOperation {
  public static let name = "copy"
  /// What is copied.
  public let source: Buffer
  /// Where it goes, of the same size and type.
  public let destination: Buffer

  public var results: [Buffer] { [destination] }
  public var cost: Cost { Cost([source, destination]) }

  public func check() {
    destination.require(source.count, "the destination of copy", type: source.elementType)
  }
}

extension Device {
  /// Sets every element of a `float32` buffer to `value`.
  public func fill(_ buffer: Buffer, with value: Float) throws(DeviceError) {
    try perform(FillOperation(buffer: buffer, value: value))
  }

  /// Copies all of `source` to `destination`, of the same size and type.
  public func copy(_ source: Buffer, to destination: Buffer) throws(DeviceError) {
    try perform(CopyOperation(source: source, destination: destination))
  }
}
