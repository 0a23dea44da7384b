/// Pooling over batch × height × width × channels. A window that crosses the edge pools only the pixels
/// inside.
public struct Pooling: Sendable, Hashable {
  /// How a window is pooled.
  public enum Function: String, Sendable, CaseIterable {
    /// NaN if there is one.
    case maximum
    /// The mean of the pixels inside the image.
    case average
  }

  /// How a window is pooled.
  public var function: Function
  /// The number of images.
  public var batch: Int
  /// The height of an input image.
  public var height: Int
  /// The width of an input image.
  public var width: Int
  /// The channels.
  public var channels: Int
  /// The windows along the height.
  public var rows: Window
  /// The windows along the width.
  public var columns: Window

  /// Describes a pooling: by default the maximum of adjacent 2 × 2 windows, ignoring a last odd row or
  /// column.
  public init(
    _ function: Function = .maximum, batch: Int, height: Int, width: Int, channels: Int,
    rows: Window = Window(2, stride: 2), columns: Window = Window(2, stride: 2)
  ) {
    stopUnless(
      rows.count(over: height) > 0 && columns.count(over: width) > 0, "windows fit an image")
    self.function = function
    self.batch = batch
    self.height = height
    self.width = width
    self.channels = channels
    self.rows = rows
    self.columns = columns
  }

  /// The height of an output image.
  public var outputHeight: Int { rows.count(over: height) }
  /// The width of an output image.
  public var outputWidth: Int { columns.count(over: width) }
  /// The elements of the input.
  public var inputCount: Int { batch * height * width * channels }
  /// The elements of the output.
  public var outputCount: Int { batch * outputHeight * outputWidth * channels }

  /// Whether it is the maximum of adjacent 2 × 2 windows, for which there are dedicated loops.
  package var isMaximumOfFours: Bool {
    function == .maximum && rows == Window(2, stride: 2) && columns == rows
  }

  /// Batch, height, width and channels of the input.
  package var extents: [Int] { [batch, height, width, channels] }

  /// The operations: one for each element of each window.
  fileprivate var operations: Double { Double(outputCount) * Double(rows.size * columns.size) }
}

/// See ``Device/pool(_:_:into:)``.
public struct PoolOperation: DeviceOperation {
  public static let name = "pool"
  /// The extents, and whether it is the maximum or the mean.
  public let shape: Pooling
  /// The images, batch × height × width × channels.
  public let x: Buffer
  /// The result, a pixel for each window.
  public let y: Buffer

  public var results: [Buffer] { [y] }
  public var cost: Cost { Cost(operations: shape.operations, [x, y]) }
  public var extents: [Int] { shape.extents }
  public var detail: String { shape.function.rawValue }

  public func check() {
    x.require(shape.inputCount, "the input of a pooling")
    y.require(shape.outputCount, "the output of a pooling")
  }
}

/// See ``Device/poolGradient(_:_:outputGradient:into:accumulate:)``.
public struct PoolGradientOperation: DeviceOperation {
  public static let name = "poolGradient"
  /// The extents, and whether it is the maximum or the mean.
  public let shape: Pooling
  /// The images, batch × height × width × channels.
  public let x: Buffer
  /// dy, a pixel for each window.
  public let outputGradient: Buffer
  /// dx, of the shape of the images.
  public let xGradient: Buffer
  /// Whether dx is added to rather than replaced.
  public let accumulate: Bool

  public var results: [Buffer] { [xGradient] }
  public var cost: Cost { Cost(operations: shape.operations, [x, outputGradient, xGradient]) }
  public var extents: [Int] { shape.extents }
  public var detail: String { shape.function.rawValue }

  public func check() {
    x.require(shape.inputCount, "the input of a pooling")
    outputGradient.require(shape.outputCount, "the output gradient of a pooling")
    xGradient.require(shape.inputCount, "the gradient of a pooling's input")
  }
}

extension Device {
  /// The maximum or the mean of each window; see ``Pooling``.
  public func pool(_ shape: Pooling, _ x: Buffer, into y: Buffer) throws(DeviceError) {
    try perform(PoolOperation(shape: shape, x: x, y: y))
  }

  /// The gradient of ``pool(_:_:into:)``. For a maximum, `dx (+)= dy` at the first of each window (row by
  /// row), nothing elsewhere; for a mean, an equal share of dy for each pixel inside. Windows may overlap.
  public func poolGradient(
    _ shape: Pooling, _ x: Buffer, outputGradient: Buffer, into xGradient: Buffer,
    accumulate: Bool
  ) throws(DeviceError) {
    try perform(
      PoolGradientOperation(
        shape: shape, x: x, outputGradient: outputGradient, xGradient: xGradient,
        accumulate: accumulate))
  }
}
