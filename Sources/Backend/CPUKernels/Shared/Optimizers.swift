import CIntrinsics
import CPUKernels
import Compute

/// Adam over a range of an arena.
@Sendable func adam(
  _ adam: AdamStep, _ parameters: Output, _ gradients: Input, _ firstMoments: Output,
  _ secondMoments: Output, _ count: Int
) {
  let keepFirst = Vector(repeating: adam.firstDecay)
  let keepSecond = Vector(repeating: adam.secondDecay)
  let addFirst = 1 - keepFirst
  let addSecond = 1 - keepSecond
  let rate = Vector(repeating: adam.learningRate * adam.firstCorrection)
  let remainder = Vector(repeating: adam.remainder)
  let correction = Vector(repeating: adam.secondCorrection)
  let epsilon = Vector(repeating: adam.epsilon)
  // Moments without gradients fade out, and get stuck below the least normal number.
  let mode = flush_subnormals()
  defer { restore_floating_point(mode) }
  // One pass: the arenas are large, and this loop is memory-bound.
  for i in stride(from: 0, to: count, by: lanes) {
    let n = min(lanes, count &- i)
    let isWhole = n == lanes
    let g = isWhole ? load(gradients + i) : load(gradients + i, first: n)
    var p = isWhole ? load(parameters + i) : load(parameters + i, first: n)
    var m = isWhole ? load(firstMoments + i) : load(firstMoments + i, first: n)
    var v = isWhole ? load(secondMoments + i) : load(secondMoments + i, first: n)
    m = multiplyAdd(m, keepFirst, g * addFirst)
    v = multiplyAdd(v, keepSecond, g * g * addSecond)
    p = p * remainder - rate * m / (squareRoot(v * correction) + epsilon)
    if isWhole {
      store(p, parameters + i)
      store(m, firstMoments + i)
      store(v, secondMoments + i)
    } else {
      store(p, parameters + i, first: n)
      store(m, firstMoments + i, first: n)
      store(v, secondMoments + i, first: n)
    }
  }
}

/// Gradient descent over a range of an arena.
@Sendable func gradientDescent(
  _ descent: GradientDescentStep, _ parameters: Output, _ gradients: Input, _ velocities: Output,
  _ count: Int
) {
  let rate = Vector(repeating: descent.learningRate)
  let momentum = Vector(repeating: descent.momentum)
  let weightDecay = Vector(repeating: descent.weightDecay)
  let mode = flush_subnormals()
  defer { restore_floating_point(mode) }
  for i in stride(from: 0, to: count, by: lanes) {
    let n = min(lanes, count &- i)
    let isWhole = n == lanes
    var p = isWhole ? load(parameters + i) : load(parameters + i, first: n)
    var g = isWhole ? load(gradients + i) : load(gradients + i, first: n)
    var v = isWhole ? load(velocities + i) : load(velocities + i, first: n)
    g = multiplyAdd(p, weightDecay, g)
    v = multiplyAdd(v, momentum, g)
    p -= rate * (descent.isNesterov ? multiplyAdd(v, momentum, g) : v)
    if isWhole {
      store(p, parameters + i)
      store(v, velocities + i)
    } else {
      store(p, parameters + i, first: n)
      store(v, velocities + i, first: n)
    }
  }
}
