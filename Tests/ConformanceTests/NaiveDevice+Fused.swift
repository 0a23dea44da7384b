import Compute

/// Operations that do the work of several others.
extension NaiveDevice {
  /// The numbers of a gradient, stored.
  func stored(_ gradient: RowGradient, _ rows: Int) throws(DeviceError) -> Buffer {
    if let buffer = gradient.buffer { return buffer }
    var numbers = [Float](repeating: gradient.number, count: rows)
    if has(.rowGradientOfFirstRow) {
      for row in 1..<max(1, rows) { numbers[row] = 0 }
    }
    return try makeBuffer(numbers)
  }

  func denseGradients(_ o: DenseGradientsOperation) throws(DeviceError) {
    var shape = o.shape
    if has(.denseGradientsIgnoreAccumulate) { shape.accumulate = false }
    if has(.denseGradientsIgnoreAccumulateInput) { shape.accumulateInput = false }
    let (batch, inputs, outputs) = (shape.batch, shape.inputs, shape.outputs)
    let (x, w, dy) = (o.x.floats, o.weights.floats, o.outputGradient.floats)
    let (dw, db, dx) = (o.weightGradient.floats, o.biasGradient.floats, o.inputGradient.floats)
    for j in 0..<outputs {
      if !shape.accumulate { db[j] = 0 }
      for r in 0..<batch { db[j] += dy[r * outputs + j] }
      for i in 0..<inputs {
        if !shape.accumulate { dw[i * outputs + j] = 0 }
        for r in 0..<batch { dw[i * outputs + j] += x[r * inputs + i] * dy[r * outputs + j] }
      }
    }
    for i in 0..<batch * inputs {
      let (r, column) = (i / inputs, i % inputs)
      var sum: Float = 0
      for j in 0..<outputs {
        let place = has(.denseGradientsSwapExtents) ? j * inputs + column : column * outputs + j
        sum += dy[r * outputs + j] * w[place]
      }
      let old = shape.accumulateInput ? dx[i] : 0
      let slope = has(.denseGradientsNoSlope) ? 1 : slope(shape.activation, at: x[i])
      dx[i] = has(.denseGradientsSlopeOfSum) ? old + sum * slope : (old + sum) * slope
    }
  }

  func sums(_ o: SumsOperation) throws(DeviceError) {
    for (i, term) in o.terms.enumerated() {
      if has(.sumsFourOnly) && i == 4 { break }
      var sum: Float = 0
      for j in 0..<term.x.count { sum += term.x.floats[j] }
      o.y.floats[i] = sum * o.terms[has(.sumsOfFirstScale) ? 0 : i].scale
    }
  }

  func sampleGaussian(_ o: SampleGaussianOperation) throws(DeviceError) {
    let stream = has(.sampleOfNextStep) ? o.stream.step(6) : o.stream
    try random(.normal, stream, into: o.noise)
    try reparameterize(o.shape, parameters: o.parameters, noise: o.noise, into: o.z)
    if has(.sampleKeepsOtherNoise) { try random(.normal, o.stream.step(6), into: o.noise) }
  }
}
