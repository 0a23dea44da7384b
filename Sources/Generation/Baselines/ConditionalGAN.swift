import Autograd
import Compute
import Models
import NeuralNetwork

/// The generator of a conditional generative adversarial network (Goodfellow et al., 2014; Mirza and Osindero, 2014)
/// of fully connected layers, with the extents of the paper's decoder; its first layer also sees the label.
public final class ConditionalGAN: ConditionalModel {
  /// All weights and biases.
  public let parameters: Parameters
  fileprivate let generator: ConditionalNetwork
  private let latentDimension: Int
  private let oneHot: OneHot

  static func generator(_ shape: AutoencoderShape, classes: Int, _ p: Parameters) throws
    -> ConditionalNetwork
  {
    try ConditionalNetwork(
      shape.latentDimension, hidden: shape.hidden, shape.pixels, classes: classes, .relu,
      p["generator"])
  }

  /// Creates a generator with random weights; a seed gives the same ones on every device.
  /// - Throws: `DeviceError` when the device has no room.
  public init(_ configuration: BaselineConfiguration, on device: any Device) throws {
    let (shape, classes) = (configuration.shape, configuration.classNames.count)
    latentDimension = shape.latentDimension
    (parameters, generator) = try Parameters.declare(seed: configuration.seed, on: device) {
      try Self.generator(shape, classes: classes, $0)
    }
    oneHot = try OneHot(classes: classes, on: device)
  }

  /// An image for each row of labels.
  fileprivate func generate(_ labels: Tensor, _ stream: RandomStream) throws(DeviceError) -> Tensor
  {
    let z = try Tensor.normal(
      Rows(labels.shape.rows, latentDimension), stream, on: parameters.device)
    return try generator(z, labels).map(.sigmoid)
  }

  /// Draws images of a class.
  public func images(label: Int, count: Int, stream: RandomStream) throws(DeviceError) -> Tensor {
    try generate(try oneHot(label, count: count), stream)
  }
}

/// Trains a generator against a discriminator with the extents of the paper's encoder, but one logit; its first layer
/// also sees the label.
///
/// The generator minimises −log Dis(Gen(z)), the form that does not saturate. What keeps so plain a
/// pair stable: noise on what the discriminator sees (Arjovsky and Bottou, 2017), without which it
/// learns to tell the two apart at once and the generator collapses; dropout in the discriminator; 0.9
/// for the label of real images (Salimans et al., 2016); and Adam with β₁ = 0.5 (Radford et al., 2016).
final class ConditionalGANLearner: ConditionalLearner {
  /// The losses of an image, in nats.
  let lossNames = ["discriminator", "generator"]
  let optimizers: [Optimizer]
  var model: any ConditionalModel { gan }
  private let gan: ConditionalGAN
  private let discriminator: ConditionalNetwork
  private let discriminatorParameters: Parameters
  private let seed: UInt64

  private static let realTarget: Float = 0.9
  private static let dropout: Float = 0.3
  /// The standard deviation of the noise on pixels in ±1.
  private static let noise: Float = 0.5
  private static let firstDecay: Float = 0.5

  init(_ configuration: BaselineConfiguration, on device: any Device) throws {
    let (shape, classes) = (configuration.shape, configuration.classNames.count)
    seed = configuration.seed
    gan = try ConditionalGAN(configuration, on: device)
    (discriminatorParameters, discriminator) = try Parameters.declare(
      seed: seed ^ 1 << 32, on: device
    ) {
      try ConditionalNetwork(
        shape.pixels, hidden: shape.hidden, 1, classes: classes, .softplus, $0["discriminator"])
    }
    optimizers = try [gan.parameters, discriminatorParameters].map {
      try Adam(
        $0, learningRate: .constant(configuration.learningRate), firstDecay: Self.firstDecay)
    }
  }

  private var device: any Device { gan.parameters.device }

  /// The loss of the discriminator on images with the label `target`: 1 for real ones.
  ///
  /// - Parameter stream: Of the dropout and, from layer 2 on, the noise.
  private func discriminate(
    _ images: Tensor, _ labels: Tensor, as target: Float, _ stream: RandomStream
  ) throws(DeviceError) -> Tensor {
    func numbers(_ layer: Int) -> RandomStream {
      var result = stream
      result.counter.y = stream.counter.y &+ UInt32(layer)
      return result
    }
    // Pixels in ±1, and noise.
    let shift = try device.makeBuffer(count: images.shape.count, type: .float32)
    try device.fill(shift, with: -1)
    let noise = try Tensor.normal(images.shape, numbers(2), on: device)
    try device.scaledAdd(Self.noise, noise.buffer, 1, into: shift)
    let seen = try images.adding(images)
      .adding(Tensor(shift, images.shape, on: device))
    let logits = try discriminator(seen, labels) { (x, layer) throws(DeviceError) in
      try x.droppingOut(Self.dropout, numbers(layer))
    }
    let count = images.shape.rows
    let targets = try Tensor([Float](repeating: target, count: count), Rows(count, 1), on: device)
    return try logits.binaryCrossEntropy(targets: targets)
  }

  /// One step of Adam for the discriminator, then one for the generator.
  func step(images: Tensor, labels: Tensor) throws -> [Tensor] {
    let weight = 1 / Float(images.shape.rows)
    let step = optimizers[0].steps
    func stream(_ purpose: RandomPurpose, _ use: UInt32) -> RandomStream {
      var stream = RandomStream(seed: seed).split(purpose).step(step)
      stream.counter.y = use << 8
      return stream
    }

    let fakes = try gan.generate(labels, stream(.noise, 0))
    let judged = try optimizers[1].step {
      WeightedSum([
        (
          try discriminate(images, labels, as: Self.realTarget, stream(.dropout, 0)),
          weight
        ),
        (try discriminate(fakes, labels, as: 0, stream(.dropout, 1)), weight),
      ])
    }.terms.map(\.tensor)

    discriminatorParameters.isFrozen = true
    defer { discriminatorParameters.isFrozen = false }
    let deceived = try optimizers[0].step {
      let images = try gan.generate(labels, stream(.noise, 1))
      return WeightedSum([
        (try discriminate(images, labels, as: 1, stream(.dropout, 2)), weight)
      ])
    }.terms[0].tensor
    return [try judged[0].adding(judged[1]), deceived]
  }
}
