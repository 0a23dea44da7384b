import Autograd
import Compute
import Datasets
import Training

extension VariationalAutoencoder {
  /// Images passed through the latent space: the decoder's expectations at a sample of q(z|x), or at
  /// its mean when no noise is given.
  ///
  /// - Returns: rows × pixels, grey values in [0, 1].
  /// - Throws: `DeviceError` when the device fails.
  public func reconstruct(_ images: Tensor, noise: RandomStream?) throws(DeviceError) -> Tensor {
    let encoded = try encode(images)
    if let noise { return try self.images(at: try encoded.sampled(noise)) }
    let epsilon = try device.makeBuffer(
      count: images.shape.rows * shape.latentDimension, type: .float32)
    try device.fill(epsilon, with: 0)
    return try self.images(at: try encoded.reparameterized(noise: epsilon))
  }

  /// A data set whose images have passed through the latent space, rounded to bytes again.
  ///
  /// - Parameters:
  ///   - images: The originals.
  ///   - noise: The stream of ε; its second counter word must be 0.
  /// - Throws: `DeviceError` when the device fails.
  public func reconstruct(_ images: ImageDataset, noise: RandomStream) throws -> ImageDataset {
    let data = try DeviceDataset(images, on: device)
    var bytes: [UInt8] = []
    bytes.reserveCapacity(images.images.count)
    for (index, range) in data.ranges(of: 1000).enumerated() {
      var stream = noise
      stream.counter.y = UInt32(index)
      let values = try reconstruct(try data.images(range), noise: stream).values()
      bytes += ImageDataset.bytes(values)
    }
    return images.replacing(images: bytes)
  }
}
