import Autograd
import Compute
import NeuralNetwork

/// The extents of an autoencoder (tables 1 and 2 of the paper).
public struct AutoencoderShape: Sendable, Hashable, Codable {
  /// The pixels of an image; 784 in the paper.
  public var pixels: Int
  /// The width of the two hidden layers on either side; 500 in the paper.
  public var hidden: Int
  /// D, the dimension of the latent space; 2, 10 or 20 in the paper.
  public var latentDimension: Int

  /// The values of D that a new model may have. The statistics of each class grow with its square: 40 MB for ten
  /// classes at the end of the range.
  public static let latentRange = 1...1000

  /// Describes an autoencoder.
  public init(pixels: Int = 784, hidden: Int = 500, latentDimension: Int) {
    precondition(pixels > 0 && hidden > 0 && latentDimension > 0, "extents must be positive")
    self.pixels = pixels
    self.hidden = hidden
    self.latentDimension = latentDimension
  }

  /// The weights and biases of an autoencoder, those of the encoder first.
  public var parameters: [ParameterDescription] {
    get throws { try Parameters.survey { try VariationalAutoencoder.Networks(self, $0) } }
  }
}

/// The variational autoencoder of the paper (tables 1 and 2): 784–500–500–2D with softplus, and
/// D–500–500–784, whose outputs are the logits of Bernoulli pixels.
public final class VariationalAutoencoder {
  /// The extents.
  public let shape: AutoencoderShape
  /// All weights and biases.
  public let parameters: Parameters
  private let networks: Networks

  fileprivate struct Networks {
    let encoder, decoder: [Dense]

    init(_ shape: AutoencoderShape, _ p: Parameters) throws {
      func network(_ inputs: Int, _ outputs: Int, _ p: Parameters) throws -> [Dense] {
        [
          try Dense(inputs, shape.hidden, .softplus, p["hidden1"]),
          try Dense(shape.hidden, shape.hidden, .softplus, p["hidden2"]),
          try Dense(shape.hidden, outputs, p["output"]),
        ]
      }
      encoder = try network(shape.pixels, 2 * shape.latentDimension, p["encoder"])
      decoder = try network(shape.latentDimension, shape.pixels, p["decoder"])
    }
  }

  /// Creates an autoencoder with random weights; a seed gives the same ones on every device.
  /// - Throws: `DeviceError` when the device has no room.
  public init(_ shape: AutoencoderShape, seed: UInt64, on device: any Device) throws {
    self.shape = shape
    (parameters, networks) = try Parameters.declare(seed: seed, on: device) {
      try Networks(shape, $0)
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
    var x = images
    for layer in networks.encoder { x = try layer(x) }
    return x
  }

  /// The logits of p(x|z); their sigmoid is the expected image.
  ///
  /// - Parameter latents: rows × D.
  /// - Returns: rows × pixels.
  /// - Throws: `DeviceError` when the device fails.
  public func decode(_ latents: Tensor) throws(DeviceError) -> Tensor {
    try decode(latents, .identity)
  }

  /// The decoder, with a function of the logits.
  private func decode(_ latents: Tensor, _ activation: UnaryFunction) throws(DeviceError) -> Tensor
  {
    var x = latents
    for layer in networks.decoder.dropLast() { x = try layer(x) }
    let output = networks.decoder[networks.decoder.count - 1]
    return try x.dense(output.weight, output.bias, activation: activation)
  }

  /// The expected images of p(x|z).
  ///
  /// - Parameter latents: rows × D.
  /// - Returns: rows × pixels, grey values in [0, 1].
  /// - Throws: `DeviceError` when the device fails.
  public func images(at latents: Tensor) throws(DeviceError) -> Tensor {
    try decode(latents, .sigmoid)
  }
}
