import Autograd
import Compute
import Datasets
import Files
import Foundation
import NeuralNetwork

/// How far a training run is.
public struct TrainingProgress: Sendable {
  /// The current epoch, from 1.
  public var epoch: Int
  /// The number of epochs.
  public var epochs: Int
  /// The images of this epoch so far.
  public var images: Int
  /// The images of an epoch.
  public var imagesPerEpoch: Int
  /// The mean loss of this epoch so far.
  public var loss: LossParts
  /// The images per second of this epoch so far.
  public var imagesPerSecond: Double

  /// The seconds until the last epoch ends, at this speed.
  public var secondsLeft: Double {
    Double((epochs - epoch + 1) * imagesPerEpoch - images) / imagesPerSecond
  }
}

/// Trains an autoencoder and keeps its run folder up to date.
///
/// All random numbers are functions of the seed and the step, so a run that was stopped after any step
/// and resumed ends with the same bytes as one that was not.
public final class Trainer {
  /// The model.
  public let model: VariationalAutoencoder
  /// What determines the run.
  public let configuration: RunConfiguration
  /// The whole epochs so far.
  public internal(set) var epochsDone = 0
  /// The losses every few steps.
  public internal(set) var history = TrainingHistory()
  /// The last checkpoint that was written or read.
  public internal(set) var checkpoint: Checkpoint?

  /// How far the epoch is.
  struct Position: Codable, Equatable {
    /// The batches done.
    var batches = 0
    /// The loss, summed over their images up to the last reading.
    var sum = LossParts.zero
    /// The images up to the last reading.
    var images = 0
    /// The time that they took.
    var seconds = 0.0
  }
  var position = Position()

  let training: DeviceDataset
  let meter: LossMeter
  private let test: DeviceDataset
  private let objective: Objective
  private let reportInterval: Int

  /// Prepares a run from its start.
  ///
  /// - Parameter reportInterval: The steps between readings of the loss.
  /// - Throws: `DeviceError` when the device has no room, `FileError` when the images have another
  ///   size than the configuration says.
  public init(
    _ configuration: RunConfiguration, training: ImageDataset, test: ImageDataset,
    on device: any Device, reportInterval: Int = 25
  ) throws {
    try configuration.check(training)
    try configuration.check(test)
    self.configuration = configuration
    self.reportInterval = reportInterval
    objective = configuration.resolvedObjective
    model = try VariationalAutoencoder(configuration.shape, seed: configuration.seed, on: device)
    self.training = try DeviceDataset(training, on: device)
    self.test = try DeviceDataset(test, on: device)
    meter = try LossMeter(parts: 2, capacity: min(reportInterval, 25), on: device)
  }

  private func stream(_ purpose: UInt32, _ step: Int) -> RandomStream {
    RandomStream(seed: configuration.seed, purpose: purpose, step: UInt64(step))
  }

  /// Trains to the end of the epoch.
  ///
  /// - Parameters:
  ///   - progress: Called at each reading of the loss.
  ///   - betweenSteps: Called before each step, where a checkpoint may be taken.
  ///   - shouldStop: Asked before each step.
  /// - Returns: The result, or nil when `shouldStop` said so in between; the next call goes on there.
  /// - Throws: `DeviceError`, or ``DivergenceError``.
  public func runEpoch(
    progress: (TrainingProgress) throws -> Void = { _ in },
    betweenSteps: () throws -> Void = {}, shouldStop: () -> Bool = { false }
  ) throws -> EpochResult? {
    let stopwatch = Stopwatch()
    let before = position.seconds
    let epoch = epochsDone + 1
    try training.shuffle(stream(RandomPurpose.shuffling, epoch))
    let batches = training.batches(of: configuration.batchSize)
    while position.batches < batches.count {
      position.seconds = before + stopwatch.seconds
      if shouldStop() { return nil }
      try betweenSteps()
      try step(try training.batch(batches[position.batches]))
      position.batches += 1
      try checkLoss()
      let count = position.batches
      guard count % reportInterval == 0 || count == batches.count else { continue }
      try readLoss()
      position.seconds = before + stopwatch.seconds
      try progress(
        TrainingProgress(
          epoch: epoch, epochs: configuration.epochs, images: position.images,
          imagesPerEpoch: training.count, loss: position.sum / position.images,
          imagesPerSecond: rate(position.images, per: position.seconds)))
    }
    let test = try evaluate()
    guard test.isFinite else { throw divergence(model.parameters.steps) }
    epochsDone = epoch
    let result = EpochResult(
      epoch: epoch, training: position.sum / position.images, test: test,
      seconds: position.seconds, imagesPerSecond: rate(position.images, per: position.seconds))
    position = Position()
    history.epochs.append(result)
    return result
  }

  /// Adds the steps since the last reading to the history.
  private func readLoss() throws {
    try meter.collect()
    try checkLoss()
    let part = meter.lossParts(objective)
    position.sum += part
    position.images += meter.sums.images
    history.steps.append(.init(step: model.parameters.steps, loss: part / meter.sums.images))
    meter.reset()
  }

  /// Throws when a loss that has been collected is not a number.
  func checkLoss() throws(DivergenceError) {
    if let step = meter.divergedStep { throw divergence(step) }
  }

  private func divergence(_ step: Int) -> DivergenceError {
    DivergenceError(
      step: step, batches: training.batches(of: configuration.batchSize).count,
      checkpoint: checkpoint, remedy: "try a lower --learning-rate")
  }

  /// One optimisation step on a batch; its loss goes to the meter.
  /// - Throws: `DeviceError` when the device fails.
  public func step(_ batch: Tensor) throws(DeviceError) {
    let step = model.parameters.steps
    let tape = Tape()
    let loss = try tape.record { () throws(DeviceError) in
      try model.loss(
        objective, of: batch, noise: stream(RandomPurpose.noise, step),
        prior: stream(RandomPurpose.prior, step))
    }
    try tape.backward(from: loss.terms)
    try model.parameters.step(learningRate: configuration.learningRate)
    try meter.add(step: step + 1, loss)
  }

  /// The mean loss over the test images, decoded at one sample of q(z|x) for each.
  /// - Throws: `DeviceError` when the device fails.
  public func evaluate() throws(DeviceError) -> LossParts {
    let meter = try LossMeter(parts: 2, on: model.device)
    for (index, range) in test.batches(of: configuration.batchSize).enumerated() {
      // The upper half of the steps is for the prior, so that it is independent of the noise.
      try meter.add(
        step: index,
        try model.loss(
          objective, of: try test.batch(range), noise: stream(RandomPurpose.evaluation, index),
          prior: stream(RandomPurpose.evaluation, index + 1 << 32)))
    }
    try meter.collect()
    return meter.lossParts(objective) / meter.sums.images
  }
}
