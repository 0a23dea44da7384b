import Compute
import Foundation

extension Oracle {
  /// Algorithm 1 of Kingma and Ba: the new parameters and both moments.
  package static func adamStep(
    _ adam: Adam, parameters: [Float], gradients: [Float], firstMoments: [Float],
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
      p.append(Measured(parameters[i]) - Double(adam.learningRate) * mHat / denominator)
    }
    return (p, m, v)
  }
}
