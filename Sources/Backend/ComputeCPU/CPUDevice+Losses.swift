import Compute

extension BinaryCrossEntropyOperation: CPUOperation {
  public func run(on device: CPUDevice) throws(DeviceError) {
    let (logits, targets, results) = (logits.floats, targets.floats, loss.floats)
    device.forEachRow(shape) { row in
      let start = row * shape.columns
      results[row] = device.kernels.crossEntropy(logits + start, targets + start, shape.columns)
    }
  }
}

extension BinaryCrossEntropyGradientOperation: CPUOperation {
  public func run(on device: CPUDevice) throws(DeviceError) {
    let (logits, targets) = (logits.floats, targets.floats)
    let (scales, gradient) = (lossGradient.numbers, logitsGradient.floats)
    device.forEachRow(shape) { row in
      let start = row * shape.columns
      device.kernels.crossEntropyGradient(
        logits + start, targets + start, scales(row), gradient + start, shape.columns, accumulate)
    }
  }
}

extension ReparameterizeOperation: CPUOperation {
  public func run(on device: CPUDevice) throws(DeviceError) {
    let (parameters, noise, sample, width) = (
      parameters.floats, noise.floats, z.floats, shape.columns
    )
    device.forEachRow(shape) { row in
      let mean = parameters + 2 * row * width
      device.kernels.reparameterize(
        mean, mean + width, noise + row * width, sample + row * width, width)
    }
  }
}

extension ReparameterizeGradientOperation: CPUOperation {
  public func run(on device: CPUDevice) throws(DeviceError) {
    let (parameters, noise, width) = (parameters.floats, noise.floats, shape.columns)
    let (dz, gradient) = (outputGradient.floats, parametersGradient.floats)
    device.forEachRow(shape) { row in
      let dMean = gradient + 2 * row * width
      device.kernels.reparameterizeGradient(
        parameters + (2 * row + 1) * width, noise + row * width, dz + row * width, dMean,
        dMean + width, width, accumulate)
    }
  }
}

extension GaussianDivergenceOperation: CPUOperation {
  public func run(on device: CPUDevice) throws(DeviceError) {
    let (parameters, results, width) = (parameters.floats, divergence.floats, shape.columns)
    device.forEachRow(shape) { row in
      let mean = parameters + 2 * row * width
      results[row] = device.kernels.gaussianDivergence(mean, mean + width, width)
    }
  }
}

extension GaussianDivergenceGradientOperation: CPUOperation {
  public func run(on device: CPUDevice) throws(DeviceError) {
    let (parameters, scales, width) = (
      parameters.floats, divergenceGradient.numbers, shape.columns
    )
    let gradient = parametersGradient.floats
    device.forEachRow(shape) { row in
      let mean = parameters + 2 * row * width
      let dMean = gradient + 2 * row * width
      device.kernels.gaussianDivergenceGradient(
        mean, mean + width, scales(row), dMean, dMean + width, width, accumulate)
    }
  }
}

extension RowGradient {
  /// The number of each row.
  var numbers: (_ row: Int) -> Float {
    switch self {
    case .each(let buffer):
      let numbers = buffer.floats
      return { numbers[$0] }
    case .all(let number): return { _ in number }
    }
  }
}
