import Compute

extension OpenCLDevice {
  /// Samples z = μ + exp(½ log σ²)·ε.
  public func reparameterize(_ shape: Rows, parameters: Buffer, noise: Buffer, into z: Buffer)
    throws(DeviceError)
  {
    parameters.require(2 * shape.count, "the parameters of reparameterize")
    noise.require(shape.count, "the noise of reparameterize")
    z.require(shape.count, "the result of reparameterize")
    try launch(
      "gaussian", "reparameterize", matrix: shape,
      [.uint(shape.rows), .uint(shape.columns), .buffer(parameters), .buffer(noise), .buffer(z)])
  }

  /// The gradient of ``reparameterize(_:parameters:noise:into:)`` in its parameters.
  public func reparameterizeGradient(
    _ shape: Rows, parameters: Buffer, noise: Buffer, outputGradient: Buffer,
    into parametersGradient: Buffer, accumulate: Bool
  ) throws(DeviceError) {
    parameters.require(2 * shape.count, "the parameters of reparameterize")
    noise.require(shape.count, "the noise of reparameterize")
    outputGradient.require(shape.count, "the output gradient of reparameterize")
    parametersGradient.require(2 * shape.count, "the parameters gradient of reparameterize")
    try launch(
      "gaussian", "reparameterize_gradient", matrix: shape,
      [
        .uint(shape.rows), .uint(shape.columns), .buffer(parameters), .buffer(noise),
        .buffer(outputGradient), .buffer(parametersGradient), .flag(accumulate),
      ])
  }

  /// KL(N(μ, σ²) ‖ N(0, 1)) of each row in nats; one work-group a row.
  public func gaussianDivergence(_ shape: Rows, parameters: Buffer, into divergence: Buffer)
    throws(DeviceError)
  {
    parameters.require(2 * shape.count, "the parameters of gaussianDivergence")
    divergence.require(shape.rows, "the result of gaussianDivergence")
    try launch(
      "gaussian", "gaussian_divergence", results: shape.rows,
      [.uint(shape.columns), .buffer(parameters), .buffer(divergence)])
  }

  /// The gradient of ``gaussianDivergence(_:parameters:into:)``.
  public func gaussianDivergenceGradient(
    _ shape: Rows, parameters: Buffer, divergenceGradient: Buffer,
    into parametersGradient: Buffer, accumulate: Bool
  ) throws(DeviceError) {
    parameters.require(2 * shape.count, "the parameters of gaussianDivergence")
    divergenceGradient.require(shape.rows, "the output gradient of gaussianDivergence")
    parametersGradient.require(2 * shape.count, "the parameters gradient of gaussianDivergence")
    try launch(
      "gaussian", "gaussian_divergence_gradient", matrix: shape,
      [
        .uint(shape.rows), .uint(shape.columns), .buffer(parameters),
        .buffer(divergenceGradient), .buffer(parametersGradient), .flag(accumulate),
      ])
  }
}
