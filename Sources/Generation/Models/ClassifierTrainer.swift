import Autograd
import Compute
import Datasets
import Files
import Foundation
import NeuralNetwork

/// Trains a classifier on images, or on their reconstructions by an autoencoder (section 3.4 of the
/// paper).
public final class ClassifierTrainer {
  /// The result of an epoch.
  public struct EpochResult: Sendable, Codable {
    /// The epoch, from 1.
    public var epoch: Int
    /// The mean cross-entropy while learning, in nats.
    public var loss: Double
    /// The part of the training samples that is classified correctly afterwards, without dropout.
    public var trainingAccuracy: Double
    /// The same for the test images, or their reconstructions; nil where these have no labels.
    public var testAccuracy: Double?
    /// The training images per second.
    public var imagesPerSecond: Double
  }

  /// The model.
  public let classifier: Classifier

  /// The last checkpoint that was written or read.
  public internal(set) var checkpoint: Checkpoint?

  /// How far the training is.
  struct Position: Codable {
    /// The whole epochs.
    var epochs = 0
    /// The batches done of the next one.
    var batches = 0
    /// The time that they took.
    var seconds = 0.0
    /// The result of the last whole epoch.
    var last: EpochResult?
    /// The epoch that counts as the best so far, and its error.
    var bestEpoch = 0
    var bestError = Double.greatestFiniteMagnitude
  }
  var position = Position()

  /// What determines the training, but for the images.
  struct Settings: Codable {
    var batchSize: Int
    var seed: UInt64
    var images: Int
    /// The checksum of the weights or images that it learns from; older versions have none.
    var origin: String?

    func isLike(_ other: Self) -> Bool {
      batchSize == other.batchSize && seed == other.seed && images == other.images
    }
  }
  var settings: Settings {
    Settings(batchSize: batchSize, seed: seed, images: training.count, origin: origin)
  }

  /// The checksum of the weights that reconstruct, or of the images themselves, where it is known.
  public let origin: String?

  let meter: LossMeter
  private let training: DeviceDataset
  private let test: DeviceDataset?
  private let batchSize: Int
  private let seed: UInt64

  /// The number of training images.
  public var imageCount: Int { training.count }

  /// Prepares the training of a new classifier.
  ///
  /// - Parameters:
  ///   - autoencoder: Reconstructs each image once, at a sample of q(z|x); nil to train on the images
  ///     themselves.
  ///   - origin: What tells the autoencoder, or the images, from others; it is kept in checkpoints.
  /// The judge, which sees the images themselves, has random numbers of its own.
  /// - Throws: `DeviceError` when the device has no room, `FileError` when the images are smaller
  ///   than 6 × 6.
  public init(
    reconstructing autoencoder: VariationalAutoencoder?, training: ImageDataset,
    test: ImageDataset, batchSize: Int = 128, seed: UInt64, origin: String? = nil,
    on device: any Device
  ) throws {
    self.origin = origin
    try Classifier.check(training.shape, of: training.name)
    let (training, test) = (training.labelled, test.labelled)
    guard training.count > 0 else {
      throw FileError(
        training.name, "has no image with a label to learn from",
        remedy: "label some with: digitalis label")
    }
    let seed = autoencoder == nil ? seed ^ 1 << 32 : seed
    func samples(_ images: ImageDataset, _ step: UInt64) throws(DeviceError) -> DeviceDataset {
      let stream = RandomStream(seed: seed, purpose: RandomPurpose.reconstruction, step: step)
      return try DeviceDataset(
        try autoencoder?.reconstruct(images, noise: stream) ?? images, on: device)
    }
    self.training = try samples(training, 0)
    self.test = test.count > 0 ? try samples(test, 1) : nil
    self.batchSize = batchSize
    self.seed = seed
    classifier = try Classifier(
      training.shape, classes: training.classCount, seed: seed, on: device)
    meter = try LossMeter(parts: 1, on: device)
  }

  /// Trains to the end of the epoch.
  ///
  /// - Parameters:
  ///   - progress: Gets the images of this epoch so far, and its images per second.
  ///   - betweenSteps: Called before each step, where a checkpoint may be taken.
  ///   - shouldStop: Asked before each step.
  /// - Returns: The result, or nil when `shouldStop` said so in between; the next call goes on there.
  /// - Throws: `DeviceError`, or ``DivergenceError``.
  public func runEpoch(
    progress: (Int, Double) throws -> Void = { _, _ in }, betweenSteps: () throws -> Void = {},
    shouldStop: () -> Bool = { false }
  ) throws -> EpochResult? {
    let stopwatch = Stopwatch()
    let before = position.seconds
    let epoch = position.epochs + 1
    try training.shuffle(
      RandomStream(seed: seed, purpose: RandomPurpose.shuffling, step: UInt64(epoch)))
    let batches = training.batches(of: batchSize)
    while position.batches < batches.count {
      position.seconds = before + stopwatch.seconds
      if shouldStop() { return nil }
      try betweenSteps()
      let range = batches[position.batches]
      try step(try training.batch(range), labels: try training.labels(range))
      position.batches += 1
      let count = position.batches
      guard count % 25 == 0 || count == batches.count else { continue }
      try meter.collect()
      try checkLoss()
      position.seconds = before + stopwatch.seconds
      try progress(range.upperBound, rate(range.upperBound, per: position.seconds))
    }
    let result = EpochResult(
      epoch: epoch, loss: meter.sums.parts[0] / Double(training.count),
      trainingAccuracy: try accuracy(on: training),
      testAccuracy: try test.map { try accuracy(on: $0) },
      imagesPerSecond: rate(training.count, per: position.seconds))
    meter.reset()
    (position.epochs, position.batches, position.seconds, position.last) = (epoch, 0, 0, result)
    return result
  }

  /// Throws when a loss that has been collected is not a number.
  func checkLoss() throws(DivergenceError) {
    guard let step = meter.divergedStep else { return }
    throw DivergenceError(
      step: step, batches: training.batches(of: batchSize).count, checkpoint: checkpoint,
      remedy: "try another --seed")
  }

  /// Trains until an accuracy is reached, the epochs are spent, or four epochs in a row have not
  /// taken a twentieth off the least error.
  ///
  /// - Parameters:
  ///   - split: The samples whose accuracy counts.
  ///   - path: The file for checkpoints: after each epoch, every so many seconds in between, and when
  ///     training is asked to stop. Nil for none.
  ///   - progress: Gets the epoch, its images so far, and the images per second.
  /// - Returns: The last epoch's result, or nil when `shouldStop` said so.
  /// - Throws: As ``runEpoch(progress:betweenSteps:shouldStop:)``, and `FileError`.
  public func train(
    epochs: Int, until accuracy: Double, of split: ImageDataset.Split,
    checkpoint path: String? = nil,
    checkpointEvery seconds: Double = checkpointSeconds,
    progress: (Int, Int, Double) throws -> Void = { _, _, _ in },
    result: (EpochResult) throws -> Void = { _ in }, shouldStop: () -> Bool = { false }
  ) throws -> EpochResult? {
    func accuracyReached(_ result: EpochResult) -> Double {
      split == .train ? result.trainingAccuracy : result.testAccuracy ?? result.trainingAccuracy
    }
    var stopwatch = Stopwatch()
    func save() throws {
      if let path { try saveCheckpoint(to: path) }
      stopwatch.restart()
    }
    while true {
      if let last = position.last,
        accuracyReached(last) >= accuracy || last.epoch >= epochs
          || last.epoch >= position.bestEpoch + 4
      {
        return last
      }
      let epoch = position.epochs + 1
      let last = try runEpoch(
        progress: { try progress(epoch, $0, $1) },
        betweenSteps: {
          if position.batches > 0 && stopwatch.seconds >= seconds { try save() }
        }, shouldStop: shouldStop)
      guard let last else {
        if position.batches > 0 { try save() }
        return nil
      }
      let error = 1 - accuracyReached(last)
      if error <= 0.95 * position.bestError {
        (position.bestEpoch, position.bestError) = (epoch, error)
      }
      try save()
      try result(last)
    }
  }

  /// One optimisation step on a batch; its loss goes to the meter.
  ///
  /// - Parameters:
  ///   - images: rows × pixels, grey values in [0, 1].
  ///   - labels: `int32`, one for each image.
  /// - Throws: `DeviceError` when the device fails.
  public func step(_ images: Tensor, labels: Buffer) throws(DeviceError) {
    let parameters = classifier.parameters
    let step = UInt64(parameters.steps)
    let count = images.shape.rows
    let dropout = RandomStream(seed: seed, purpose: RandomPurpose.dropout, step: step)
    let tape = Tape()
    let loss = try tape.record { () throws(DeviceError) in
      try classifier.logits(images, dropout: dropout).softmaxCrossEntropy(labels: labels)
    }
    try tape.backward(from: [(loss, 1 / Float(count))])
    try parameters.step(learningRate: 0.001)
    try meter.add(step: parameters.steps, images: count, [(loss, 1)])
  }

  private func accuracy(on data: DeviceDataset) throws(DeviceError) -> Double {
    let device = classifier.parameters.device
    let hits = try device.makeBuffer([Float(0)])
    for range in data.batches(of: 200) {
      try classifier.countHits(
        try data.batch(range), labels: try data.labels(range), into: hits)
    }
    return Double(try device.download(hits)[0]) / Double(data.count)
  }
}
