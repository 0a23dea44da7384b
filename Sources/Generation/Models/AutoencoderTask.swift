import Autograd
import Compute
import Datasets
import Files
import NeuralNetwork
import Training

/// An autoencoder trained on its objective (section 3.3 of the paper).
public final class AutoencoderTask: TrainingTask {
  /// The model.
  public let model: VariationalAutoencoder
  /// What determines the run.
  public let configuration: RunConfiguration
  public let optimizers: [Optimizer]
  public let lossNames = ["reconstruction", "regularizer"]
  public let lossColumns = AutoencoderTask.columns("")
  public let measureColumns = AutoencoderTask.columns("test ")
  public let remedy = "try a lower --learning-rate"

  private let objective: Objective
  private let augmentation: Augmentation
  private let test: DeviceDataset

  /// The parts of a loss; the discrepancy is small and needs more decimals.
  fileprivate static func columns(_ prefix: String) -> [Column] {
    [
      Column("\(prefix)reconstruction"), Column("\(prefix)regularizer", decimals: 8),
      Column("\(prefix)total"),
    ]
  }

  /// - Parameters:
  ///   - images: The number of training images.
  ///   - test: The images that it is evaluated on.
  init(
    _ configuration: RunConfiguration, images: Int, test: ImageDataset, on device: any Device
  ) throws {
    self.configuration = configuration
    objective = configuration.resolvedObjective
    augmentation = configuration.augmentation ?? Augmentation()
    model = try VariationalAutoencoder(configuration.shape, seed: configuration.seed, on: device)
    optimizers = [
      try Adam(model.parameters, learningRate: configuration.schedule(images))
    ]
    self.test = try DeviceDataset(test, on: device)
  }

  private func stream(_ purpose: RandomPurpose, _ step: Int) -> RandomStream {
    RandomStream(seed: configuration.seed).split(purpose).step(step)
  }

  public func step(_ batch: Batch) throws -> [(tensor: Tensor, weight: Float)] {
    let step = optimizers[0].steps
    let images = try augmentation(
      try batch.images, configuration.image, stream(.augmentation, step))
    return try optimizers[0].step {
      try model.loss(
        objective, of: images, noise: stream(.noise, step),
        prior: stream(.prior, step))
    }.sums
  }

  public func summary(_ losses: [Double]) -> [Double] {
    losses + [losses[0] + Double(objective.regularizerWeight) * losses[1]]
  }

  /// The mean loss over the test images, decoded at one sample of q(z|x) for each.
  public func evaluate() throws -> [Double] {
    let meter = try LossMeter(parts: 2, on: model.device)
    for (index, range) in test.ranges(of: configuration.batchSize).enumerated() {
      // The upper half of the steps is for the prior, so that it is independent of the noise.
      let loss = try model.loss(
        objective, of: try test.images(range), noise: stream(.evaluation, index),
        prior: stream(.evaluation, index + 1 << 32))
      try meter.add(step: index, images: range.count, loss.sums)
    }
    try meter.collect()
    return summary(meter.sums.parts).map { $0 / Double(meter.sums.images) }
  }
}

/// The training of an autoencoder, which keeps the folder of its run up to date.
public typealias AutoencoderTraining = TrainingLoop<AutoencoderTask>

extension AutoencoderTraining {
  /// The model.
  public var model: VariationalAutoencoder { task.model }
  /// What determines the run.
  public var configuration: RunConfiguration { task.configuration }

  /// Prepares a run from the start.
  ///
  /// - Parameters:
  ///   - configuration: What determines the run.
  ///   - training: The training images.
  ///   - test: The images that it is evaluated on.
  ///   - device: The device that computes.
  ///   - reportInterval: The steps between readings of the loss.
  /// - Throws: `DeviceError` when the device has no room, `FileError` when the images differ in size from the
  ///   configuration.
  public convenience init(
    _ configuration: RunConfiguration, training: ImageDataset, test: ImageDataset,
    on device: any Device, reportInterval: Int = 25
  ) throws {
    try configuration.check(training)
    try configuration.check(test)
    try self.init(
      try AutoencoderTask(configuration, images: training.count, test: test, on: device),
      data: try DeviceDataset(training, on: device),
      TrainingSettings(
        epochs: configuration.epochs, batchSize: min(configuration.batchSize, training.count),
        seed: configuration.seed, reportInterval: reportInterval))
  }

  /// Trains to the last epoch, and keeps the folder of the run up to date: after each epoch, at intervals in between,
  /// and when asked to stop.
  ///
  /// - Returns: Whether it got there; false when `shouldStop` ended it early.
  /// - Throws: As ``/Training/TrainingLoop/train(save:checkpointEvery:until:progress:result:shouldStop:)``, and
  ///   `FileError`.
  public func train(
    in run: Run, checkpointEvery seconds: Double = checkpointSeconds,
    progress: (TrainingProgress) throws -> Void = { _ in },
    result: (EpochResult) throws -> Void = { _ in }, shouldStop: () -> Bool = { false }
  ) throws -> Bool {
    try train(
      save: { try $0 ? save(to: run) : saveCheckpoint(to: run) }, checkpointEvery: seconds,
      progress: progress, result: result, shouldStop: shouldStop)
  }
}

extension Run {
  /// Reads the tables of a run up to an epoch and a step.
  /// - Throws: `FileError` when a row cannot be read.
  public func history(upToEpoch epoch: Int, step: Int = .max) throws -> TrainingHistory {
    var history = TrainingHistory(
      losses: AutoencoderTask.columns(""), measures: AutoencoderTask.columns("test "))
    try history.read(metrics: metricsPath, steps: stepsPath, upToEpoch: epoch, step: step)
    return history
  }
}
