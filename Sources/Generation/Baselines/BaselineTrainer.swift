import Autograd
import Compute
import Datasets
import Files
import Foundation
import Models
import NeuralNetwork

/// Trains a baseline. All random numbers are functions of the seed and the step.
public final class BaselineTrainer {
  /// The result of an epoch.
  public struct EpochResult: Sendable, Codable {
    /// The epoch, from 1.
    public var epoch: Int
    /// The mean losses per image, in the order of ``ConditionalModel/lossNames``.
    public var losses: [Double]
    /// The time in seconds.
    public var seconds: Double
    /// The images per second.
    public var imagesPerSecond: Double
  }

  /// The model.
  public let model: any ConditionalModel
  /// What determines the training.
  public let configuration: BaselineConfiguration
  /// The whole epochs so far.
  public private(set) var epochs: [EpochResult] = []

  private let training: DeviceDataset
  private let oneHot: OneHot

  /// Prepares a training from its start.
  /// - Throws: `DeviceError` when the device has no room, `FileError` when the images have another
  ///   size than the configuration says.
  public init(
    _ configuration: BaselineConfiguration, training: ImageDataset, on device: any Device
  ) throws {
    try training.check(configuration.image)
    self.configuration = configuration
    self.training = try DeviceDataset(training, on: device)
    model = try configuration.model(on: device)
    oneHot = try OneHot(classes: configuration.classNames.count, on: device)
  }

  /// Trains one epoch.
  ///
  /// - Parameter progress: Gets the images so far, and the images per second.
  /// - Returns: The result, or nil when `shouldStop` said so in between.
  /// - Throws: `DeviceError`, or ``BaselineDivergence``.
  public func runEpoch(
    progress: (Int, Double) throws -> Void = { _, _ in }, shouldStop: () -> Bool = { false }
  ) throws -> EpochResult? {
    let device = training.device
    let stopwatch = Stopwatch()
    try training.shuffle(
      RandomStream(
        seed: configuration.seed, purpose: RandomPurpose.shuffling,
        step: UInt64(epochs.count + 1)))
    let sums = try model.lossNames.map { _ in try device.makeBuffer([Float(0)]) }
    for (index, range) in training.batches(of: configuration.batchSize).enumerated() {
      if shouldStop() { return nil }
      let losses = try model.step(
        images: try training.batch(range), labels: try oneHot(try training.labels(range)))
      for (loss, sum) in zip(losses, sums) {
        try device.reduce(
          Reduction(.sum, .perRow, Rows(1, range.count), accumulate: true), loss.buffer, into: sum)
      }
      if (index + 1) % 25 == 0 {
        try device.synchronize()
        try progress(range.upperBound, rate(range.upperBound, per: stopwatch.seconds))
      }
    }
    let losses = try sums.map { Double(try device.download($0)[0]) / Double(training.count) }
    guard losses.allSatisfy(\.isFinite) else { throw BaselineDivergence(epoch: epochs.count + 1) }
    let elapsed = stopwatch.seconds
    let result = EpochResult(
      epoch: epochs.count + 1, losses: losses, seconds: elapsed,
      imagesPerSecond: rate(training.count, per: elapsed))
    epochs.append(result)
    return result
  }

  /// Writes all that the folder has after a whole epoch, each file as a whole.
  ///
  /// The checkpoint comes after the weights and the losses: until it is there, resuming repeats the epoch,
  /// to the same bytes. The configuration comes last: a folder that has one has a checkpoint.
  /// - Throws: `FileError` or `DeviceError`.
  public func save(to run: Run) throws {
    try run.claim()
    // What is here belongs to a run that stood here before.
    if epochs.count == 1 { unlink(run.configurationPath) }
    try model.save(to: run.weightsPath)
    let header = ["epoch"] + model.lossNames + ["seconds"]
    let rows = epochs.map { epoch in
      "\(epoch.epoch)," + epoch.losses.map { String(format: "%.6f", $0) }.joined(separator: ",")
        + String(format: ",%.3f", epoch.seconds)
    }
    try writeAtomically(
      ([header.joined(separator: ",")] + rows).joined(separator: "\n") + "\n", to: run.metricsPath)
    try model.stores.saveCheckpoint(
      to: run.checkpointPath, metadata: ["epochs": try json(epochs)])
    try writeAtomically(try configuration.json(), to: run.configurationPath)
  }

  /// Continues from what ``save(to:)`` wrote.
  /// - Throws: `FileError` when something is missing or does not belong to this configuration;
  ///   `DeviceError`.
  public func resume(_ run: Run) throws {
    let path = run.checkpointPath
    let metadata = try model.stores.loadCheckpoint(from: path).metadata
    let batches = training.batches(of: configuration.batchSize).count
    let steps = model.stores[0].steps
    guard let epochs = try value([EpochResult].self, "epochs", in: metadata, of: path),
      steps == epochs.count * batches,
      epochs.allSatisfy({ $0.losses.count == model.lossNames.count })
    else { throw misfit(path, steps: steps, batches: batches) }
    guard epochs.count <= configuration.epochs else {
      throw FileError(
        path,
        "has had \(epochs.count) epochs already, more than the \(configuration.epochs) wanted",
        remedy: "ask for \(epochs.count) --epochs or more")
    }
    self.epochs = epochs
  }
}

/// A baseline whose loss is not a number.
public struct BaselineDivergence: Error, CustomStringConvertible {
  /// The epoch, from 1.
  public var epoch: Int
  /// The failure in one line.
  public var description: String {
    "the loss of epoch \(epoch) is not a number; try another --seed"
  }
}

extension BaselineTrainer.EpochResult {
  /// The result in one line.
  public func text(_ lossNames: [String], of epochs: Int) -> String {
    let parts = zip(lossNames, losses).map { $0 + String(format: " %.3f", $1) }
    return "epoch \(epoch)/\(epochs)  \(parts.joined(separator: ", ")) nats per image"
      + String(format: "  %.0f images/s  %.0f s", imagesPerSecond, seconds)
  }
}
