import Autograd
import Compute
import NeuralNetwork

/// A variational autoencoder; by default that of the paper (tables 1 and 2): 784–500–500–2D with softplus, and
/// D–500–500–784, whose outputs are the logits of the pixels.
public final class VariationalAutoencoder {
  /// The extents.
  public let shape: AutoencoderShape
  /// All weights and biases.
  public let parameters: Parameters
  private let encoder: any Encoder
  private let decoder: any Decoder

  /// Creates an autoencoder with random weights; a seed gives the same ones on every device.
  /// - Throws: `DeviceError` when the device has no room.
  public init(_ shape: AutoencoderShape, seed: UInt64, on device: any Device) throws {
    self.shape = shape
    (parameters, (encoder, decoder)) = try Parameters.declare(seed: seed, on: device) {
      try shape.networks($0)
    }
  }

  /// The device that holds the weights.
  public var device: any Device { parameters.device }

  /// q(z|x): the means and the log variances of the latent vectors.
  ///
  /// - Parameter images: rows × pixels, grey values in [0, 1].
  /// - Returns: rows × 2D, means before log variances.
  /// - Throws: `DeviceError` when the device fails.
  public func encode(_ images: Tensor) throws(DeviceError) -> Tensor {
    try encoder(images)
  }

  /// The logits of p(x|z); their sigmoid is the expected image.
  ///
  /// - Parameter latents: rows × D.
  /// - Returns: rows × pixels.
  /// - Throws: `DeviceError` when the device fails.
  public func decode(_ latents: Tensor) throws(DeviceError) -> Tensor {
    try decoder(latents, .identity)
  }

  /// The expected images of p(x|z).
  ///
  /// - Parameter latents: rows × D.
  /// - Returns: rows × pixels, grey values in [0, 1].
  /// - Throws: `DeviceError` when the device fails.
  public func images(at latents: Tensor) throws(DeviceError) -> Tensor {
    try decoder(latents, .sigmoid)
  }
}
