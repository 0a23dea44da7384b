import Autograd
import Compute
import Models
import NeuralNetwork

/// A conditional variational autoencoder (Sohn, Lee and Yan, 2015): the autoencoder of the paper
/// (tables 1 and 2), where the first layer of the encoder and of the decoder also sees the label. A
/// class is drawn by decoding samples of the prior N(0, 1) with its label.
public final class ConditionalAutoencoder: ConditionalModel {
  /// The losses of an image: reconstruction and KL, in nats.
  public let lossNames = ["reconstruction", "KL"]
  /// All weights and biases.
  public let parameters: ParameterStore

  private let shape: AutoencoderShape
  private let learningRate: Float
  private let seed: UInt64
  private let encoder: Network
  private let decoder: Network
  private let oneHot: OneHot

  /// Makes a model with random weights, the same for a seed on every device.
  /// - Throws: `DeviceError` when the device has no room.
  public init(_ configuration: BaselineConfiguration, on device: any Device) throws(DeviceError) {
    let shape = configuration.shape
    let classes = configuration.classNames.count
    self.shape = shape
    learningRate = configuration.learningRate
    seed = configuration.seed
    let encoder = Layer.Extent.network(
      "encoder", inputs: shape.pixels, hidden: shape.hidden, outputs: 2 * shape.latentDimension,
      classes: classes, activation: .softplus)
    let decoder = configuration.drawing
    parameters = try ParameterStore(
      (encoder + decoder).flatMap(\.specifications), seed: configuration.seed, on: device)
    self.encoder = try Network(encoder, in: parameters)
    self.decoder = try Network(decoder, in: parameters)
    oneHot = try OneHot(classes: classes, on: device)
  }

  /// The parameters of both networks, which have one optimiser.
  public var stores: [ParameterStore] { [parameters] }

  /// One step of Adam on the negative evidence lower bound of log p(x|y); see ``ConditionalModel``.
  public func step(images: Tensor, labels: Tensor) throws(DeviceError) -> [Tensor] {
    let count = images.shape.rows
    let noise = RandomStream(
      seed: seed, purpose: RandomPurpose.noise, step: UInt64(parameters.steps))
    let epsilon = try Tensor.normal(
      Rows(count, shape.latentDimension), noise, on: parameters.device)
    let tape = Tape()
    let (reconstruction, divergence) = try tape.record { () throws(DeviceError) in
      let encoded = try encoder(images, labels)
      let z = try encoded.reparameterized(noise: epsilon.buffer)
      return (
        try decoder(z, labels).binaryCrossEntropy(targets: images),
        try encoded.gaussianDivergence()
      )
    }
    try tape.backward(from: [(reconstruction, 1 / Float(count)), (divergence, 1 / Float(count))])
    try parameters.step(learningRate: learningRate)
    return [reconstruction, divergence]
  }

  /// Draws images of a class: the decoder's expectations at samples of the prior.
  public func images(label: Int, count: Int, stream: RandomStream) throws(DeviceError) -> Tensor {
    let z = try Tensor.normal(Rows(count, shape.latentDimension), stream, on: parameters.device)
    return try decoder(z, try oneHot(label, count: count)).map(.sigmoid)
  }

  /// Writes the weights.
  public func save(to path: String) throws { try parameters.save(to: path) }
  /// Reads the weights.
  public func load(from path: String) throws { try parameters.load(from: path) }
}
