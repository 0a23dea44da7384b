import Compute
import Foundation

extension Oracle {
  /// `Σ_c softplus(l) − x·l` of each row.
  package static func binaryCrossEntropy(
    _ shape: Rows, logits: [Float], targets: [Float]
  ) -> [Measured] {
    (0..<shape.rows).map { r in
      (r * shape.columns..<(r + 1) * shape.columns).reduce(.zero) { sum, i in
        let softplus = Measured(value(.softplus, Double(logits[i])))
        return sum + softplus - Measured(targets[i]) * Measured(logits[i])
      }
    }
  }

  /// `dloss[r]·(sigmoid(l) − x)`.
  package static func binaryCrossEntropyGradient(
    _ shape: Rows, logits: [Float], targets: [Float], lossGradient: [Float], old: [Float]?
  ) -> [Measured] {
    (0..<shape.count).map { i in
      let sigmoid = Measured(value(.sigmoid, Double(logits[i])))
      let gradient =
        Measured(lossGradient[i / shape.columns]) * (sigmoid - Measured(targets[i]))
      return old.map { Measured($0[i]) + gradient } ?? gradient
    }
  }
}

/// The distribution q(z|x) of each row and dimension, from rows of means and log variances.
private func moments(_ shape: Rows, _ parameters: [Float], _ i: Int) -> (
  mean: Measured, logVariance: Measured, deviation: Measured, variance: Measured
) {
  let d = shape.columns
  let row = i / d * 2 * d
  let (mean, logVariance) = (parameters[row + i % d], parameters[row + d + i % d])
  return (
    Measured(mean), Measured(logVariance), Measured(exp(Double(logVariance) / 2)),
    Measured(exp(Double(logVariance)))
  )
}

/// Lays out the gradients of means and log variances like the parameters, added to the old.
private func parameterGradients(
  _ shape: Rows, old: [Float]?, _ gradient: (Int) -> (mean: Measured, logVariance: Measured)
) -> [Measured] {
  var result = [Measured](repeating: .zero, count: 2 * shape.count)
  for i in 0..<shape.count {
    let d = shape.columns
    let mean = i / d * 2 * d + i % d
    (result[mean], result[mean + d]) = gradient(i)
  }
  if let old { for i in result.indices { result[i] += Measured(old[i]) } }
  return result
}

extension Oracle {
  /// `μ + σ·ε`.
  package static func reparameterize(_ shape: Rows, parameters: [Float], noise: [Float])
    -> [Measured]
  {
    (0..<shape.count).map { i in
      let q = moments(shape, parameters, i)
      return q.mean + q.deviation * Measured(noise[i])
    }
  }

  /// `dμ = dz`, `d log σ² = ½·dz·ε·σ`.
  package static func reparameterizeGradient(
    _ shape: Rows, parameters: [Float], noise: [Float], outputGradient: [Float], old: [Float]?
  ) -> [Measured] {
    parameterGradients(shape, old: old) { i in
      let q = moments(shape, parameters, i)
      let dz = Measured(outputGradient[i])
      return (dz, 0.5 * (dz * Measured(noise[i]) * q.deviation))
    }
  }

  /// `½ Σ_d (μ² + σ² − 1 − log σ²)` of each row.
  package static func gaussianDivergence(_ shape: Rows, parameters: [Float]) -> [Measured] {
    (0..<shape.rows).map { r in
      (r * shape.columns..<(r + 1) * shape.columns).reduce(.zero) { sum, i in
        let q = moments(shape, parameters, i)
        return sum + 0.5 * (q.mean * q.mean + q.variance - Measured(1.0) - q.logVariance)
      }
    }
  }

  /// `dμ = dkl·μ`, `d log σ² = ½·dkl·(σ² − 1)`.
  package static func gaussianDivergenceGradient(
    _ shape: Rows, parameters: [Float], divergenceGradient: [Float], old: [Float]?
  ) -> [Measured] {
    parameterGradients(shape, old: old) { i in
      let q = moments(shape, parameters, i)
      let dkl = Measured(divergenceGradient[i / shape.columns])
      return (dkl * q.mean, 0.5 * (dkl * (q.variance - Measured(1.0))))
    }
  }
}
