import Foundation

/// One step of Adam (Kingma and Ba, 2015, algorithm 1), with the weight decay of AdamW (Loshchilov and
/// Hutter, 2019, algorithm 2):
///
/// m ← β₁m + (1 − β₁)g, v ← β₂v + (1 − β₂)g², p ← (1 − αλ)p − α·m̂ / (√v̂ + ε), with the bias-corrected
/// m̂ = m / (1 − β₁ᵗ) and v̂ = v / (1 − β₂ᵗ).
public struct AdamStep: Sendable, Hashable {
  /// α, the learning rate.
  public var learningRate: Float
  /// β₁, the decay of the first moment.
  public var firstDecay: Float
  /// β₂, the decay of the second moment.
  public var secondDecay: Float
  /// ε, which keeps the quotient finite.
  public var epsilon: Float
  /// λ, how fast parameters decay by themselves.
  public var weightDecay: Float
  /// t, from 1.
  public var step: Int

  /// Step number `step` with the paper's learning rate and the usual decays.
  public init(
    step: Int, learningRate: Float = 0.001, firstDecay: Float = 0.9, secondDecay: Float = 0.999,
    epsilon: Float = 1e-8, weightDecay: Float = 0
  ) {
    stopUnless(step >= 1, "Adam counts its steps from 1, not \(step)")
    self.learningRate = learningRate
    self.firstDecay = firstDecay
    self.secondDecay = secondDecay
    self.epsilon = epsilon
    self.weightDecay = weightDecay
    self.step = step
  }

  /// 1 / (1 − β₁ᵗ), in double precision before rounding.
  public var firstCorrection: Float { Float(1 / (1 - pow(Double(firstDecay), Double(step)))) }
  /// 1 / (1 − β₂ᵗ), in double precision before rounding.
  public var secondCorrection: Float { Float(1 / (1 - pow(Double(secondDecay), Double(step)))) }
  /// 1 − αλ, what is left of a parameter before the step.
  public var remainder: Float { 1 - learningRate * weightDecay }
}

/// See ``Device/adamStep(_:parameters:gradients:firstMoments:secondMoments:)``.
public struct AdamOperation: DeviceOperation {
  public static let name = "adamStep"
  /// The settings of the step.
  public let adam: AdamStep
  /// p, which the step changes.
  public let parameters: Buffer
  /// g, the gradient of each parameter.
  public let gradients: Buffer
  /// m, which the step brings up to date.
  public let firstMoments: Buffer
  /// v, which the step brings up to date.
  public let secondMoments: Buffer

  public var results: [Buffer] { [parameters, firstMoments, secondMoments] }
  public var cost: Cost {
    let count = Double(parameters.count)
    // Four are read, and three of them written.
    return Cost(operations: 12 * count, bytes: 7 * 4 * count)
  }

  public func check() {
    gradients.require(parameters.count, "the gradients of Adam")
    firstMoments.require(parameters.count, "the first moments of Adam")
    secondMoments.require(parameters.count, "the second moments of Adam")
    parameters.require(parameters.count, "the parameters of Adam")
  }

  /// The formula.
  public func compose(on device: any Device) throws(DeviceError) {
    let g = Intermediate(gradients, [parameters.count], on: device)
    let m = Intermediate(firstMoments, [parameters.count], on: device)
    let v = Intermediate(secondMoments, [parameters.count], on: device)
    try device.scaledAdd(1 - adam.firstDecay, gradients, adam.firstDecay, into: firstMoments)
    try device.scaledAdd(
      1 - adam.secondDecay, g.map(.square).buffer, adam.secondDecay, into: secondMoments)
    let deviation = try v.zip(.multiply, adam.secondCorrection).map(.squareRoot)
    let change = try m.zip(.multiply, -adam.learningRate * adam.firstCorrection)
      .zip(.divide, deviation.zip(.add, adam.epsilon))
    try device.scaledAdd(1, change.buffer, adam.remainder, into: parameters)
  }
}

extension Device {
  /// One step of Adam over a whole arena; see ``AdamStep``.
  public func adamStep(
    _ adam: AdamStep, parameters: Buffer, gradients: Buffer, firstMoments: Buffer,
    secondMoments: Buffer
  ) throws(DeviceError) {
    try perform(
      AdamOperation(
        adam: adam, parameters: parameters, gradients: gradients, firstMoments: firstMoments,
        secondMoments: secondMoments))
  }
}
