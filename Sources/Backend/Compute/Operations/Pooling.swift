/// Pooling of windows of 2 × 2, side by side, over batch × height × width × channels. A last odd row or
/// column is left out.
public struct Pooling: Sendable, Hashable {
  /// The number of images.
  public var batch: Int
  /// The height of an input image.
  public var height: Int
  /// The width of an input image.
  public var width: Int
  /// The channels.
  public var channels: Int

  /// Describes a pooling.
  public init(batch: Int, height: Int, width: Int, channels: Int) {
    precondition(height >= 2 && width >= 2, "\(height) × \(width) is too small to pool")
    self.batch = batch
    self.height = height
    self.width = width
    self.channels = channels
  }

  /// The height of an output image.
  public var outputHeight: Int { height / 2 }
  /// The width of an output image.
  public var outputWidth: Int { width / 2 }
  /// The elements of the input.
  public var inputCount: Int { batch * height * width * channels }
  /// The elements of the output.
  public var outputCount: Int { batch * outputHeight * outputWidth * channels }
}

/// See ``Device/maxPool(_:_:into:)``.
public struct MaxPoolOperation: DeviceOperation {
  public static let name = "maxPool"
  public let shape: Pooling
  public let x: Buffer
  public let y: Buffer

  public var results: [Buffer] { [y] }
  public var cost: Cost { Cost(operations: Double(x.count), [x, y]) }

  public func check() {
    x.require(shape.inputCount, "the input of a pooling")
    y.require(shape.outputCount, "the output of a pooling")
  }
}

/// See ``Device/maxPoolGradient(_:_:outputGradient:into:accumulate:)``.
public struct MaxPoolGradientOperation: DeviceOperation {
  public static let name = "maxPoolGradient"
  public let shape: Pooling
  public let x: Buffer
  public let outputGradient: Buffer
  public let xGradient: Buffer
  public let accumulate: Bool

  public var results: [Buffer] { [xGradient] }
  public var cost: Cost { Cost(operations: Double(x.count), [x, outputGradient, xGradient]) }

  public func check() {
    x.require(shape.inputCount, "the input of a pooling")
    outputGradient.require(shape.outputCount, "the output gradient of a pooling")
    xGradient.require(shape.inputCount, "the gradient of a pooling's input")
  }
}

extension Device {
  /// The maximum of each window of 2 × 2; see ``Pooling``.
  public func maxPool(_ shape: Pooling, _ x: Buffer, into y: Buffer) throws(DeviceError) {
    try perform(MaxPoolOperation(shape: shape, x: x, y: y))
  }

  /// `dx (+)= dy` at the first maximum of each window (row by row), nothing elsewhere.
  public func maxPoolGradient(
    _ shape: Pooling, _ x: Buffer, outputGradient: Buffer, into xGradient: Buffer,
    accumulate: Bool
  ) throws(DeviceError) {
    try perform(
      MaxPoolGradientOperation(
        shape: shape, x: x, outputGradient: outputGradient, xGradient: xGradient,
        accumulate: accumulate))
  }
}
