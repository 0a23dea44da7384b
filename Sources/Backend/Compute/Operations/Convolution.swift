/// A convolution of square kernels over a batch of images, without padding, with stride 1.
///
/// Images are stored as batch × height × width × channels, kernels as
/// size × size × inputChannels × outputChannels:
/// `y[b, i, j, f] = f(Σ x[b, i + p, j + q, c]·w[p, q, c, f] + bias[f])`.
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
  /// The height and width of a kernel.
  public var size: Int
  /// The function applied last.
  public var activation: UnaryFunction

  /// Describes a convolution.
  public init(
    batch: Int, height: Int, width: Int, inputChannels: Int, outputChannels: Int, size: Int = 3,
    activation: UnaryFunction = .identity
  ) {
    precondition(
      size <= height && size <= width, "a kernel of \(size) does not fit \(height) × \(width)")
    self.batch = batch
    self.height = height
    self.width = width
    self.inputChannels = inputChannels
    self.outputChannels = outputChannels
    self.size = size
    self.activation = activation
  }

  /// The height of an output image.
  public var outputHeight: Int { height - size + 1 }
  /// The width of an output image.
  public var outputWidth: Int { width - size + 1 }
  /// The elements of the input.
  public var inputCount: Int { batch * height * width * inputChannels }
  /// The elements of the kernels.
  public var weightCount: Int { size * size * inputChannels * outputChannels }
  /// The elements of the output.
  public var outputCount: Int { batch * outputHeight * outputWidth * outputChannels }
  /// The pooling of the output.
  public var pooling: Pooling {
    Pooling(batch: batch, height: outputHeight, width: outputWidth, channels: outputChannels)
  }

  /// The same without a function applied last.
  package var linear: Convolution {
    var convolution = self
    convolution.activation = .identity
    return convolution
  }

  /// The convolution that gives the gradient in the input: of the output's gradient with a margin
  /// of `size − 1` zeros, with the kernels turned round and their channels exchanged.
  package var transposed: Convolution {
    let margin = size - 1
    return Convolution(
      batch: batch, height: outputHeight + 2 * margin, width: outputWidth + 2 * margin,
      inputChannels: outputChannels, outputChannels: inputChannels, size: size)
  }

  /// Whether it pays to compute tiles of 4 × 4 results at once (Lavin and Gray, 2015), as the
  /// kernels for processors then do.
  ///
  /// From 16 input channels on they are so 1.5 to 3 times as fast; with fewer the transforms cost
  /// what they save. What of a tile lies outside of the image is wasted, so it may be half as much
  /// as lies inside. An infinity or NaN can reach all results of a tile.
  package var paysInTiles: Bool {
    let tiles = (outputHeight + 3) / 4 * ((outputWidth + 3) / 4)
    return size == 3 && inputChannels >= 16 && 2 * 16 * tiles <= 3 * outputHeight * outputWidth
  }

  /// The floating point operations: two for each multiply-add.
  public var operations: Double {
    2 * Double(outputCount) * Double(size * size * inputChannels)
  }
}

/// See ``Device/conv2d(_:_:weights:bias:into:)``.
public struct Conv2DOperation: DeviceOperation {
  public static let name = "conv2d"
  public let shape: Convolution
  public let x: Buffer
  public let weights: Buffer
  public let bias: Buffer?
  public let y: Buffer

  public var results: [Buffer] { [y] }
  public var cost: Cost { Cost(operations: shape.operations, [x, weights, bias, y]) }

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
  public let shape: Convolution
  public let x: Buffer
  public let weights: Buffer
  public let bias: Buffer?
  public let y: Buffer

  public var results: [Buffer] { [y] }
  public var cost: Cost {
    Cost(operations: shape.operations + Double(shape.outputCount), [x, weights, bias, y])
  }

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
    try device.maxPool(shape.pooling, between, into: y)
  }
}

/// See ``Device/conv2dInputGradient(_:weights:outputGradient:into:accumulate:)``.
public struct Conv2DInputGradientOperation: DeviceOperation {
  public static let name = "conv2dInputGradient"
  public let shape: Convolution
  public let weights: Buffer
  public let outputGradient: Buffer
  public let xGradient: Buffer
  public let accumulate: Bool

  public var results: [Buffer] { [xGradient] }
  public var cost: Cost {
    Cost(operations: shape.operations, [weights, outputGradient, xGradient])
  }

  public func check() {
    weights.require(shape.weightCount, "the weights of conv2d")
    outputGradient.require(shape.outputCount, "the output gradient of conv2d")
    xGradient.require(shape.inputCount, "the input gradient of conv2d")
  }
}

/// See ``Device/conv2dWeightGradient(_:_:outputGradient:into:accumulate:)``.
public struct Conv2DWeightGradientOperation: DeviceOperation {
  public static let name = "conv2dWeightGradient"
  public let shape: Convolution
  public let x: Buffer
  public let outputGradient: Buffer
  public let weightsGradient: Buffer
  public let accumulate: Bool

  public var results: [Buffer] { [weightsGradient] }
  public var cost: Cost {
    Cost(operations: shape.operations, [x, outputGradient, weightsGradient])
  }

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

  /// ``conv2d(_:_:weights:bias:into:)`` followed by ``maxPool(_:_:into:)``, for inference: what lies
  /// between need not be stored.
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
