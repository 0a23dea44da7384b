/// A convolution over a batch of images.
///
/// Images are stored as batch × height × width × channels, kernels as
/// rows.size × columns.size × inputChannels × outputChannels; padding is zero:
/// `y[b, i, j, f] = f(Σ x[b, i·stride + p − before, j·stride + q − before, c]·w[p, q, c, f] + bias[f])`.
public struct Convolution: Sendable, Hashable {
  /// The number of images.
  public var batch: Int
  /// The height of an input image.
  public var height: Int
  /// The width of an input image.
  public var width: Int
  /// The channels of an input image.
  public var inputChannels: Int
  /// The channels of an output image.
  public var outputChannels: Int
  /// The kernel windows along the height.
  public var rows: Window
  /// The kernel windows along the width.
  public var columns: Window
  /// The function applied last.
  public var activation: UnaryFunction

  /// Describes a convolution.
  public init(
    batch: Int, height: Int, width: Int, inputChannels: Int, outputChannels: Int, rows: Window,
    columns: Window, activation: UnaryFunction = .identity
  ) {
    stopUnless(
      rows.count(over: height) > 0 && columns.count(over: width) > 0, "kernels fit an image")
    self.batch = batch
    self.height = height
    self.width = width
    self.inputChannels = inputChannels
    self.outputChannels = outputChannels
    self.rows = rows
    self.columns = columns
    self.activation = activation
  }

  /// Describes a convolution of square kernels, with the same stride and padding on all sides.
  public init(
    batch: Int, height: Int, width: Int, inputChannels: Int, outputChannels: Int, size: Int = 3,
    stride: Int = 1, padding: Int = 0, activation: UnaryFunction = .identity
  ) {
    let window = Window(size, stride: stride, padding: padding)
    self.init(
      batch: batch, height: height, width: width, inputChannels: inputChannels,
      outputChannels: outputChannels, rows: window, columns: window, activation: activation)
  }

  /// The height of an output image.
  public var outputHeight: Int { rows.count(over: height) }
  /// The width of an output image.
  public var outputWidth: Int { columns.count(over: width) }
  /// The number of taps of a kernel.
  public var taps: Int { rows.size * columns.size }
  /// The number of elements of the input.
  public var inputCount: Int { batch * height * width * inputChannels }
  /// The number of elements of the kernels.
  public var weightCount: Int { taps * inputChannels * outputChannels }
  /// The number of elements of the output.
  public var outputCount: Int { batch * outputHeight * outputWidth * outputChannels }
  /// The pooling of the output by windows of 2 × 2.
  public var pooling: Pooling {
    Pooling(batch: batch, height: outputHeight, width: outputWidth, channels: outputChannels)
  }

  /// Batch, height, width and channels of the input, and the channels of the output.
  package var extents: [Int] { [batch, height, width, inputChannels, outputChannels] }
  /// The kernels' windows, unless they are the usual 3 × 3.
  package var windows: String {
    if rows == Window(3) && columns == rows { return "" }
    return "\(rows.size)x\(columns.size) by \(rows.stride), padded \(rows.before)"
  }

  /// The same without an activation.
  package var linear: Convolution {
    var convolution = self
    convolution.activation = .identity
    return convolution
  }

  /// For stride 1, the convolution that gives the input's gradient: of the output's gradient, with the
  /// kernels rotated by 180° and their channels swapped.
  package var transposed: Convolution {
    func turned(_ window: Window) -> Window {
      Window(
        window.size, before: window.size - 1 - window.before, after: window.size - 1 - window.after)
    }
    return Convolution(
      batch: batch, height: outputHeight, width: outputWidth, inputChannels: outputChannels,
      outputChannels: inputChannels, rows: turned(rows), columns: turned(columns))
  }

  /// Whether it pays to compute tiles of 4 × 4 results at once (Lavin and Gray, 2015), as the CPU kernels
  /// then do.
  ///
  /// From 16 input channels on this is 1.5 to 3 times as fast; with fewer the transforms cost what they
  /// save. The part of the tiles outside the image is wasted, so it may be at most half the part inside. An
  /// infinity or NaN can reach all results of a tile.
  package var paysInTiles: Bool {
    guard rows == columns, rows.size == 3, rows.stride == 1, rows.before == rows.after,
      inputChannels >= 16
    else { return false }
    let tiles = (outputHeight + 3) / 4 * ((outputWidth + 3) / 4)
    return 2 * 16 * tiles <= 3 * outputHeight * outputWidth
  }

  /// The same for the input's gradient.
  package var gradientPaysInTiles: Bool {
    rows.stride == 1 && columns.stride == 1 && transposed.paysInTiles
  }

  /// The input's gradient as convolutions of the output's, one for each remainder by the strides.
  package var inputGradientSweeps: [(rows: Sweep, columns: Sweep)] {
    (0..<rows.stride).flatMap { r in
      (0..<columns.stride).compactMap { c in
        guard let down = Sweep(gradient: rows, over: height, remainder: r),
          let across = Sweep(gradient: columns, over: width, remainder: c)
        else { return nil }
        return (down, across)
      }
    }
  }

  /// Whether no kernel reaches into the padding.
  package var isInside: Bool {
    rows.before == 0 && rows.after == 0 && columns.before == 0 && columns.after == 0
  }

  /// Whether kernels skip pixels of the input in between.
  package var leavesGaps: Bool { rows.stride > rows.size || columns.stride > columns.size }

  /// The floating point operations: two for each multiply-add.
  public var operations: Double {
    2 * Double(outputCount) * Double(taps * inputChannels)
  }
}

/// See ``Device/conv2d(_:_:weights:bias:into:)``.
public struct Conv2DOperation: DeviceOperation {
  public static let name = "conv2d"
  /// The extents, and the function applied last.
  public let shape: Convolution
  /// The images, batch × height × width × input channels.
  public let x: Buffer
  /// (rows · columns · input channels) × output channels.
  public let weights: Buffer
  /// One number for each output channel; nil for none.
  public let bias: Buffer?
  /// The result, batch × height × width × output channels.
  public let y: Buffer

  public var results: [Buffer] { [y] }
  public var cost: Cost { Cost(operations: shape.operations, [x, weights, bias, y]) }
  public var extents: [Int] { shape.extents }
  public var detail: String { shape.windows }

  public func check() {
    x.require(shape.inputCount, "the input of conv2d")
    weights.require(shape.weightCount, "the weights of conv2d")
    bias?.require(shape.outputChannels, "the bias of conv2d")
    y.require(shape.outputCount, "the output of conv2d")
  }
}

/// See ``Device/conv2dMaxPool(_:_:weights:bias:into:)``.
public struct Conv2DMaxPoolOperation: DeviceOperation {
  public static let name = "conv2dMaxPool"
  /// The extents of the convolution, and its function.
  public let shape: Convolution
  /// The images, batch × height × width × input channels.
  public let x: Buffer
  /// (rows · columns · input channels) × output channels.
  public let weights: Buffer
  /// One number for each output channel.
  public let bias: Buffer?
  /// The pooled result.
  public let y: Buffer

  public var results: [Buffer] { [y] }
  public var cost: Cost {
    Cost(operations: shape.operations + Double(shape.outputCount), [x, weights, bias, y])
  }
  public var extents: [Int] { shape.extents }
  public var detail: String { shape.windows }

  public func check() {
    x.require(shape.inputCount, "the input of conv2d")
    weights.require(shape.weightCount, "the weights of conv2d")
    bias?.require(shape.outputChannels, "the bias of conv2d")
    y.require(shape.pooling.outputCount, "the output of conv2dMaxPool")
  }

  /// The convolution, and then the pooling.
  public func compose(on device: any Device) throws(DeviceError) {
    let between = try device.makeBuffer(count: shape.outputCount, type: .float32)
    try device.conv2d(shape, x, weights: weights, bias: bias, into: between)
    try device.pool(shape.pooling, between, into: y)
  }
}

/// See ``Device/conv2dInputGradient(_:weights:outputGradient:into:accumulate:)``.
public struct Conv2DInputGradientOperation: DeviceOperation {
  public static let name = "conv2dInputGradient"
  /// The extents of the convolution.
  public let shape: Convolution
  /// Its weights.
  public let weights: Buffer
  /// dy, of the shape of the output.
  public let outputGradient: Buffer
  /// dx, of the shape of the images.
  public let xGradient: Buffer
  /// Whether dx is added to rather than replaced.
  public let accumulate: Bool

  public var results: [Buffer] { [xGradient] }
  public var cost: Cost {
    Cost(operations: shape.operations, [weights, outputGradient, xGradient])
  }
  public var extents: [Int] { shape.extents }
  public var detail: String { shape.windows }

  public func check() {
    weights.require(shape.weightCount, "the weights of conv2d")
    outputGradient.require(shape.outputCount, "the output gradient of conv2d")
    xGradient.require(shape.inputCount, "the input gradient of conv2d")
  }
}

/// See ``Device/conv2dWeightGradient(_:_:outputGradient:into:accumulate:)``.
public struct Conv2DWeightGradientOperation: DeviceOperation {
  public static let name = "conv2dWeightGradient"
  /// The extents of the convolution.
  public let shape: Convolution
  /// Its images.
  public let x: Buffer
  /// dy, of the shape of the output.
  public let outputGradient: Buffer
  /// dw, of the shape of the weights.
  public let weightsGradient: Buffer
  /// Whether dw is added to rather than replaced.
  public let accumulate: Bool

  public var results: [Buffer] { [weightsGradient] }
  public var cost: Cost {
    Cost(operations: shape.operations, [x, outputGradient, weightsGradient])
  }
  public var extents: [Int] { shape.extents }
  public var detail: String { shape.windows }

  public func check() {
    x.require(shape.inputCount, "the input of conv2d")
    outputGradient.require(shape.outputCount, "the output gradient of conv2d")
    weightsGradient.require(shape.weightCount, "the weight gradient of conv2d")
  }
}

extension Device {
  /// `y = f(x ⋆ w + bias)`; see ``Convolution``. `bias` has one number for each output channel.
  public func conv2d(
    _ shape: Convolution, _ x: Buffer, weights: Buffer, bias: Buffer?, into y: Buffer
  ) throws(DeviceError) {
    try perform(Conv2DOperation(shape: shape, x: x, weights: weights, bias: bias, y: y))
  }

  /// ``conv2d(_:_:weights:bias:into:)`` followed by ``pool(_:_:into:)``, for inference: the intermediate
  /// result need not be stored.
  public func conv2dMaxPool(
    _ shape: Convolution, _ x: Buffer, weights: Buffer, bias: Buffer?, into y: Buffer
  ) throws(DeviceError) {
    try perform(Conv2DMaxPoolOperation(shape: shape, x: x, weights: weights, bias: bias, y: y))
  }

  /// `dx (+)= dy ⋆ᵀ w`: the gradient of a convolution (before its activation) in its input.
  public func conv2dInputGradient(
    _ shape: Convolution, weights: Buffer, outputGradient: Buffer, into xGradient: Buffer,
    accumulate: Bool
  ) throws(DeviceError) {
    try perform(
      Conv2DInputGradientOperation(
        shape: shape, weights: weights, outputGradient: outputGradient, xGradient: xGradient,
        accumulate: accumulate))
  }

  /// `dw (+)= x ⋆ dy`: the gradient of a convolution (before its activation) in its weights.
  public func conv2dWeightGradient(
    _ shape: Convolution, _ x: Buffer, outputGradient: Buffer, into weightsGradient: Buffer,
    accumulate: Bool
  ) throws(DeviceError) {
    try perform(
      Conv2DWeightGradientOperation(
        shape: shape, x: x, outputGradient: outputGradient, weightsGradient: weightsGradient,
        accumulate: accumulate))
  }
}
