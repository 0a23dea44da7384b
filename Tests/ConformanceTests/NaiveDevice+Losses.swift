import Compute
import Foundation

extension NaiveDevice {
  func binaryCrossEntropy(_ shape: Rows, logits: Buffer, targets: Buffer, into loss: Buffer)
    throws(DeviceError)
  {
    for r in 0..<shape.rows {
      var sum: Float = 0
      for c in 0..<shape.columns - (has(.crossEntropyDropsLast) ? 1 : 0) {
        let i = r * shape.columns + c
        let (l, x) = (logits.floats[i], targets.floats[i])
        let softplus = has(.crossEntropyOverflows) ? log(1 + exp(l)) : value(.softplus, l)
        sum += has(.crossEntropyWrongSign) ? softplus + x * l : softplus - x * l
      }
      loss.floats[r] = sum
    }
  }

  func binaryCrossEntropyGradient(
    _ shape: Rows, logits: Buffer, targets: Buffer, lossGradient: Buffer,
    into logitsGradient: Buffer, accumulate: Bool
  ) throws(DeviceError) {
    for i in 0..<shape.count {
      let sign: Float = has(.crossEntropyGradientSign) ? -1 : 1
      let keeps = accumulate && !has(.crossEntropyGradientIgnoresAccumulate)
      let slope = sign * (value(.sigmoid, logits.floats[i]) - targets.floats[i])
      let old = keeps ? logitsGradient.floats[i] : 0
      logitsGradient.floats[i] = old + lossGradient.floats[i / shape.columns] * slope
    }
  }

  /// The places of the mean and the log variance of element `i`.
  private func places(_ shape: Rows, _ i: Int) -> (mean: Int, logVariance: Int) {
    if has(.reparameterizeInterleaved) { return (2 * i, 2 * i + 1) }
    let (d, r) = (shape.columns, i / shape.columns)
    return (r * 2 * d + i % d, r * 2 * d + d + i % d)
  }

  func reparameterize(_ shape: Rows, parameters: Buffer, noise: Buffer, into z: Buffer)
    throws(DeviceError)
  {
    for i in 0..<shape.count {
      let place = places(shape, i)
      let half: Float = has(.reparameterizeVariance) ? 1 : 0.5
      let deviation = exp(half * parameters.floats[place.logVariance])
      z.floats[i] = parameters.floats[place.mean] + deviation * noise.floats[i]
    }
  }

  func reparameterizeGradient(
    _ shape: Rows, parameters: Buffer, noise: Buffer, outputGradient: Buffer,
    into parametersGradient: Buffer, accumulate: Bool
  ) throws(DeviceError) {
    let keeps = accumulate && !has(.reparameterizeGradientIgnoresAccumulate)
    let gradient = parametersGradient.floats
    for i in 0..<shape.count {
      let (place, dz) = (places(shape, i), outputGradient.floats[i])
      let deviation = exp(0.5 * parameters.floats[place.logVariance])
      let half: Float = has(.reparameterizeGradientNoHalf) ? 1 : 0.5
      gradient[place.mean] = (keeps ? gradient[place.mean] : 0) + dz
      gradient[place.logVariance] =
        (keeps ? gradient[place.logVariance] : 0) + half * dz * noise.floats[i] * deviation
    }
  }

  func gaussianDivergence(_ shape: Rows, parameters: Buffer, into divergence: Buffer)
    throws(DeviceError)
  {
    for r in 0..<shape.rows {
      var sum: Float = 0
      for i in r * shape.columns..<(r + 1) * shape.columns {
        let place = places(shape, i)
        let (mean, logVariance) = (
          parameters.floats[place.mean], parameters.floats[place.logVariance]
        )
        sum +=
          mean * mean + exp(logVariance) - (has(.divergenceNoMinusOne) ? 0 : 1) - logVariance
      }
      divergence.floats[r] = (has(.divergenceNoHalf) ? 1 : 0.5) * sum
    }
  }

  func gaussianDivergenceGradient(
    _ shape: Rows, parameters: Buffer, divergenceGradient: Buffer,
    into parametersGradient: Buffer, accumulate: Bool
  ) throws(DeviceError) {
    let keeps = accumulate && !has(.divergenceGradientIgnoresAccumulate)
    let gradient = parametersGradient.floats
    for i in 0..<shape.count {
      let (place, dkl) = (places(shape, i), divergenceGradient.floats[i / shape.columns])
      let variance = exp(parameters.floats[place.logVariance])
      let slope = has(.divergenceGradientSign) ? 1 - variance : variance - 1
      gradient[place.mean] =
        (keeps ? gradient[place.mean] : 0) + dkl * parameters.floats[place.mean]
      gradient[place.logVariance] =
        (keeps ? gradient[place.logVariance] : 0) + 0.5 * dkl * slope
    }
  }

  private func kernel(
    _ shape: KernelDiscrepancy, _ x: Buffer, _ i: Int, _ y: Buffer, _ j: Int
  ) -> Float {
    var distance: Float = 0
    for c in 0..<shape.dimension {
      let difference = x.floats[i * shape.dimension + c] - y.floats[j * shape.dimension + c]
      distance += difference * difference
    }
    return exp(
      -distance / (has(.discrepancyWidthSquared) ? shape.width * shape.width : shape.width))
  }

  func kernelDiscrepancy(
    _ shape: KernelDiscrepancy, _ x: Buffer, _ y: Buffer, into terms: Buffer
  ) throws(DeviceError) {
    let cross: Float = has(.discrepancyCrossOnce) ? 1 : 2
    for i in 0..<shape.count {
      var sum: Float = 0
      for j in 0..<shape.count {
        if i != j || !has(.discrepancyNoDiagonal) { sum += kernel(shape, x, i, x, j) }
        sum -= cross * kernel(shape, x, i, y, j)
        if !has(.discrepancyNoPrior) { sum += kernel(shape, y, i, y, j) }
      }
      terms.floats[i] = sum
    }
  }

  func kernelDiscrepancyGradient(
    _ shape: KernelDiscrepancy, _ x: Buffer, _ y: Buffer, termGradient: Buffer,
    into xGradient: Buffer, accumulate: Bool
  ) throws(DeviceError) {
    let (d, g) = (shape.dimension, termGradient.floats)
    let sign: Float = has(.discrepancyGradientSign) ? 2 : -2
    let cross: Float = has(.discrepancyGradientCrossOnce) ? 1 : 2
    if !accumulate || has(.discrepancyGradientIgnoresAccumulate) {
      try fill(xGradient, with: 0)
    }
    for i in 0..<shape.count {
      for j in 0..<shape.count {
        let other = has(.discrepancyGradientOwnWeightOnly) ? 0 : g[j]
        for (points, weight) in [(x, g[i] + other), (y, -cross * g[i])] {
          let factor = sign / shape.width * weight * kernel(shape, x, i, points, j)
          for c in 0..<d {
            xGradient.floats[i * d + c] += factor * (x.floats[i * d + c] - points.floats[j * d + c])
          }
        }
      }
    }
  }

  func adamStep(
    _ adam: AdamStep, parameters: Buffer, gradients: Buffer, firstMoments: Buffer,
    secondMoments: Buffer
  ) throws(DeviceError) {
    let isCorrected = !has(.adamNoCorrection)
    for i in 0..<parameters.count {
      let g = gradients.floats[i]
      let square = has(.adamSecondMomentLinear) ? abs(g) : g * g
      let m = adam.firstDecay * firstMoments.floats[i] + (1 - adam.firstDecay) * g
      let v = adam.secondDecay * secondMoments.floats[i] + (1 - adam.secondDecay) * square
      let mHat = isCorrected ? m * adam.firstCorrection : m
      let vHat = isCorrected ? v * adam.secondCorrection : v
      let denominator =
        has(.adamEpsilonInsideRoot)
        ? (vHat + adam.epsilon).squareRoot() : vHat.squareRoot() + adam.epsilon
      firstMoments.floats[i] = m
      secondMoments.floats[i] = v
      let kept = has(.adamNoWeightDecay) ? 1 : adam.remainder
      parameters.floats[i] = kept * parameters.floats[i] - adam.learningRate * mHat / denominator
      if has(.adamChangesGradient) { gradients.floats[i] = 0 }
    }
  }

  func gradientDescentStep(
    _ descent: GradientDescentStep, parameters: Buffer, gradients: Buffer, velocities: Buffer
  ) throws(DeviceError) {
    for i in 0..<parameters.count {
      let decay = has(.descentNoWeightDecay) ? 0 : descent.weightDecay
      let g = gradients.floats[i] + decay * parameters.floats[i]
      let v = descent.momentum * velocities.floats[i] + g
      let looksAhead = descent.isNesterov && !has(.descentNoNesterov)
      velocities.floats[i] = has(.descentVelocityLost) ? g : v
      parameters.floats[i] -= descent.learningRate * (looksAhead ? g + descent.momentum * v : v)
    }
  }
}
