import Compute

/// Stochastic gradient descent, optionally with momentum and weight decay; see ``/Compute/GradientDescentStep``.
public final class SGD: Optimizer {
  private let momentum: Float
  private let isNesterov: Bool
  private let weightDecay: Float

  /// Creates an optimiser for the parameters of a model, or of a scope.
  ///
  /// - Parameters:
  ///   - parameters: The parameters that it updates.
  ///   - learningRate: A number, or a schedule.
  ///   - momentum: The fraction of the last step that the next one keeps, below 1.
  ///   - isNesterov: Whether to use Nesterov momentum, where gradients count as those at the point to which the
  ///     momentum leads.
  ///   - weightDecay: The multiple of the parameters that is added to their gradients.
  ///   - clippingNorm: See ``Optimizer/clippingNorm``.
  /// - Throws: ``ParameterError`` when the rate is not positive; `DeviceError` when the device has no room.
  public init(
    _ parameters: Parameters, learningRate: Schedule, momentum: Float = 0,
    isNesterov: Bool = false, weightDecay: Float = 0, clippingNorm: Float? = nil
  ) throws {
    guard 0..<1 ~= momentum else {
      throw ParameterError("a momentum of \(momentum) is not in 0..<1")
    }
    self.momentum = momentum
    self.isNesterov = isNesterov
    self.weightDecay = weightDecay
    try super.init(
      parameters, learningRate: learningRate, clippingNorm: clippingNorm, state: ["velocity."])
  }

  public override func apply(rate: Float, parameters: Buffer, gradients: Buffer, state: [Buffer])
    throws(DeviceError)
  {
    try self.parameters.device.gradientDescentStep(
      GradientDescentStep(
        learningRate: rate, momentum: momentum, isNesterov: isNesterov, weightDecay: weightDecay),
      parameters: parameters, gradients: gradients, velocities: state[0])
  }
}
