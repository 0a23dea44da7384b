import CPUKernels

/// `Σ max(l, 0) − x·l + log(1 + exp(−|l|))` over a row.
@Sendable func crossEntropy(_ logits: Input, _ targets: Input, _ count: Int) -> Float {
  sum(logits, targets, count) { l, x in
    rectify(l) - x * l + softplusOfMinusMagnitude(l)
  }
}

/// `dl (+)= scale·(sigmoid(l) − x)` over a row.
@Sendable func crossEntropyGradient(
  _ logits: Input, _ targets: Input, _ scale: Float, _ dl: Output, _ count: Int,
  _ accumulate: Bool
) {
  let scale = Vector(repeating: scale)
  if accumulate {
    transform(logits, targets, dl, dl, count) { l, x, dl in
      multiplyAdd(sigmoid(l) - x, scale, dl)
    }
  } else {
    transform(logits, targets, dl, count) { l, x in (sigmoid(l) - x) * scale }
  }
}

/// `z = μ + exp(½ log σ²)·ε` over a row.
@Sendable func reparameterize(
  _ mean: Input, _ logVariance: Input, _ noise: Input, _ z: Output, _ count: Int
) {
  transform(mean, logVariance, noise, z, count) { mean, logVariance, noise in
    multiplyAdd(exponential(logVariance * 0.5), noise, mean)
  }
}

/// `dμ (+)= dz`, `d log σ² (+)= ½·dz·ε·exp(½ log σ²)` over a row.
@Sendable func reparameterizeGradient(
  _ logVariance: Input, _ noise: Input, _ dz: Input, _ dMean: Output, _ dLogVariance: Output,
  _ count: Int, _ accumulate: Bool
) {
  for i in stride(from: 0, to: count, by: lanes) {
    let n = min(lanes, count &- i)
    let dz = load(dz + i, first: n)
    var first = dz
    var second =
      dz * load(noise + i, first: n) * exponential(load(logVariance + i, first: n) * 0.5) * 0.5
    if accumulate {
      first += load(dMean + i, first: n)
      second += load(dLogVariance + i, first: n)
    }
    store(first, dMean + i, first: n)
    store(second, dLogVariance + i, first: n)
  }
}

/// `½ Σ μ² + σ² − 1 − log σ²` over a row.
@Sendable func gaussianDivergence(_ mean: Input, _ logVariance: Input, _ count: Int) -> Float {
  0.5
    * sum(mean, logVariance, count) { mean, logVariance in
      mean * mean + (exponential(logVariance) - 1 - logVariance)
    }
}

/// `dμ (+)= scale·μ`, `d log σ² (+)= ½·scale·(σ² − 1)` over a row.
@Sendable func gaussianDivergenceGradient(
  _ mean: Input, _ logVariance: Input, _ scale: Float, _ dMean: Output, _ dLogVariance: Output,
  _ count: Int, _ accumulate: Bool
) {
  for i in stride(from: 0, to: count, by: lanes) {
    let n = min(lanes, count &- i)
    var first = load(mean + i, first: n) * scale
    var second = (exponential(load(logVariance + i, first: n)) - 1) * (0.5 * scale)
    if accumulate {
      first += load(dMean + i, first: n)
      second += load(dLogVariance + i, first: n)
    }
    store(first, dMean + i, first: n)
    store(second, dLogVariance + i, first: n)
  }
}
