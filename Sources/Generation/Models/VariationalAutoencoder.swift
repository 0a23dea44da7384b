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

  /// The D that a new model may have. The statistics of each class grow with its square: 40 MB for ten
  /// classes at the end of the range.
  public static let latentRange = 1...1000

  /// Describes an autoencoder.
  public init(pixels: Int = 784, hidden: Int = 500, latentDimension: Int) {
    precondition(pixels > 0 && hidden > 0 && latentDimension > 0, "extents must be positive")
    self.pixels = pixels
    self.hidden = hidden
    self.latentDimension = latentDimension
  }

  fileprivate var layers: [(name: String, inputs: Int, outputs: Int)] {
    [
      ("encoder.hidden1", pixels, hidden), ("encoder.hidden2", hidden, hidden),
      ("encoder.output", hidden, 2 * latentDimension),
      ("decoder.hidden1", latentDimension, hidden), ("decoder.hidden2", hidden, hidden),
      ("decoder.output", hidden, pixels),
    ]
  }

  /// The weights and biases of an autoencoder, those of the encoder first.
  public var specifications: [ParameterSpecification] {
    layers.flatMap { Dense.specifications($0.name, inputs: $0.inputs, outputs: $0.outputs) }
  }
}

/// The variational autoencoder of the paper (tables 1 and 2): 784–500–500–2D with softplus, and
/// D–500–500–784, whose outputs are the logits of Bernoulli pixels.
public final class VariationalAutoencoder {
  /// The extents.
  public let shape: AutoencoderShape
  /// All weights and biases.
  public let parameters: ParameterStore

  private let encoder: [Dense]
  private let decoder: [Dense]

  /// Makes an autoencoder with random weights, the same for a seed on every device.
  /// - Throws: `DeviceError` when the device has no room.
  public init(_ shape: AutoencoderShape, seed: UInt64, on device: any Device) throws(DeviceError) {
    self.shape = shape
    let parameters = try ParameterStore(shape.specifications, seed: seed, on: device)
    self.parameters = parameters
    let all = shape.layers.map { layer in
      let activation: UnaryFunction = layer.name.hasSuffix("output") ? .identity : .softplus
      return Dense(layer.name, activation: activation, in: parameters)
    }
    encoder = Array(all[..<3])
    decoder = Array(all[3...])
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
    for layer in encoder { x = try layer(x) }
    return x
  }

  /// The logits of p(x|z); their sigmoid is the expected image.
  ///
  /// - Parameter latents: rows × D.
  /// - Returns: rows × pixels.
  /// - Throws: `DeviceError` when the device fails.
  public func decode(_ latents: Tensor) throws(DeviceError) -> Tensor {
    var x = latents
    for layer in decoder { x = try layer(x) }
    return x
  }

  /// The expected images of p(x|z).
  ///
  /// - Parameter latents: rows × D.
  /// - Returns: rows × pixels, grey values in [0, 1].
  /// - Throws: `DeviceError` when the device fails.
  public func images(at latents: Tensor) throws(DeviceError) -> Tensor {
    try decode(latents).map(.sigmoid)
  }
}
