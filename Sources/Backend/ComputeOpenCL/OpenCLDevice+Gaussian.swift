import Compute

extension ReparameterizeOperation: OpenCLOperation {
  /// Samples z = μ + exp(½ log σ²)·ε.
  public func run(on device: OpenCLDevice) throws(DeviceError) {
    try device.launch(
      "gaussian", "reparameterize", matrix: shape,
      [.uint(shape.rows), .uint(shape.columns), .buffer(parameters), .buffer(noise), .buffer(z)])
  }
}

extension SampleGaussianOperation: OpenCLOperation {
  /// Draws the noise and samples z = μ + exp(½ log σ²)·ε with it.
  public func run(on device: OpenCLDevice) throws(DeviceError) {
    try device.launch(
      "random", "sample_gaussian", elements: quotient(z.count, 4),
      [
        .uint4(stream.key), .uint4(stream.counter), .uint(shape.rows), .uint(shape.columns),
        .buffer(parameters), .buffer(noise), .buffer(z),
      ])
  }
}

extension ReparameterizeGradientOperation: OpenCLOperation {
  /// The gradient of ``/Compute/Device/reparameterize(_:parameters:noise:into:)`` with respect to its parameters.
  public func run(on device: OpenCLDevice) throws(DeviceError) {
    try device.launch(
      "gaussian", "reparameterize_gradient", matrix: shape,
      [
        .uint(shape.rows), .uint(shape.columns), .buffer(parameters), .buffer(noise),
        .buffer(outputGradient), .buffer(parametersGradient), .flag(accumulate),
      ])
  }
}

extension GaussianDivergenceOperation: OpenCLOperation {
  /// KL(N(μ, σ²) ‖ N(0, 1)) of each row in nats; one work-group a row.
  public func run(on device: OpenCLDevice) throws(DeviceError) {
    try device.launch(
      "gaussian", "gaussian_divergence", results: shape.rows, work: 16 * shape.columns,
      [.uint(shape.columns), .buffer(parameters), .buffer(divergence)])
  }
}

extension GaussianDivergenceGradientOperation: OpenCLOperation {
  /// The gradient of ``/Compute/Device/gaussianDivergence(_:parameters:into:)``.
  public func run(on device: OpenCLDevice) throws(DeviceError) {
    try device.launch(
      "gaussian", "gaussian_divergence_gradient", matrix: shape,
      [.uint(shape.rows), .uint(shape.columns), .buffer(parameters)]
        + divergenceGradient.arguments + [.buffer(parametersGradient), .flag(accumulate)])
  }
}
