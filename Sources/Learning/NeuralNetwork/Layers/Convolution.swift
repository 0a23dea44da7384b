import Autograd
import Compute

/// A convolution of images, batch × height × width × channels; see ``/Compute/Convolution``.
public struct Conv2D: Module {
  /// (size · size · input channels) × output channels.
  public let weight: Tensor
  /// 1 × output channels.
  public let bias: Tensor
  /// The function applied last.
  public let activation: UnaryFunction
  private let window: Window
  private let channels: (input: Int, output: Int)

  /// Declares `weight`, initialised as by Glorot and Bengio from the fan-in and fan-out of a kernel unless asked
  /// otherwise, and `bias`, initially zero.
  ///
  /// - Parameters:
  ///   - inputs: The channels of an input image.
  ///   - outputs: The channels of an output image: the number of kernels.
  ///   - size: The rows and columns of a kernel.
  ///   - stride: The pixels from one position of a kernel to the next.
  ///   - padding: The rows and columns of zeros around an image.
  ///   - activation: The function applied last.
  ///   - p: The scope that gets the parameters.
  ///   - initialization: The starting values of the weights.
  /// - Throws: ``ParameterError`` when the scope has them already.
  public init(
    _ inputs: Int, _ outputs: Int, size: Int, stride: Int = 1, padding: Int = 0,
    _ activation: UnaryFunction, _ p: Parameters, initialization: Initialization? = nil
  ) throws {
    let taps = size * size
    weight = try p(
      "weight", [taps * inputs, outputs],
      initialization ?? .glorot(inputs: taps * inputs, outputs: taps * outputs))
    bias = try p("bias", [1, outputs])
    self.activation = activation
    window = Window(size, stride: stride, padding: padding)
    channels = (inputs, outputs)
  }

  /// Declares a layer without an activation; see ``init(_:_:size:stride:padding:_:_:initialization:)``.
  /// - Throws: ``ParameterError`` when the scope has its parameters already.
  public init(
    _ inputs: Int, _ outputs: Int, size: Int, stride: Int = 1, padding: Int = 0, _ p: Parameters,
    initialization: Initialization? = nil
  ) throws {
    try self.init(
      inputs, outputs, size: size, stride: stride, padding: padding, .identity, p,
      initialization: initialization)
  }

  /// The convolution of a batch of images.
  ///
  /// - Parameters:
  ///   - batch: The number of images.
  ///   - height: Their rows.
  ///   - width: Their columns.
  public func shape(_ batch: Int, _ height: Int, _ width: Int) -> Convolution {
    Convolution(
      batch: batch, height: height, width: width, inputChannels: channels.input,
      outputChannels: channels.output, rows: window, columns: window, activation: activation)
  }

  /// - Parameter x: batch × height × width × input channels.
  /// - Returns: batch × height × width × output channels.
  /// - Throws: `DeviceError` when the device fails.
  public func callAsFunction(_ x: Tensor) throws(DeviceError) -> Tensor {
    try x.convolved(shape(x.shape[0], x.shape[1], x.shape[2]), weight, bias)
  }
}

/// A transposed convolution of images, batch × height × width × channels: each pixel is spread over the extent of a
/// kernel; see ``/Autograd/Tensor/convolvedTransposed(_:_:_:)``.
public struct ConvTranspose2D: Module {
  /// (size · size · output channels) × input channels.
  public let weight: Tensor
  /// 1 × output channels.
  public let bias: Tensor
  private let window: Window
  private let channels: (input: Int, output: Int)
  private let activation: UnaryFunction

  /// Declares `weight`, initialised as by Glorot and Bengio from the fan-in and fan-out of a kernel unless asked
  /// otherwise, and `bias`, initially zero.
  ///
  /// - Parameters:
  ///   - inputs: The channels of an input image.
  ///   - outputs: The channels of an output image.
  ///   - size: The rows and columns of a kernel.
  ///   - stride: The output pixels from one input pixel's place to the next.
  ///   - padding: The rows and columns that are cropped on each side.
  ///   - activation: The function applied last.
  ///   - p: The scope that gets the parameters.
  ///   - initialization: The starting values of the weights.
  /// - Throws: ``ParameterError`` when the scope has them already.
  public init(
    _ inputs: Int, _ outputs: Int, size: Int, stride: Int = 1, padding: Int = 0,
    _ activation: UnaryFunction, _ p: Parameters, initialization: Initialization? = nil
  ) throws {
    let taps = size * size
    weight = try p(
      "weight", [taps * outputs, inputs],
      initialization ?? .glorot(inputs: taps * inputs, outputs: taps * outputs))
    bias = try p("bias", [1, outputs])
    window = Window(size, stride: stride, padding: padding)
    channels = (inputs, outputs)
    self.activation = activation
  }

  /// Declares a layer without an activation; see ``init(_:_:size:stride:padding:_:_:initialization:)``.
  /// - Throws: ``ParameterError`` when the scope has its parameters already.
  public init(
    _ inputs: Int, _ outputs: Int, size: Int, stride: Int = 1, padding: Int = 0, _ p: Parameters,
    initialization: Initialization? = nil
  ) throws {
    try self.init(
      inputs, outputs, size: size, stride: stride, padding: padding, .identity, p,
      initialization: initialization)
  }

  /// - Parameter x: batch × height × width × input channels.
  /// - Returns: batch × ((height − 1) · stride + size − 2 · padding) × the same for the width × output channels.
  /// - Throws: `DeviceError` when the device fails.
  public func callAsFunction(_ x: Tensor) throws(DeviceError) -> Tensor {
    func extent(_ pixels: Int) -> Int {
      (pixels - 1) * window.stride + window.size - window.before - window.after
    }
    let shape = Convolution(
      batch: x.shape[0], height: extent(x.shape[1]), width: extent(x.shape[2]),
      inputChannels: channels.output, outputChannels: channels.input, rows: window,
      columns: window)
    let y = try x.convolvedTransposed(shape, weight, bias)
    return activation == .identity ? y : try y.map(activation)
  }
}
