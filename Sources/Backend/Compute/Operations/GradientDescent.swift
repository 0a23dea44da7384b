/// One step of gradient descent with momentum (Sutskever et al., 2013, in the form that PyTorch has):
///
/// g′ = g + λp, v ← μv + g′, p ← p − αv, or with Nesterov's momentum p ← p − α(g′ + μv).
public struct GradientDescentStep: Sendable, Hashable {
  /// α, the learning rate.
  public var learningRate: Float
  /// μ, the part of the velocity that a step keeps.
  public var momentum: Float
  /// Whether the gradient counts as that of the point to which the velocity leads.
  public var isNesterov: Bool
  /// λ, the factor of the parameters that is added to their gradients.
  public var weightDecay: Float

  /// Describes a step.
  public init(
    learningRate: Float, momentum: Float = 0, isNesterov: Bool = false, weightDecay: Float = 0
  ) {
    self.learningRate = learningRate
    self.momentum = momentum
    self.isNesterov = isNesterov
    self.weightDecay = weightDecay
  }
}

/// See ``Device/gradientDescentStep(_:parameters:gradients:velocities:)``.
public struct GradientDescentOperation: DeviceOperation {
  public static let name = "gradientDescentStep"
  /// The settings of the step.
  public let descent: GradientDescentStep
  /// p, which the step changes.
  public let parameters: Buffer
  /// g, the gradient of each parameter.
  public let gradients: Buffer
  /// v, which the step brings up to date.
  public let velocities: Buffer

  public var results: [Buffer] { [parameters, velocities] }
  public var cost: Cost {
    let count = Double(parameters.count)
    // Three are read, and two of them written.
    return Cost(operations: 6 * count, bytes: 5 * 4 * count)
  }

  public func check() {
    gradients.require(parameters.count, "the gradients of a descent")
    velocities.require(parameters.count, "the velocities of a descent")
    parameters.require(parameters.count, "the parameters of a descent")
  }

  /// The formula.
  public func compose(on device: any Device) throws(DeviceError) {
    let g = try device.makeBuffer(count: parameters.count, type: .float32)
    try device.copy(gradients, to: g)
    try device.scaledAdd(descent.weightDecay, parameters, 1, into: g)
    try device.scaledAdd(1, g, descent.momentum, into: velocities)
    if descent.isNesterov {
      try device.scaledAdd(descent.momentum, velocities, 1, into: g)
    }
    try device.scaledAdd(
      -descent.learningRate, descent.isNesterov ? g : velocities, 1, into: parameters)
  }
}

extension Device {
  /// One step of gradient descent over a whole arena; see ``GradientDescentStep``.
  public func gradientDescentStep(
    _ descent: GradientDescentStep, parameters: Buffer, gradients: Buffer, velocities: Buffer
  ) throws(DeviceError) {
    try perform(
      GradientDescentOperation(
        descent: descent, parameters: parameters, gradients: gradients, velocities: velocities))
  }
}
