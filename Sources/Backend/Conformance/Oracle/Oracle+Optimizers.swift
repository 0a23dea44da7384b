import Compute
import Foundation

extension Oracle {
  /// Algorithm 1 of Kingma and Ba: the new parameters and both moments.
  package static func adamStep(
    _ adam: AdamStep, parameters: [Float], gradients: [Float], firstMoments: [Float],
    secondMoments: [Float]
  ) -> (parameters: [Measured], firstMoments: [Measured], secondMoments: [Measured]) {
    let (beta1, beta2) = (Double(adam.firstDecay), Double(adam.secondDecay))
    let t = Double(adam.step)
    var (p, m, v) = ([Measured](), [Measured](), [Measured]())
    for i in parameters.indices {
      let g = Measured(gradients[i])
      m.append(beta1 * Measured(firstMoments[i]) + (1 - beta1) * g)
      v.append(beta2 * Measured(secondMoments[i]) + (1 - beta2) * (g * g))
      let mHat = m[i] / (1 - pow(beta1, t))
      let vHat = v[i] / (1 - pow(beta2, t))
      let denominator = vHat.value.squareRoot() + Double(adam.epsilon)
      p.append(
        (1 - Double(adam.learningRate) * Double(adam.weightDecay)) * Measured(parameters[i])
          - Double(adam.learningRate) * mHat / denominator)
    }
    return (p, m, v)
  }

  /// Gradient descent with momentum: the new parameters and velocities.
  package static func gradientDescentStep(
    _ descent: GradientDescentStep, parameters: [Float], gradients: [Float], velocities: [Float]
  ) -> (parameters: [Measured], velocities: [Measured]) {
    let (rate, momentum) = (Double(descent.learningRate), Double(descent.momentum))
    var (p, v) = ([Measured](), [Measured]())
    for i in parameters.indices {
      let g = Measured(gradients[i]) + Double(descent.weightDecay) * Measured(parameters[i])
      v.append(momentum * Measured(velocities[i]) + g)
      p.append(
        Measured(parameters[i]) - rate * (descent.isNesterov ? g + momentum * v[i] : v[i]))
    }
    return (p, v)
  }
}
