import Compute

extension OpenCLDevice {
  /// Takes one step of Adam over the whole arena in one launch.
  public func adamStep(
    _ adam: Adam, parameters: Buffer, gradients: Buffer, firstMoments: Buffer,
    secondMoments: Buffer
  ) throws(DeviceError) {
    adam.check(
      parameters: parameters, gradients: gradients, firstMoments: firstMoments,
      secondMoments: secondMoments)
    try launch(
      "adam", "adam_step", elements: parameters.count,
      [
        .buffer(parameters), .buffer(gradients), .buffer(firstMoments), .buffer(secondMoments),
        .uint(parameters.count), .float(adam.learningRate), .float(adam.firstDecay),
        .float(adam.secondDecay), .float(adam.epsilon), .float(adam.firstCorrection),
        .float(adam.secondCorrection),
      ])
  }
}
