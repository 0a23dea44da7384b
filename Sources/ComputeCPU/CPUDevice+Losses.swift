import Compute

extension CPUDevice {
  public func binaryCrossEntropy(
    _ shape: Rows, logits: Buffer, targets: Buffer, into loss: Buffer
  ) throws(DeviceError) {
    logits.require(shape.count, "the logits of a cross-entropy")
    targets.require(shape.count, "the targets of a cross-entropy")
    loss.require(shape.rows, "the result of a cross-entropy")
    let (logits, targets, results) = (logits.floats, targets.floats, loss.floats)
    forEachRow(shape) { row in
      let start = row * shape.columns
      results[row] = kernels.crossEntropy(logits + start, targets + start, shape.columns)
    }
  }

  public func binaryCrossEntropyGradient(
    _ shape: Rows, logits: Buffer, targets: Buffer, lossGradient: Buffer,
    into logitsGradient: Buffer, accumulate: Bool
  ) throws(DeviceError) {
    logits.require(shape.count, "the logits of a cross-entropy")
    targets.require(shape.count, "the targets of a cross-entropy")
    lossGradient.require(shape.rows, "the gradient of a cross-entropy's result")
    logitsGradient.require(shape.count, "the gradient of a cross-entropy's logits")
    let (logits, targets) = (logits.floats, targets.floats)
    let (scales, gradient) = (lossGradient.floats, logitsGradient.floats)
    forEachRow(shape) { row in
      let start = row * shape.columns
      kernels.crossEntropyGradient(
        logits + start, targets + start, scales[row], gradient + start, shape.columns, accumulate)
    }
  }

  public func reparameterize(_ shape: Rows, parameters: Buffer, noise: Buffer, into z: Buffer)
    throws(DeviceError)
  {
    parameters.require(2 * shape.count, "the parameters of a Gaussian")
    noise.require(shape.count, "the noise of a Gaussian")
    z.require(shape.count, "the sample of a Gaussian")
    let (parameters, noise, sample, width) = (
      parameters.floats, noise.floats, z.floats, shape.columns
    )
    forEachRow(shape) { row in
      let mean = parameters + 2 * row * width
      kernels.reparameterize(mean, mean + width, noise + row * width, sample + row * width, width)
    }
  }

  public func reparameterizeGradient(
    _ shape: Rows, parameters: Buffer, noise: Buffer, outputGradient: Buffer,
    into parametersGradient: Buffer, accumulate: Bool
  ) throws(DeviceError) {
    parameters.require(2 * shape.count, "the parameters of a Gaussian")
    noise.require(shape.count, "the noise of a Gaussian")
    outputGradient.require(shape.count, "the gradient of a Gaussian's sample")
    parametersGradient.require(2 * shape.count, "the gradient of a Gaussian's parameters")
    let (parameters, noise, width) = (parameters.floats, noise.floats, shape.columns)
    let (dz, gradient) = (outputGradient.floats, parametersGradient.floats)
    forEachRow(shape) { row in
      let dMean = gradient + 2 * row * width
      kernels.reparameterizeGradient(
        parameters + (2 * row + 1) * width, noise + row * width, dz + row * width, dMean,
        dMean + width, width, accumulate)
    }
  }

  public func gaussianDivergence(_ shape: Rows, parameters: Buffer, into divergence: Buffer)
    throws(DeviceError)
  {
    parameters.require(2 * shape.count, "the parameters of a Gaussian")
    divergence.require(shape.rows, "the divergence of a Gaussian")
    let (parameters, results, width) = (parameters.floats, divergence.floats, shape.columns)
    forEachRow(shape) { row in
      let mean = parameters + 2 * row * width
      results[row] = kernels.gaussianDivergence(mean, mean + width, width)
    }
  }

  public func gaussianDivergenceGradient(
    _ shape: Rows, parameters: Buffer, divergenceGradient: Buffer,
    into parametersGradient: Buffer, accumulate: Bool
  ) throws(DeviceError) {
    parameters.require(2 * shape.count, "the parameters of a Gaussian")
    divergenceGradient.require(shape.rows, "the gradient of a Gaussian's divergence")
    parametersGradient.require(2 * shape.count, "the gradient of a Gaussian's parameters")
    let (parameters, scales, width) = (
      parameters.floats, divergenceGradient.floats, shape.columns
    )
    let gradient = parametersGradient.floats
    forEachRow(shape) { row in
      let mean = parameters + 2 * row * width
      let dMean = gradient + 2 * row * width
      kernels.gaussianDivergenceGradient(
        mean, mean + width, scales[row], dMean, dMean + width, width, accumulate)
    }
  }
}
