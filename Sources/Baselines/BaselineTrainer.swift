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
  public struct EpochResult: Sendable {
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
  private var steps = 0

  /// Prepares a training.
  /// - Throws: `DeviceError` when the device has no room.
  public init(
    _ configuration: BaselineConfiguration, training: ImageDataset, on device: any Device
  ) throws(DeviceError) {
    precondition(training.pixels == configuration.shape.pixels, "images of another size")
    self.configuration = configuration
    self.training = try DeviceDataset(training, on: device)
    model = try configuration.model(on: device)
    oneHot = try OneHot(classes: configuration.classes, on: device)
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
        images: try training.batch(range), labels: try oneHot(try training.labels(range)),
        number: steps)
      steps += 1
      for (loss, sum) in zip(losses, sums) {
        try device.reduce(
          Reduction(.sum, .perRow, Rows(1, range.count), accumulate: true), loss.buffer, into: sum)
      }
      if (index + 1) % 25 == 0 {
        try device.synchronize()
        try progress(range.upperBound, Double(range.upperBound) / stopwatch.seconds)
      }
    }
    let losses = try sums.map { Double(try device.download($0)[0]) / Double(training.count) }
    guard losses.allSatisfy(\.isFinite) else { throw BaselineDivergence(epoch: epochs.count + 1) }
    let elapsed = stopwatch.seconds
    let result = EpochResult(
      epoch: epochs.count + 1, losses: losses, seconds: elapsed,
      imagesPerSecond: Double(training.count) / elapsed)
    epochs.append(result)
    return result
  }

  /// Writes the weights, the configuration and the losses of the whole epochs, each file as a whole.
  /// - Throws: `FileError` or `DeviceError`.
  public func save(to run: Run) throws {
    try model.save(to: run.weightsPath)
    try writeAtomically(try configuration.json(), to: run.configurationPath)
    let header = ["epoch"] + model.lossNames + ["seconds"]
    let rows = epochs.map { epoch in
      "\(epoch.epoch)," + epoch.losses.map { String(format: "%.6f", $0) }.joined(separator: ",")
        + String(format: ",%.3f", epoch.seconds)
    }
    try writeAtomically(
      ([header.joined(separator: ",")] + rows).joined(separator: "\n") + "\n", to: run.metricsPath)
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
