import Autograd
import Compute
import Models
import NeuralNetwork

/// A conditional generative adversarial network (Goodfellow et al., 2014; Mirza and Osindero, 2014) of
/// fully connected layers. The generator has the extents of the paper's decoder, the discriminator
/// those of its encoder with one logit; the first layer of each also sees the label.
///
/// The generator minimises −log Dis(Gen(z)), the form that does not saturate. What keeps so plain a
/// pair stable: noise on what the discriminator sees (Arjovsky and Bottou, 2017), without which it
/// learns to tell the two apart at once and the generator collapses; dropout in the discriminator; 0.9
/// for the label of real images (Salimans et al., 2016); and Adam with β₁ = 0.5 (Radford et al., 2016).
public final class ConditionalGAN: ConditionalModel {
  /// The losses of an image, in nats.
  public let lossNames = ["discriminator", "generator"]

  private let shape: AutoencoderShape
  private let learningRate: Float
  private let seed: UInt64
  private let generatorParameters: ParameterStore
  private let discriminatorParameters: ParameterStore
  private let generator: Network
  private let discriminator: Network
  private let oneHot: OneHot

  private static let realTarget: Float = 0.9
  private static let dropout: Float = 0.3
  /// The standard deviation of the noise on pixels in ±1.
  private static let noise: Float = 0.5
  private static let firstDecay: Float = 0.5

  /// Makes a model with random weights, the same for a seed on every device.
  /// - Throws: `DeviceError` when the device has no room.
  public init(_ configuration: BaselineConfiguration, on device: any Device) throws(DeviceError) {
    let shape = configuration.shape
    let classes = configuration.classNames.count
    self.shape = shape
    learningRate = configuration.learningRate
    seed = configuration.seed
    let generator = configuration.drawing
    let discriminator = Layer.Extent.network(
      "discriminator", inputs: shape.pixels, hidden: shape.hidden, outputs: 1, classes: classes,
      activation: .softplus)
    generatorParameters = try ParameterStore(
      generator.flatMap(\.specifications), seed: seed, on: device)
    discriminatorParameters = try ParameterStore(
      discriminator.flatMap(\.specifications), seed: seed ^ 1 << 32, on: device)
    self.generator = try Network(generator, in: generatorParameters)
    self.discriminator = try Network(discriminator, in: discriminatorParameters)
    oneHot = try OneHot(classes: classes, on: device)
  }

  private var device: any Device { generatorParameters.device }

  /// The parameters of the generator and of the discriminator.
  public var stores: [ParameterStore] { [generatorParameters, discriminatorParameters] }

  private func generate(_ labels: Tensor, _ stream: RandomStream) throws(DeviceError)
    -> Tensor
  {
    let z = try Tensor.normal(Rows(labels.shape.rows, shape.latentDimension), stream, on: device)
    return try generator(z, labels).map(.sigmoid)
  }

  /// The loss of taking images for `target`: 1 for real ones.
  ///
  /// - Parameter stream: The dropout and, from layer 2 on, the noise.
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

  /// One step of Adam of the discriminator, then one of the generator; see ``ConditionalModel``.
  public func step(images: Tensor, labels: Tensor) throws(DeviceError) -> [Tensor] {
    let weight = 1 / Float(images.shape.rows)
    let step = UInt64(generatorParameters.steps)
    func stream(_ purpose: UInt32, _ use: UInt32) -> RandomStream {
      var stream = RandomStream(seed: seed, purpose: purpose, step: step)
      stream.counter.y = use << 8
      return stream
    }

    let fakes = try generate(labels, stream(RandomPurpose.noise, 0))
    let judging = Tape()
    let (onReal, onFakes) = try judging.record { () throws(DeviceError) in
      (
        try discriminate(
          images, labels, as: Self.realTarget, stream(RandomPurpose.dropout, 0)),
        try discriminate(fakes, labels, as: 0, stream(RandomPurpose.dropout, 1))
      )
    }
    try judging.backward(from: [(onReal, weight), (onFakes, weight)])
    try discriminatorParameters.step(learningRate: learningRate, firstDecay: Self.firstDecay)

    discriminatorParameters.isFrozen = true
    defer { discriminatorParameters.isFrozen = false }
    let generating = Tape()
    let loss = try generating.record { () throws(DeviceError) in
      try discriminate(
        try generate(labels, stream(RandomPurpose.noise, 1)), labels, as: 1,
        stream(RandomPurpose.dropout, 2))
    }
    try generating.backward(from: [(loss, weight)])
    try generatorParameters.step(learningRate: learningRate, firstDecay: Self.firstDecay)
    return [try onReal.adding(onFakes), loss]
  }

  /// Draws images of a class.
  public func images(label: Int, count: Int, stream: RandomStream) throws(DeviceError) -> Tensor {
    try generate(try oneHot(label, count: count), stream)
  }

  /// Writes the weights of the generator: drawing needs no discriminator.
  public func save(to path: String) throws { try generatorParameters.save(to: path) }
  /// Reads the weights of the generator.
  public func load(from path: String) throws { try generatorParameters.load(from: path) }
}
