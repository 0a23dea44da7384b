import Autograd
import Compute

/// Normalises each row to mean 0 and variance 1, then scales and shifts it (Ba, Kiros and Hinton, 2016).
public struct LayerNorm: Module {
  /// The factors, one for each element of a row.
  public let gain: Tensor
  /// The offsets.
  public let bias: Tensor
  private let epsilon: Float

  /// Declares `gain`, initially one, and `bias`, initially zero.
  ///
  /// - Parameters:
  ///   - width: The extent of the last dimension.
  ///   - p: The scope that gets the parameters.
  ///   - epsilon: A small number added to the variance.
  /// - Throws: ``ParameterError`` when the scope has them already.
  public init(_ width: Int, _ p: Parameters, epsilon: Float = 1e-5) throws {
    gain = try p("gain", [width], .ones)
    bias = try p("bias", [width])
    self.epsilon = epsilon
  }

  /// - Returns: The shape of x.
  /// - Throws: `DeviceError` when the device fails.
  public func callAsFunction(_ x: Tensor) throws(DeviceError) -> Tensor {
    try x.standardized([-1], epsilon) * gain + bias
  }
}

/// Normalises groups of channels of each image to mean 0 and variance 1, then scales and shifts each channel (Wu
/// and He, 2018).
public struct GroupNorm: Module {
  /// The factors, one for each channel.
  public let gain: Tensor
  /// The offsets.
  public let bias: Tensor
  private let groups: Int
  private let epsilon: Float

  /// Declares `gain`, initially one, and `bias`, initially zero.
  ///
  /// - Parameters:
  ///   - channels: The extent of the last dimension.
  ///   - groups: The number of groups; the channels of a group are adjacent.
  ///   - p: The scope that gets the parameters.
  ///   - epsilon: A small number added to the variance.
  /// - Throws: ``ParameterError`` when the groups don't divide the channels, or the scope has such parameters.
  public init(_ channels: Int, groups: Int, _ p: Parameters, epsilon: Float = 1e-5) throws {
    guard groups > 0, channels % groups == 0 else {
      throw ParameterError("\(channels) channels can't be divided into \(groups) groups")
    }
    gain = try p("gain", [channels], .ones)
    bias = try p("bias", [channels])
    self.groups = groups
    self.epsilon = epsilon
  }

  /// - Parameter x: batch × … × channels.
  /// - Returns: The shape of x.
  /// - Throws: `DeviceError` when the device fails.
  public func callAsFunction(_ x: Tensor) throws(DeviceError) -> Tensor {
    let (batch, channels) = (x.shape[0], x.shape[-1])
    let pixels = x.shape.count / batch / channels
    let image = try x.reshaped([batch, pixels, channels])
    /// The mean over the pixels and the channels of a group, for each channel: what has all pixels is only reduced and
    /// broadcast along them, which devices are fast at.
    func mean(_ x: Tensor) throws(DeviceError) -> Tensor {
      try x.mean([1]).reshaped([batch, groups, channels / groups]).mean(
        [2], keepingDimensions: true
      )
      .repeated(2, count: channels / groups).reshaped([batch, 1, channels])
    }
    let centred = try image - mean(image)
    let variance = try mean(centred.map(.square))
    let scale = try gain / (variance + Tensor(epsilon, on: x.device)).map(.squareRoot)
    return try (centred * scale + bias).reshaped(x.shape)
  }
}

/// Normalises each channel to mean 0 and variance 1, by the statistics of the batch while training and by running
/// statistics otherwise, then scales and shifts it (Ioffe and Szegedy, 2015).
public struct BatchNorm: Module {
  /// The factors, one for each channel.
  public let gain: Tensor
  /// The offsets.
  public let bias: Tensor
  /// The running mean of each channel.
  public let mean: Tensor
  /// The running sample variance of each channel, with Bessel's correction.
  public let variance: Tensor
  private let momentum: Float
  private let epsilon: Float

  /// Declares `gain`, initially one, `bias`, initially zero, and the running `mean` and `variance`, which are not
  /// trained.
  ///
  /// - Parameters:
  ///   - channels: The extent of the last dimension.
  ///   - p: The scope that gets the parameters.
  ///   - momentum: The weight of a batch's statistics in the running ones.
  ///   - epsilon: A small number added to the variance.
  /// - Throws: ``ParameterError`` when the scope has them already.
  public init(
    _ channels: Int, _ p: Parameters, momentum: Float = 0.1, epsilon: Float = 1e-5
  ) throws {
    gain = try p("gain", [channels], .ones)
    bias = try p("bias", [channels])
    mean = try p.state("mean", [channels], 0)
    variance = try p.state("variance", [channels], 1)
    self.momentum = momentum
    self.epsilon = epsilon
  }

  /// - Parameter x: batch × … × channels.
  /// - Returns: The shape of x.
  /// - Throws: `DeviceError` when the device fails.
  public func callAsFunction(_ x: Tensor) throws(DeviceError) -> Tensor {
    let isTraining = TrainingStep.current != nil
    if isTraining { try updateStatistics(x) }
    let axes = Array(0..<x.shape.rank - 1)
    let standard =
      isTraining
      ? try x.standardized(axes, epsilon)
      : try (x - mean) / (variance + Tensor(epsilon, on: x.device)).map(.squareRoot)
    return try standard * gain + bias
  }

  private func updateStatistics(_ x: Tensor) throws(DeviceError) {
    let device = x.device
    let rows = Tensor(x.buffer, Shape(x.shape.matrix), on: device)
    let count = Float(rows.shape.rows)
    // Bessel's correction: the running variance is that of a sample.
    let unbiased = try rows.variance([0]).scaled(by: count / max(1, count - 1))
    for (running, new) in [(mean, try rows.mean([0])), (variance, unbiased)] {
      try device.scaledAdd(momentum, new.buffer, 1 - momentum, into: running.buffer)
    }
  }
}

extension Tensor {
  /// The tensor standardised to mean 0 and variance 1 over some dimensions.
  fileprivate func standardized(_ axes: [Int], _ epsilon: Float) throws(DeviceError) -> Tensor {
    let centred = try self - mean(axes, keepingDimensions: true)
    let variance = try centred.map(.square).mean(axes, keepingDimensions: true)
    return try centred / (variance + Tensor(epsilon, on: device)).map(.squareRoot)
  }
}
