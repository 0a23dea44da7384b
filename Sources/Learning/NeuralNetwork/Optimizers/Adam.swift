import Compute

/// Adam (Kingma and Ba, 2015); see ``/Compute/AdamStep``.
public class Adam: Optimizer {
  private let decays: (first: Float, second: Float)
  private let epsilon: Float
  private let weightDecay: Float

  /// Creates an optimiser for the parameters of a model, or of a scope.
  ///
  /// - Parameters:
  ///   - parameters: The parameters that it updates.
  ///   - learningRate: A number, or a schedule.
  ///   - firstDecay: β₁.
  ///   - secondDecay: β₂.
  ///   - epsilon: ε.
  ///   - clippingNorm: See ``Optimizer/clippingNorm``.
  /// - Throws: ``ParameterError`` when the rate is not positive; `DeviceError` when the device has no room.
  public convenience init(
    _ parameters: Parameters, learningRate: Schedule, firstDecay: Float = 0.9,
    secondDecay: Float = 0.999, epsilon: Float = 1e-8, clippingNorm: Float? = nil
  ) throws {
    try self.init(
      parameters, learningRate, (firstDecay, secondDecay), epsilon, weightDecay: 0, clippingNorm)
  }

  fileprivate init(
    _ parameters: Parameters, _ learningRate: Schedule, _ decays: (first: Float, second: Float),
    _ epsilon: Float, weightDecay: Float, _ clippingNorm: Float?
  ) throws {
    for decay in [decays.first, decays.second] where !(0..<1 ~= decay) {
      throw ParameterError("a decay of \(decay) is not in 0..<1")
    }
    self.decays = decays
    self.epsilon = epsilon
    self.weightDecay = weightDecay
    try super.init(
      parameters, learningRate: learningRate, clippingNorm: clippingNorm, state: ["m.", "v."])
  }

  public override func apply(rate: Float, parameters: Buffer, gradients: Buffer, state: [Buffer])
    throws(DeviceError)
  {
    try self.parameters.device.adamStep(
      AdamStep(
        step: steps, learningRate: rate, firstDecay: decays.first, secondDecay: decays.second,
        epsilon: epsilon, weightDecay: weightDecay),
      parameters: parameters, gradients: gradients, firstMoments: state[0],
      secondMoments: state[1])
  }
}

/// Adam with decoupled weight decay (Loshchilov and Hutter, 2019); see ``/Compute/AdamStep``.
public final class AdamW: Adam {
  /// Creates an optimiser for the parameters of a model, or of a scope.
  ///
  /// - Parameters:
  ///   - parameters: The parameters that it updates.
  ///   - learningRate: A number, or a schedule.
  ///   - weightDecay: λ: each step shrinks a parameter by the fraction learning rate · λ.
  ///   - firstDecay: β₁.
  ///   - secondDecay: β₂.
  ///   - epsilon: ε.
  ///   - clippingNorm: See ``Optimizer/clippingNorm``.
  /// - Throws: ``ParameterError`` when the rate is not positive; `DeviceError` when the device has no room.
  public init(
    _ parameters: Parameters, learningRate: Schedule, weightDecay: Float = 0.01,
    firstDecay: Float = 0.9, secondDecay: Float = 0.999, epsilon: Float = 1e-8,
    clippingNorm: Float? = nil
  ) throws {
    // A designated initialiser, so that Adam's, which has no weight decay, is not inherited.
    try super.init(
      parameters, learningRate, (firstDecay, secondDecay), epsilon, weightDecay: weightDecay,
      clippingNorm)
  }
}
