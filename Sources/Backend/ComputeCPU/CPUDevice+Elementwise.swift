import Compute

extension MapOperation: CPUOperation {
  public func run(on device: CPUDevice) throws(DeviceError) {
    let (x, output) = (x.floats, y.floats)
    device.forEachRange(y.count) { first, count in
      device.kernels.map(function, x + first, output + first, count)
    }
  }
}

extension MapGradientOperation: CPUOperation {
  public func run(on device: CPUDevice) throws(DeviceError) {
    let (point, dy, gradient) = (point.floats, outputGradient.floats, inputGradient.floats)
    device.forEachRange(inputGradient.count) { first, count in
      device.kernels.mapGradient(
        function, point + first, dy + first, gradient + first, count, accumulate)
    }
  }
}

extension ZipOperation: CPUOperation {
  public func run(on device: CPUDevice) throws(DeviceError) {
    let (a, b, output) = (a.floats, b.floats, c.floats)
    device.forEachRange(c.count) { first, count in
      device.kernels.zip(function, a + first, b + first, output + first, count)
    }
  }
}

extension SelectOperation: CPUOperation {
  public func run(on device: CPUDevice) throws(DeviceError) {
    let (condition, a, b, output) = (condition.floats, a.floats, b.floats, y.floats)
    device.forEachRange(y.count) { first, count in
      device.kernels.select(condition + first, a + first, b + first, output + first, count)
    }
  }
}

extension ScaledAddOperation: CPUOperation {
  public func run(on device: CPUDevice) throws(DeviceError) {
    let (x, output) = (x.floats, y.floats)
    device.forEachRange(y.count) { first, count in
      device.kernels.scaledAdd(alpha, x + first, beta, output + first, count)
    }
  }
}

extension AdamOperation: CPUOperation {
  public func run(on device: CPUDevice) throws(DeviceError) {
    let (p, g, m, v) = (
      parameters.floats, gradients.floats, firstMoments.floats, secondMoments.floats
    )
    device.forEachRange(parameters.count) { first, count in
      device.kernels.adam(adam, p + first, g + first, m + first, v + first, count)
    }
  }
}

extension GradientDescentOperation: CPUOperation {
  public func run(on device: CPUDevice) throws(DeviceError) {
    let (p, g, v) = (parameters.floats, gradients.floats, velocities.floats)
    device.forEachRange(parameters.count) { first, count in
      device.kernels.gradientDescent(descent, p + first, g + first, v + first, count)
    }
  }
}
