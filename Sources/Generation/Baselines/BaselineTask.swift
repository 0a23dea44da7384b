import Autograd
import Compute
import Datasets
import Files
import Foundation
import Models
import NeuralNetwork
import Training

/// A baseline trained on images with their labels.
public final class BaselineTask: TrainingTask {
  /// What determines the training.
  public let configuration: BaselineConfiguration
  public let remedy = "try another --seed"
  public var optimizers: [Optimizer] { learner.optimizers }
  public var lossNames: [String] { learner.lossNames }
  private let learner: any ConditionalLearner
  private let oneHot: OneHot

  init(_ configuration: BaselineConfiguration, on device: any Device) throws {
    self.configuration = configuration
    learner =
      switch configuration.baseline {
      case .cvae: try ConditionalAutoencoderLearner(configuration, on: device)
      case .gan: try ConditionalGANLearner(configuration, on: device)
      }
    oneHot = try OneHot(classes: configuration.classNames.count, on: device)
  }

  /// The model.
  public var model: any ConditionalModel { learner.model }

  public func step(_ batch: Batch) throws -> [(tensor: Tensor, weight: Float)] {
    try learner.step(images: try batch.images, labels: try oneHot(try batch.labels.buffer))
      .map { ($0, 1) }
  }
}

/// The training of a baseline, which keeps its folder up to date.
public typealias BaselineTraining = TrainingLoop<BaselineTask>

extension BaselineTraining {
  /// The model.
  public var model: any ConditionalModel { task.model }
  /// What determines the training.
  public var configuration: BaselineConfiguration { task.configuration }
  /// The number of weights and biases of all networks together.
  public var parameterCount: Int { task.optimizers.reduce(0) { $0 + $1.parameters.count } }

  /// Prepares a training run from the start.
  /// - Throws: `DeviceError` when the device has no room, `FileError` when the images differ in size from the
  ///   configuration.
  public convenience init(
    _ configuration: BaselineConfiguration, training: ImageDataset, on device: any Device
  ) throws {
    try training.check(configuration.image)
    try self.init(
      try BaselineTask(configuration, on: device), data: try DeviceDataset(training, on: device),
      TrainingSettings(
        epochs: configuration.epochs, batchSize: min(configuration.batchSize, training.count),
        seed: configuration.seed))
  }

  /// Trains to the last epoch, and keeps the folder up to date: after each epoch, at intervals in between, and when
  /// asked to stop.
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

  /// Writes everything that the folder has after a completed epoch, each file atomically.
  ///
  /// The checkpoint comes after the weights and the losses: until it is there, resuming repeats the epoch, and
  /// arrives at the same bytes. The configuration comes last: a folder that has one has a checkpoint.
  /// - Throws: `FileError` or `DeviceError`.
  public func save(to run: Run) throws {
    try run.claim()
    // What is here belongs to an earlier run in this folder.
    if checkpoint == nil { unlink(run.configurationPath) }
    try model.parameters.save(to: run.weightsPath)
    try saveCheckpoint(to: run)
  }

  /// Writes what training needs to resume from here, even in the middle of an epoch.
  /// - Throws: `FileError` or `DeviceError`.
  public func saveCheckpoint(to run: Run) throws {
    try run.claim()
    if checkpoint == nil && epochsDone == 0 {
      for path in [run.configurationPath, run.weightsPath] { unlink(path) }
    }
    try writeAtomically(history.metricsTable, to: run.metricsPath)
    try saveCheckpoint(to: run.checkpointPath)
    try writeAtomically(try configuration.json(), to: run.configurationPath)
  }

  /// Continues from what ``save(to:)`` wrote.
  /// - Throws: `FileError` when something is missing or does not belong to this configuration;
  ///   `DeviceError`.
  public func resume(_ run: Run) throws {
    let path = run.checkpointPath
    try resume(from: path, remedy: "give the run back its data set and configuration") {
      metadata, _ in
      // An older version kept the results of its epochs as text.
      guard metadata["position"] == nil else { return nil }
      var history = history
      history.epochs =
        try value([OlderResult].self, "epochs", in: metadata, of: path)?
        .map(\.result) ?? []
      return history
    }
    if let metrics = try? readFile(run.metricsPath) { takeTimes(from: metrics) }
  }
}

/// The result of an epoch as an older version kept it.
private struct OlderResult: Decodable {
  var epoch: Int
  var losses: [Double]
  var seconds: Double
  var imagesPerSecond: Double

  var result: EpochResult {
    EpochResult(
      epoch: epoch, losses: losses, measures: [], seconds: seconds,
      imagesPerSecond: imagesPerSecond)
  }
}
