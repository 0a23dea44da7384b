import Compute

extension AdamOperation: OpenCLOperation {
  /// Takes one step of Adam over the whole arena in one launch.
  public func run(on device: OpenCLDevice) throws(DeviceError) {
    try device.launch(
      "adam", "adam_step", elements: parameters.count,
      [
        .buffer(parameters), .buffer(gradients), .buffer(firstMoments), .buffer(secondMoments),
        .uint(parameters.count), .float(adam.learningRate), .float(adam.firstDecay),
        .float(adam.secondDecay), .float(adam.epsilon), .float(adam.firstCorrection),
        .float(adam.secondCorrection), .float(adam.remainder),
      ])
  }
}

extension GradientDescentOperation: OpenCLOperation {
  /// Takes one step of gradient descent over the whole arena in one launch.
  public func run(on device: OpenCLDevice) throws(DeviceError) {
    try device.launch(
      "gradient_descent", "gradient_descent_step", elements: parameters.count,
      [
        .buffer(parameters), .buffer(gradients), .buffer(velocities), .uint(parameters.count),
        .float(descent.learningRate), .float(descent.momentum), .float(descent.weightDecay),
        .int(descent.isNesterov ? 1 : 0),
      ])
  }
}
