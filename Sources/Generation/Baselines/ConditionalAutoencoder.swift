import Autograd
import Compute
import Models
import NeuralNetwork

/// A conditional variational autoencoder (Sohn, Lee and Yan, 2015): the autoencoder of the paper (tables 1 and 2),
/// where the first layer of the encoder and of the decoder also sees the label. Images of a class are drawn by
/// decoding samples of the prior N(0, 1) with its label.
public final class ConditionalAutoencoder: ConditionalModel {
  /// All weights and biases.
  public let parameters: Parameters
  fileprivate let networks: Networks
  fileprivate let latentDimension: Int
  private let oneHot: OneHot

  struct Networks {
    let encoder, decoder: ConditionalNetwork

    init(_ shape: AutoencoderShape, classes: Int, _ p: Parameters) throws {
      encoder = try ConditionalNetwork(
        shape.pixels, hidden: shape.hidden, 2 * shape.latentDimension, classes: classes, .softplus,
        p["encoder"])
      decoder = try ConditionalNetwork(
        shape.latentDimension, hidden: shape.hidden, shape.pixels, classes: classes, .softplus,
        p["decoder"])
    }
  }

  /// Creates a model with random weights; a seed gives the same ones on every device.
  /// - Throws: `DeviceError` when the device has no room.
  public init(_ configuration: BaselineConfiguration, on device: any Device) throws {
    let classes = configuration.classNames.count
    latentDimension = configuration.shape.latentDimension
    (parameters, networks) = try Parameters.declare(seed: configuration.seed, on: device) {
      try Networks(configuration.shape, classes: classes, $0)
    }
    oneHot = try OneHot(classes: classes, on: device)
  }

  /// Draws images of a class: the decoder's expectations at samples of the prior.
  public func images(label: Int, count: Int, stream: RandomStream) throws(DeviceError) -> Tensor {
    let z = try Tensor.normal(Rows(count, latentDimension), stream, on: parameters.device)
    return try networks.decoder(z, try oneHot(label, count: count)).map(.sigmoid)
  }
}

/// Minimises, with Adam, the negative evidence lower bound of log p(x|y).
final class ConditionalAutoencoderLearner: ConditionalLearner {
  /// Reconstruction and KL of an image, in nats.
  let lossNames = ["reconstruction", "KL"]
  let optimizers: [Optimizer]
  var model: any ConditionalModel { autoencoder }
  private let autoencoder: ConditionalAutoencoder
  private let seed: UInt64

  init(_ configuration: BaselineConfiguration, on device: any Device) throws {
    seed = configuration.seed
    autoencoder = try ConditionalAutoencoder(configuration, on: device)
    optimizers = [
      try Adam(autoencoder.parameters, learningRate: .constant(configuration.learningRate))
    ]
  }

  func step(images: Tensor, labels: Tensor) throws -> [Tensor] {
    let weight = 1 / Float(images.shape.rows)
    let noise = RandomStream(seed: seed).split(.noise).step(optimizers[0].steps)
    return try optimizers[0].step {
      let encoded = try autoencoder.networks.encoder(images, labels)
      let z = try encoded.sampled(noise)
      let reconstruction = try autoencoder.networks.decoder(z, labels)
        .binaryCrossEntropy(targets: images)
      return WeightedSum([(reconstruction, weight), (try encoded.gaussianDivergence(), weight)])
    }.terms.map(\.tensor)
  }
}
