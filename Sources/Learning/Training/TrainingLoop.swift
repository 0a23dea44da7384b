import Compute
import Datasets
import NeuralNetwork

/// The settings that all training runs share, whatever the model.
public struct TrainingSettings: Codable, Sendable, Hashable {
  /// The number of passes over the images.
  public var epochs: Int
  /// The images per step.
  public var batchSize: Int
  /// The seed of all random numbers.
  public var seed: UInt64
  /// The steps between readings of the losses.
  public var reportInterval: Int
  /// What identifies the images, or what made them, such as a checksum; a checkpoint of another origin is refused.
  public var origin: String?

  /// Describes a training run.
  public init(
    epochs: Int, batchSize: Int = 128, seed: UInt64 = 1, reportInterval: Int = 25,
    origin: String? = nil
  ) {
    self.epochs = epochs
    self.batchSize = batchSize
    self.seed = seed
    self.reportInterval = reportInterval
    self.origin = origin
  }
}

/// The progress of a training run.
public struct TrainingProgress: Sendable {
  /// The current epoch, from 1.
  public var epoch: Int
  /// The number of epochs.
  public var epochs: Int
  /// The images of this epoch so far.
  public var images: Int
  /// The images per epoch.
  public var imagesPerEpoch: Int
  /// The mean losses of this epoch so far, as the history has them.
  public var losses: [Double]
  /// The images per second of this epoch so far.
  public var imagesPerSecond: Double

  /// The seconds until the last epoch ends, at this speed.
  public var secondsLeft: Double {
    Double((epochs - epoch + 1) * imagesPerEpoch - images) / imagesPerSecond
  }
}

/// The seconds between checkpoints in the middle of an epoch, unless a user says otherwise.
public let checkpointSeconds = 300.0

/// Trains a model: shuffled batches, readings of the losses, a history, checkpoints, and resuming from them.
///
/// A training run that is stopped after any step and resumed ends with the same bytes as one that is not stopped, if
/// its ``TrainingTask`` follows the rules.
public final class TrainingLoop<Task: TrainingTask> {
  /// The task to train on.
  public let task: Task
  /// The training images.
  public let data: DeviceDataset
  /// How long to train, and in which batches.
  public let settings: TrainingSettings
  /// The epochs completed so far.
  public internal(set) var epochsDone = 0
  /// The losses every few steps, and the results of the epochs.
  public internal(set) var history: TrainingHistory
  /// The last checkpoint that was written or read.
  public package(set) var checkpoint: Checkpoint?

  var position = Position()
  let meter: LossMeter

  /// Prepares a training run from the start.
  /// - Throws: ``/NeuralNetwork/ParameterError`` when the settings are out of range, `DeviceError` when the device has
  ///   no room.
  public init(_ task: Task, data: DeviceDataset, _ settings: TrainingSettings) throws {
    for (name, value) in [
      ("epochs", settings.epochs), ("images a batch", settings.batchSize),
      ("steps between readings", settings.reportInterval),
    ] where value < 1 {
      throw ParameterError("\(value) \(name) are too few")
    }
    guard settings.batchSize <= data.count else {
      throw ParameterError(
        "batches of \(settings.batchSize) images can't be made of \(data.source.name), "
          + "\(data.count) images")
    }
    self.task = task
    self.data = data
    self.settings = settings
    history = TrainingHistory(losses: task.lossColumns, measures: task.measureColumns)
    meter = try LossMeter(
      parts: task.lossNames.count, capacity: min(settings.reportInterval, 25), on: data.device)
  }

  /// The optimisation steps so far.
  public var steps: Int { task.optimizers[0].steps }
  /// Whether an epoch is in progress.
  public var isWithinEpoch: Bool { position.batches > 0 }
  /// The batches per epoch.
  package var batchesPerEpoch: Int { data.ranges(of: settings.batchSize).count }

  /// Trains to the end of the epoch.
  ///
  /// - Parameters:
  ///   - progress: Called at each reading of the losses.
  ///   - betweenSteps: Called before each step, where a checkpoint may be taken.
  ///   - shouldStop: Asked before each step.
  /// - Returns: The result, or nil when `shouldStop` ended it early; the next call continues there.
  /// - Throws: ``DivergenceError``, `DeviceError`, or what the task throws.
  public func runEpoch(
    progress: (TrainingProgress) throws -> Void = { _ in },
    betweenSteps: () throws -> Void = {}, shouldStop: () -> Bool = { false }
  ) throws -> EpochResult? {
    try data.device.phase("epoch \(epochsDone + 1)") {
      try runEpoch(progress, betweenSteps, shouldStop)
    }
  }

  private func runEpoch(
    _ progress: (TrainingProgress) throws -> Void, _ betweenSteps: () throws -> Void,
    _ shouldStop: () -> Bool
  ) throws -> EpochResult? {
    let stopwatch = Stopwatch()
    let before = position.seconds
    let epoch = epochsDone + 1
    try data.shuffle(
      RandomStream(seed: settings.seed).split(.shuffling).step(epoch))
    let ranges = data.ranges(of: settings.batchSize)
    while position.batches < ranges.count {
      position.seconds = before + stopwatch.seconds
      if shouldStop() { return nil }
      try betweenSteps()
      let batch = Batch(data: data, range: ranges[position.batches])
      try step(batch)
      position.batches += 1
      try checkCollectedLosses()
      let count = position.batches
      guard count % settings.reportInterval == 0 || count == ranges.count else { continue }
      try readLosses()
      position.seconds = before + stopwatch.seconds
      try progress(
        TrainingProgress(
          epoch: epoch, epochs: settings.epochs, images: position.images,
          imagesPerEpoch: data.count, losses: position.means,
          imagesPerSecond: rate(position.images, per: position.seconds)))
    }
    let measures = try data.device.phase("evaluation") { try task.evaluate() }
    guard measures.allSatisfy(\.isFinite) else { throw divergence(nil, steps) }
    epochsDone = epoch
    let result = EpochResult(
      epoch: epoch, losses: position.means, measures: measures, seconds: position.seconds,
      imagesPerSecond: rate(position.images, per: position.seconds))
    position = Position()
    history.epochs.append(result)
    return result
  }

  /// Trains to the last epoch, and leaves checkpoints: after each epoch, at intervals in between, and when asked to
  /// stop.
  ///
  /// - Parameters:
  ///   - save: Writes a checkpoint; told whether an epoch has just ended.
  ///   - seconds: The seconds between checkpoints in the middle of an epoch.
  ///   - isDone: Asked before each epoch whether the history so far is enough.
  ///   - progress: Called at each reading of the losses.
  ///   - result: Gets the result of each epoch, once it is saved.
  ///   - shouldStop: Asked before each step whether to stop.
  /// - Returns: Whether it got there; false when `shouldStop` ended it early.
  /// - Throws: As ``runEpoch(progress:betweenSteps:shouldStop:)``; what `save` throws; the previous checkpoint is
  ///   then kept.
  public func train(
    save: (_ afterEpoch: Bool) throws -> Void, checkpointEvery seconds: Double = checkpointSeconds,
    until isDone: ([EpochResult]) -> Bool = { _ in false },
    progress: (TrainingProgress) throws -> Void = { _ in },
    result: (EpochResult) throws -> Void = { _ in }, shouldStop: () -> Bool = { false }
  ) throws -> Bool {
    func checkpoint(_ afterEpoch: Bool) throws {
      try data.device.phase("checkpoint") { try save(afterEpoch) }
    }
    var stopwatch = Stopwatch()
    while epochsDone < settings.epochs && !isDone(history.epochs) {
      let last = try runEpoch(
        progress: progress,
        betweenSteps: {
          guard isWithinEpoch, stopwatch.seconds >= seconds else { return }
          try checkpoint(false)
          stopwatch.restart()
        }, shouldStop: shouldStop)
      guard let last else {
        if isWithinEpoch { try checkpoint(false) }
        return false
      }
      try checkpoint(true)
      stopwatch.restart()
      try result(last)
    }
    return true
  }

  /// Trains to the last epoch with a checkpoint file, and resumes from it if it exists.
  ///
  /// - Returns: Whether it got there; false when `shouldStop` ended it early.
  /// - Throws: As ``runEpoch(progress:betweenSteps:shouldStop:)``; `FileError`, also when the file belongs to another
  ///   training run.
  @discardableResult
  public func train(
    checkpoint path: String, progress: (TrainingProgress) throws -> Void = { _ in },
    result: (EpochResult) throws -> Void = { _ in }, shouldStop: () -> Bool = { false }
  ) throws -> Bool {
    if fileExists(path) { try resume(from: path) }
    return try train(
      save: { _ in try saveCheckpoint(to: path) }, progress: progress, result: result,
      shouldStop: shouldStop)
  }

  /// Trains on a batch; its losses go to the meter.
  /// - Throws: What the task throws, `DeviceError` when the device fails.
  package func step(_ batch: Batch) throws {
    let losses = try data.device.phase("training step") { try task.step(batch) }
    try meter.add(step: steps, images: batch.count, losses)
  }

  /// Adds the steps since the last reading to the history.
  private func readLosses() throws {
    try checkLosses()
    let summary = task.summary(meter.sums.parts)
    position.add(summary, images: meter.sums.images)
    history.steps.append(
      .init(step: steps, losses: summary.map { $0 / Double(meter.sums.images) }))
    meter.reset()
  }

  /// Throws when a loss that has been collected is not a number.
  func checkCollectedLosses() throws(DivergenceError) {
    guard let (step, part) = meter.diverged else { return }
    throw divergence(task.lossNames.count > 1 ? task.lossNames[part] : nil, step)
  }

  private func divergence(_ loss: String?, _ step: Int) -> DivergenceError {
    DivergenceError(
      loss: loss, step: step, batches: batchesPerEpoch, checkpoint: checkpoint,
      remedy: task.remedy)
  }
}

/// The progress within an epoch.
struct Position: Codable, Equatable {
  /// The batches done.
  var batches = 0
  /// The losses as the history has them, summed over their images up to the last reading.
  var sums: [Double] = []
  /// The images up to the last reading.
  var images = 0
  /// The time that they took.
  var seconds = 0.0

  var means: [Double] { sums.map { $0 / Double(images) } }

  mutating func add(_ losses: [Double], images count: Int) {
    if sums.isEmpty { sums = losses.map { _ in 0 } }
    for (index, loss) in losses.enumerated() { sums[index] += loss }
    images += count
  }
}
