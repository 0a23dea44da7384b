// The Gaussians of a variational autoencoder. `parameters` are rows × 2D, means before log variances; D is
// the number of columns of the shape.

/// See ``Device/reparameterize(_:parameters:noise:into:)``.
public struct ReparameterizeOperation: DeviceOperation {
  public static let name = "reparameterize"
  /// The batch and the latent dimension D.
  public let shape: Rows
  /// rows × 2D, means before log variances.
  public let parameters: Buffer
  /// ε, rows × D.
  public let noise: Buffer
  /// The samples, rows × D.
  public let z: Buffer

  public var results: [Buffer] { [z] }
  public var cost: Cost { Cost(operations: 4 * Double(shape.count), [parameters, noise, z]) }
  public var extents: [Int] { [shape.rows, shape.columns] }

  public func check() {
    parameters.require(2 * shape.count, "the parameters of a Gaussian")
    noise.require(shape.count, "the noise of a Gaussian")
    z.require(shape.count, "the sample of a Gaussian")
  }

  /// The formula.
  public func compose(on device: any Device) throws(DeviceError) {
    let q = try Gaussian(parameters, shape, on: device)
    try q.deviation().zip(.multiply, Intermediate(noise, shape, on: device)).zip(.add, q.mean)
      .give(to: z)
  }
}

/// See ``Device/reparameterizeGradient(_:parameters:noise:outputGradient:into:accumulate:)``.
public struct ReparameterizeGradientOperation: DeviceOperation {
  public static let name = "reparameterizeGradient"
  /// The batch and the latent dimension D.
  public let shape: Rows
  /// rows × 2D, means before log variances.
  public let parameters: Buffer
  /// ε, rows × D.
  public let noise: Buffer
  /// dz, rows × D.
  public let outputGradient: Buffer
  /// The gradient of the means and the log variances, rows × 2D.
  public let parametersGradient: Buffer
  /// Whether it is added to rather than replaced.
  public let accumulate: Bool

  public var results: [Buffer] { [parametersGradient] }
  public var cost: Cost {
    Cost(
      operations: 5 * Double(shape.count), [parameters, noise, outputGradient, parametersGradient])
  }
  public var extents: [Int] { [shape.rows, shape.columns] }

  public func check() {
    parameters.require(2 * shape.count, "the parameters of a Gaussian")
    noise.require(shape.count, "the noise of a Gaussian")
    outputGradient.require(shape.count, "the gradient of a Gaussian's sample")
    parametersGradient.require(2 * shape.count, "the gradient of a Gaussian's parameters")
  }

  /// The formula.
  public func compose(on device: any Device) throws(DeviceError) {
    let q = try Gaussian(parameters, shape, on: device)
    let dz = Intermediate(outputGradient, shape, on: device)
    let slope = try q.deviation().zip(.multiply, Intermediate(noise, shape, on: device))
    try q.give(
      dz, slope.zip(.multiply, dz).zip(.multiply, 0.5), to: parametersGradient,
      accumulate: accumulate)
  }
}

/// See ``Device/gaussianDivergence(_:parameters:into:)``.
public struct GaussianDivergenceOperation: DeviceOperation {
  public static let name = "gaussianDivergence"
  /// The batch and the latent dimension D.
  public let shape: Rows
  /// rows × 2D, means before log variances.
  public let parameters: Buffer
  /// One number for each row.
  public let divergence: Buffer

  public var results: [Buffer] { [divergence] }
  public var cost: Cost { Cost(operations: 6 * Double(shape.count), [parameters, divergence]) }
  public var extents: [Int] { [shape.rows, shape.columns] }

  public func check() {
    parameters.require(2 * shape.count, "the parameters of a Gaussian")
    divergence.require(shape.rows, "the divergence of a Gaussian")
  }

  /// The formula.
  public func compose(on device: any Device) throws(DeviceError) {
    let q = try Gaussian(parameters, shape, on: device)
    try q.mean.map(.square).zip(.add, q.logVariance.map(.exp)).zip(.subtract, 1)
      .zip(.subtract, q.logVariance).reduced(.sum, axis: 1).zip(.multiply, 0.5)
      .give(to: divergence)
  }
}

/// See ``Device/gaussianDivergenceGradient(_:parameters:divergenceGradient:into:accumulate:)``.
public struct GaussianDivergenceGradientOperation: DeviceOperation {
  public static let name = "gaussianDivergenceGradient"
  /// The batch and the latent dimension D.
  public let shape: Rows
  /// rows × 2D, means before log variances.
  public let parameters: Buffer
  /// dkl.
  public let divergenceGradient: RowGradient
  /// The gradient of the means and the log variances, rows × 2D.
  public let parametersGradient: Buffer
  /// Whether it is added to rather than replaced.
  public let accumulate: Bool

  public var results: [Buffer] { [parametersGradient] }
  public var cost: Cost {
    Cost(
      operations: 5 * Double(shape.count),
      [parameters, divergenceGradient.buffer, parametersGradient])
  }
  public var extents: [Int] { [shape.rows, shape.columns] }

  public func check() {
    parameters.require(2 * shape.count, "the parameters of a Gaussian")
    divergenceGradient.require(shape.rows, "the gradient of a Gaussian's divergence")
    parametersGradient.require(2 * shape.count, "the gradient of a Gaussian's parameters")
  }

  /// The formula.
  public func compose(on device: any Device) throws(DeviceError) {
    let q = try Gaussian(parameters, shape, on: device)
    let g = try divergenceGradient.intermediate(shape.rows, on: device)
    let slope = try q.logVariance.map(.exp).zip(.subtract, 1).zip(.multiply, 0.5)
    try q.give(
      q.mean.zip(.multiply, g), slope.zip(.multiply, g), to: parametersGradient,
      accumulate: accumulate)
  }
}

extension Device {
  /// `z = μ + exp(½ log σ²)·ε`: a sample of q(z|x).
  ///
  /// - Parameters:
  ///   - shape: The batch and the latent dimension D.
  ///   - parameters: rows × 2D, means before log variances.
  ///   - noise: rows × D.
  ///   - z: rows × D.
  public func reparameterize(_ shape: Rows, parameters: Buffer, noise: Buffer, into z: Buffer)
    throws(DeviceError)
  {
    try perform(
      ReparameterizeOperation(shape: shape, parameters: parameters, noise: noise, z: z))
  }

  /// The gradient of ``reparameterize(_:parameters:noise:into:)`` with respect to its parameters:
  /// `dμ (+)= dz`, `d log σ² (+)= ½·dz·ε·exp(½ log σ²)`.
  public func reparameterizeGradient(
    _ shape: Rows, parameters: Buffer, noise: Buffer, outputGradient: Buffer,
    into parametersGradient: Buffer, accumulate: Bool
  ) throws(DeviceError) {
    try perform(
      ReparameterizeGradientOperation(
        shape: shape, parameters: parameters, noise: noise, outputGradient: outputGradient,
        parametersGradient: parametersGradient, accumulate: accumulate))
  }

  /// `kl[r] = ½ Σ_d (μ² + σ² − 1 − log σ²)`: KL(N(μ, σ²) ‖ N(0, 1)) in nats per row (equation 1,
  /// second term). `parameters` as in ``reparameterize(_:parameters:noise:into:)``.
  public func gaussianDivergence(_ shape: Rows, parameters: Buffer, into divergence: Buffer)
    throws(DeviceError)
  {
    try perform(
      GaussianDivergenceOperation(shape: shape, parameters: parameters, divergence: divergence))
  }

  /// The gradient of ``gaussianDivergence(_:parameters:into:)``: `dμ (+)= dkl·μ`,
  /// `d log σ² (+)= ½·dkl·(σ² − 1)`.
  public func gaussianDivergenceGradient(
    _ shape: Rows, parameters: Buffer, divergenceGradient: RowGradient,
    into parametersGradient: Buffer, accumulate: Bool
  ) throws(DeviceError) {
    try perform(
      GaussianDivergenceGradientOperation(
        shape: shape, parameters: parameters, divergenceGradient: divergenceGradient,
        parametersGradient: parametersGradient, accumulate: accumulate))
  }
}

/// The halves of the parameters, in compositions.
private struct Gaussian {
  let mean: Intermediate
  let logVariance: Intermediate
  private let columns: Int

  init(_ parameters: Buffer, _ shape: Rows, on device: any Device) throws(DeviceError) {
    let both = Intermediate(parameters, Rows(shape.rows, 2 * shape.columns), on: device)
    columns = shape.columns
    mean = try both.columns(0..<columns)
    logVariance = try both.columns(columns..<2 * columns)
  }

  /// `σ = exp(½ log σ²)`.
  func deviation() throws(DeviceError) -> Intermediate {
    try logVariance.zip(.multiply, 0.5).map(.exp)
  }

  /// Writes the gradients of the halves.
  func give(
    _ mean: Intermediate, _ logVariance: Intermediate, to gradient: Buffer, accumulate: Bool
  ) throws(DeviceError) {
    try mean.give(toColumn: 0, of: 2 * columns, gradient, accumulate: accumulate)
    try logVariance.give(toColumn: columns, of: 2 * columns, gradient, accumulate: accumulate)
  }
}
