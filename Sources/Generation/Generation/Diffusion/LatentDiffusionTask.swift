import Autograd
import Compute
import Datasets
import Models
import NeuralNetwork
import Training

/// How a latent diffusion is trained.
public struct LatentDiffusionConfiguration: Sendable, Hashable, Codable {
  /// The passes over the encoded images.
  public var epochs = 40
  /// The images per step.
  public var batchSize = 256
  /// Adam's learning rate, which falls to zero by half a cosine.
  public var learningRate: Float = 0.001
  /// The width of the layers.
  public var width = 512
  /// The number of blocks of two layers.
  public var blocks = 3
  /// The seed of all random numbers.
  public var seed: UInt64 = 1

  /// The usual configuration.
  public init() {}

  /// What a training must have in common with one that it continues, or whose result it may use.
  ///
  /// - Parameter origin: What identifies the autoencoder and the labels.
  public func identity(origin: String) throws -> String { origin + (try json(self)) }
}

/// Trains the velocity field of a ``LatentDiffusion`` by conditional flow matching: at z_t = (1 − t) ε + t z, with z a
/// sample of q(z|x) and ε ~ N(0, 1), the network learns z − ε by least squares. The times are t = sigmoid(N(0, 1))
/// (Esser et al., 2024). An image has no class where it has no label, and otherwise in a tenth of the cases, so that the
/// network also knows the velocity of all classes together.
public final class LatentDiffusionTask: TrainingTask {
  public let optimizers: [Optimizer]
  public let lossNames = ["squared error"]
  public let remedy = "try a lower --learning-rate"
  let shape: VelocityNetwork.Shape
  let network: VelocityNetwork
  let parameters: Parameters
  let standard: Standardization

  /// The share of labelled images that are shown without their class.
  private static let dropped: Float = 0.1
  /// The standardised q(z|x) of each image, images × 2D.
  private let moments: Tensor
  /// The class of each image, that after the last where it has none.
  private let labels: Buffer
  private let configuration: LatentDiffusionConfiguration

  init(
    _ configuration: LatentDiffusionConfiguration, of data: DeviceDataset, classCount: Int,
    under model: VariationalAutoencoder
  ) throws {
    labels = try model.device.makeBuffer(
      (0..<data.count).map { UInt8(min(classCount, Int(data.source.label($0)))) })
    let (device, dimension) = (model.device, model.shape.latentDimension)
    self.configuration = configuration
    var encoded: [Float] = []
    encoded.reserveCapacity(data.count * 2 * dimension)
    for range in data.ranges(of: 1000) {
      encoded += try model.encode(try data.images(range)).values()
    }
    let standard = Standardization(ofMoments: encoded, dimension: dimension)
    self.standard = standard
    moments = try Tensor(
      standard.applied(toMoments: encoded), Rows(data.count, 2 * dimension), on: device)
    let shape = VelocityNetwork.Shape(
      latentDimension: dimension, classCount: classCount, width: configuration.width,
      blocks: configuration.blocks)
    self.shape = shape
    (parameters, network) = try Parameters.declare(seed: configuration.seed, on: device) {
      try VelocityNetwork(shape, $0)
    }
    let steps =
      configuration.epochs * data.ranges(of: min(configuration.batchSize, data.count)).count
    let warmUp = min(200, steps / 10)
    optimizers = [
      try Adam(
        parameters,
        learningRate: .warmUp(
          warmUp, then: .cosine(configuration.learningRate, steps: steps - warmUp)),
        clippingNorm: 1)
    ]
  }

  public func step(_ batch: Batch) throws -> [(tensor: Tensor, weight: Float)] {
    let (device, rows) = (parameters.device, batch.count)
    let stream = RandomStream(seed: configuration.seed).split(.generatorTraining)
      .step(optimizers[0].steps)
    let data = try batch.rows(of: moments).sampled(stream.split("encoding"))
    let noise = try Tensor.normal(data.shape, stream.split("noise"), on: device)
    let times = try Tensor.normal(Rows(rows, 1), stream.split("times"), on: device).map(.sigmoid)
    let velocity = try data - noise
    let z = try noise + velocity * times
    let chance = try device.makeBuffer(count: rows, type: .float32)
    try device.random(.uniform, stream.split("classes"), into: chance)
    let isShown = try Tensor(chance, Rows(rows, 1), on: device)
      .zip(.greaterOrEqual, Tensor(Self.dropped, on: device))
    let (labels, none) = (
      try batch.numbers(of: labels), try device.makeBuffer([Int32(shape.classCount)])
    )
    let loss = try optimizers[0].step {
      let vectors = try isShown.select(
        network.vectors(of: labels), network.vectors(of: none))
      let error = try (network(z, at: times, vectors) - velocity).map(.square)
      return WeightedSum([(error, 1 / Float(data.shape.count))])
    }
    return loss.terms.map { ($0.tensor, $0.weight * Float(rows)) }
  }
}

/// The training of a latent diffusion.
public typealias LatentDiffusionTraining = TrainingLoop<LatentDiffusionTask>

extension LatentDiffusionTraining {
  /// Prepares the training of a velocity field.
  ///
  /// - Parameters:
  ///   - configuration: How it is trained.
  ///   - images: All training images; those without a label help too.
  ///   - model: Its encoder determines the latent vectors of the images.
  ///   - origin: What identifies the autoencoder and the labels.
  /// - Throws: `DeviceError` when the device has no room.
  public convenience init(
    _ configuration: LatentDiffusionConfiguration, of images: ImageDataset,
    under model: VariationalAutoencoder, origin: String
  ) throws {
    let data = try DeviceDataset(images, on: model.device)
    try self.init(
      try LatentDiffusionTask(
        configuration, of: data, classCount: images.classCount, under: model),
      data: data,
      TrainingSettings(
        epochs: configuration.epochs, batchSize: min(configuration.batchSize, images.count),
        seed: configuration.seed, origin: try configuration.identity(origin: origin)))
  }

  /// The generator as trained so far.
  public func generator(theta: Float, settings: LatentDiffusion.Settings) -> LatentDiffusion {
    var generator = LatentDiffusion(
      task.shape, task.network, task.parameters, task.standard,
      theta: [Float](repeating: theta, count: task.shape.classCount), settings: settings)
    generator.training = self.settings.origin ?? ""
    return generator
  }
}
