import Compute

extension Tensor {
  /// A sample `z = μ + σ·ε` of the Gaussian whose means and log variances are the halves of each
  /// row (Kingma and Welling 2013, section 2.4).
  ///
  /// - Parameter noise: rows × D, standard normal.
  /// - Returns: rows × D.
  /// - Throws: `DeviceError` when the device fails.
  public func reparameterized(noise: Buffer) throws(DeviceError) -> Tensor {
    let latent = Rows(shape.rows, shape.columns / 2)
    let z = try Tensor(latent, from: [self])
    try device.reparameterize(latent, parameters: buffer, noise: noise, into: z.buffer)
    recordSample(z, noise)
    return z
  }

  /// ``reparameterized(noise:)`` with the standard normal numbers of a stream.
  /// - Throws: `DeviceError` when the device fails.
  public func sampled(_ stream: RandomStream) throws(DeviceError) -> Tensor {
    let latent = Rows(shape.rows, shape.columns / 2)
    let z = try Tensor(latent, from: [self])
    let noise = try device.makeBuffer(count: latent.count, type: .float32)
    try device.sampleGaussian(latent, parameters: buffer, stream, noise: noise, into: z.buffer)
    recordSample(z, noise)
    return z
  }

  private func recordSample(_ z: Tensor, _ noise: Buffer) {
    Tape.record(z) { [device] (dz) throws(DeviceError) in
      try self.addGradient { (gradient, accumulate) throws(DeviceError) in
        try device.reparameterizeGradient(
          z.shape.matrix, parameters: self.buffer, noise: noise, outputGradient: dz,
          into: gradient, accumulate: accumulate)
      }
    }
  }

  /// KL(N(μ, σ²) ‖ N(0, 1)) of each row, in nats, for rows as in
  /// ``reparameterized(noise:)`` (equation 1, second term).
  ///
  /// - Returns: rows × 1.
  /// - Throws: `DeviceError` when the device fails.
  public func gaussianDivergence() throws(DeviceError) -> Tensor {
    let latent = Rows(shape.rows, shape.columns / 2)
    let divergence = try Tensor(Rows(shape.rows, 1), from: [self])
    try device.gaussianDivergence(latent, parameters: buffer, into: divergence.buffer)
    Tape.recordRows(divergence) { [device] (gradientOfSum) throws(DeviceError) in
      try self.addGradient { (gradient, accumulate) throws(DeviceError) in
        try device.gaussianDivergenceGradient(
          latent, parameters: self.buffer, divergenceGradient: gradientOfSum, into: gradient,
          accumulate: accumulate)
      }
    }
    return divergence
  }
}
