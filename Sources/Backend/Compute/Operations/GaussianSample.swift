/// See ``Device/sampleGaussian(_:parameters:_:noise:into:)``.
public struct SampleGaussianOperation: DeviceOperation {
  public static let name = "sampleGaussian"
  /// The batch and the latent dimension D.
  public let shape: Rows
  /// rows × 2D, means before log variances.
  public let parameters: Buffer
  /// Where the random numbers begin.
  public let stream: RandomStream
  /// ε, rows × D.
  public let noise: Buffer
  /// The samples, rows × D.
  public let z: Buffer

  public var results: [Buffer] { [z, noise] }
  public var cost: Cost { Cost(operations: 4 * Double(shape.count), [parameters, noise, z]) }

  public func check() {
    parameters.require(2 * shape.count, "the parameters of a Gaussian")
    noise.require(shape.count, "the noise of a Gaussian")
    z.require(shape.count, "the sample of a Gaussian")
  }

  /// The noise, and then the samples.
  public func compose(on device: any Device) throws(DeviceError) {
    try device.random(.normal, stream, into: noise)
    try device.reparameterize(shape, parameters: parameters, noise: noise, into: z)
  }
}

extension Device {
  /// ``random(_:_:into:)`` of normal numbers ε, and ``reparameterize(_:parameters:noise:into:)`` with them:
  /// `z = μ + exp(½ log σ²)·ε`.
  ///
  /// - Parameters:
  ///   - shape: The batch and the latent dimension D.
  ///   - parameters: rows × 2D, means before log variances.
  ///   - stream: Where the random numbers begin.
  ///   - noise: ε, rows × D, which the gradient needs.
  ///   - z: rows × D.
  public func sampleGaussian(
    _ shape: Rows, parameters: Buffer, _ stream: RandomStream, noise: Buffer, into z: Buffer
  ) throws(DeviceError) {
    try perform(
      SampleGaussianOperation(
        shape: shape, parameters: parameters, stream: stream, noise: noise, z: z))
  }
}
