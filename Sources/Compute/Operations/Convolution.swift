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

  /// Stops the program unless the operands have these extents.
  public func check(
    input: Buffer? = nil, weights: Buffer? = nil, bias: Buffer? = nil, output: Buffer? = nil
  ) {
    input?.require(inputCount, "the input of conv2d")
    weights?.require(weightCount, "the weights of conv2d")
    bias?.require(outputChannels, "the bias of conv2d")
    output?.require(outputCount, "the output of conv2d")
  }

  /// The floating point operations: two for each multiply-add.
  public var operations: Double {
    2 * Double(outputCount) * Double(size * size * inputChannels)
  }
}

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

  /// Stops the program unless the operands have these extents.
  public func check(input: Buffer, output: Buffer) {
    input.require(inputCount, "the input of a pooling")
    output.require(outputCount, "the output of a pooling")
  }
}
