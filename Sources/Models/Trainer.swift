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
  /// The images per second since training started or resumed.
  public var imagesPerSecond: Double

  /// The seconds until the last epoch ends, at this speed.
  public var secondsLeft: Double {
    Double((epochs - epoch + 1) * imagesPerEpoch - images) / imagesPerSecond
  }
}

/// A loss that is not a number.
public struct DivergenceError: Error, CustomStringConvertible {
  /// The training step.
  public var step: Int

  /// Notes the step.
  public init(step: Int) { self.step = step }

  /// The failure in one line.
  public var description: String {
    "the loss is not a number after step \(step); try a lower --learning-rate"
  }
}

/// Trains an autoencoder and keeps its run folder up to date.
///
/// All random numbers are functions of the seed and the step, so a run that was stopped after an
/// epoch and resumed ends with the same bytes as one that was not.
public final class Trainer {
  /// The model.
  public let model: VariationalAutoencoder
  /// What determines the run.
  public let configuration: RunConfiguration
  /// The whole epochs so far.
  public internal(set) var epochsDone = 0
  /// The losses every few steps.
  public internal(set) var history = TrainingHistory()

  private let training: DeviceDataset
  private let test: DeviceDataset
  private let meter: LossMeter
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
    meter = try LossMeter(objective, on: device)
  }

  private func stream(_ purpose: UInt32, _ step: Int) -> RandomStream {
    RandomStream(seed: configuration.seed, purpose: purpose, step: UInt64(step))
  }

  /// Trains one epoch.
  ///
  /// - Returns: The result, or nil when `shouldStop` said so in between.
  /// - Throws: `DeviceError`, or ``DivergenceError``.
  public func runEpoch(
    progress: (TrainingProgress) throws -> Void = { _ in }, shouldStop: () -> Bool = { false }
  ) throws -> EpochResult? {
    let start = DispatchTime.now().uptimeNanoseconds
    func seconds() -> Double { Double(DispatchTime.now().uptimeNanoseconds - start) / 1e9 }
    let epoch = epochsDone + 1
    var sum = LossParts.zero
    var images = 0
    try training.shuffle(stream(RandomPurpose.shuffling, epoch))
    let batches = training.batches(of: configuration.batchSize)
    for (index, batch) in batches.enumerated() {
      if shouldStop() { return nil }
      try step(try training.batch(batch))
      guard (index + 1) % reportInterval == 0 || index + 1 == batches.count else { continue }
      let (part, count) = try meter.take()
      guard part.isFinite else { throw DivergenceError(step: model.parameters.steps) }
      sum += part
      images += count
      history.steps.append(.init(step: model.parameters.steps, loss: part / count))
      try progress(
        TrainingProgress(
          epoch: epoch, epochs: configuration.epochs, images: images,
          imagesPerEpoch: training.count, loss: sum / images,
          imagesPerSecond: Double(images) / seconds()))
    }
    let elapsed = seconds()
    let test = try evaluate()
    guard test.isFinite else { throw DivergenceError(step: model.parameters.steps) }
    epochsDone = epoch
    let result = EpochResult(
      epoch: epoch, training: sum / images, test: test, seconds: elapsed,
      imagesPerSecond: Double(images) / elapsed)
    history.epochs.append(result)
    return result
  }

  /// One optimisation step on a batch; its loss goes to the meter.
  /// - Throws: `DeviceError` when the device fails.
  public func step(_ batch: Tensor) throws(DeviceError) {
    let step = model.parameters.steps
    let tape = Tape()
    let loss = try model.loss(
      objective, of: batch, noise: stream(RandomPurpose.noise, step),
      prior: stream(RandomPurpose.prior, step), tape: tape)
    try tape.backward(from: loss.terms)
    try model.parameters.step(learningRate: configuration.learningRate)
    try meter.add(loss)
  }

  /// The mean loss over the test images, decoded at one sample of q(z|x) for each.
  /// - Throws: `DeviceError` when the device fails.
  public func evaluate() throws(DeviceError) -> LossParts {
    let meter = try LossMeter(objective, on: model.device)
    for (index, range) in test.batches(of: configuration.batchSize).enumerated() {
      // The upper half of the steps is for the prior, so that it is independent of the noise.
      try meter.add(
        try model.loss(
          objective, of: try test.batch(range), noise: stream(RandomPurpose.evaluation, index),
          prior: stream(RandomPurpose.evaluation, index + 1 << 32)))
    }
    let (sum, images) = try meter.take()
    return sum / images
  }
}
