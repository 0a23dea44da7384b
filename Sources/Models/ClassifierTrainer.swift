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
  public struct EpochResult: Sendable {
    /// The epoch, from 1.
    public var epoch: Int
    /// The mean cross-entropy while learning, in nats.
    public var loss: Double
    /// The part of the training samples that is classified correctly afterwards, without dropout.
    public var trainingAccuracy: Double
    /// The same for the test images, or their reconstructions.
    public var testAccuracy: Double
    /// The training images per second.
    public var imagesPerSecond: Double
  }

  /// The model.
  public let classifier: Classifier

  private let training: DeviceDataset
  private let test: DeviceDataset
  private let batchSize: Int
  private let seed: UInt64
  private var epochsDone = 0

  /// Prepares the training of a new classifier.
  ///
  /// - Parameter autoencoder: Reconstructs each image once, at a sample of q(z|x); nil to train on
  ///   the images themselves.
  /// The judge, which sees the images themselves, has random numbers of its own.
  /// - Throws: `DeviceError` when the device has no room, `FileError` when the images are smaller
  ///   than 6 × 6.
  public init(
    reconstructing autoencoder: VariationalAutoencoder?, training: ImageDataset,
    test: ImageDataset, batchSize: Int = 128, seed: UInt64, on device: any Device
  ) throws {
    guard training.rows >= 6 && training.columns >= 6 else {
      throw FileError(
        training.name, "has images of \(training.rows) × \(training.columns) pixels",
        remedy: "the classifier needs 6 × 6 at least")
    }
    let seed = autoencoder == nil ? seed ^ 1 << 32 : seed
    func samples(_ images: ImageDataset, _ step: UInt64) throws(DeviceError) -> DeviceDataset {
      let stream = RandomStream(seed: seed, purpose: RandomPurpose.reconstruction, step: step)
      return try DeviceDataset(
        try autoencoder?.reconstruct(images, noise: stream) ?? images, on: device)
    }
    self.training = try samples(training, 0)
    self.test = try samples(test, 1)
    self.batchSize = batchSize
    self.seed = seed
    classifier = try Classifier(
      imageRows: training.rows, imageColumns: training.columns, seed: seed, on: device)
  }

  /// Trains one epoch.
  ///
  /// - Parameter progress: Gets the images of this epoch so far, and its images per second.
  /// - Returns: The result, or nil when `shouldStop` said so in between.
  /// - Throws: `DeviceError`, or ``DivergenceError``.
  public func runEpoch(
    progress: (Int, Double) throws -> Void = { _, _ in }, shouldStop: () -> Bool = { false }
  ) throws -> EpochResult? {
    let device = classifier.parameters.device
    let start = DispatchTime.now().uptimeNanoseconds
    let sum = try device.makeBuffer([Float(0)])
    let epoch = epochsDone + 1
    try training.shuffle(
      RandomStream(seed: seed, purpose: RandomPurpose.shuffling, step: UInt64(epoch)))
    let batches = training.batches(of: batchSize)
    var seconds = 0.0
    for (index, range) in batches.enumerated() {
      if shouldStop() { return nil }
      try step(try training.batch(range), labels: try training.labels(range), lossInto: sum)
      guard (index + 1) % 25 == 0 || index + 1 == batches.count else { continue }
      try device.synchronize()
      seconds = Double(DispatchTime.now().uptimeNanoseconds - start) / 1e9
      try progress(range.upperBound, Double(range.upperBound) / seconds)
    }
    let loss = Double(try device.download(sum)[0]) / Double(training.count)
    guard loss.isFinite else { throw DivergenceError(step: classifier.parameters.steps) }
    epochsDone = epoch
    return EpochResult(
      epoch: epoch, loss: loss, trainingAccuracy: try accuracy(on: training),
      testAccuracy: try accuracy(on: test), imagesPerSecond: Double(training.count) / seconds)
  }

  /// Trains until an accuracy is reached, the epochs are spent, or four epochs in a row have not
  /// taken a twentieth off the least error.
  ///
  /// - Parameters:
  ///   - split: The samples whose accuracy counts.
  ///   - progress: Gets the epoch, its images so far, and the images per second.
  /// - Returns: The last epoch's result, or nil when `shouldStop` said so.
  /// - Throws: As ``runEpoch(progress:shouldStop:)``.
  public func train(
    epochs: Int, until accuracy: Double, of split: ImageDataset.Split,
    progress: (Int, Int, Double) throws -> Void = { _, _, _ in },
    result: (EpochResult) throws -> Void = { _ in }, shouldStop: () -> Bool = { false }
  ) throws -> EpochResult? {
    var best = (epoch: 0, error: Double.infinity)
    while true {
      let epoch = epochsDone + 1
      guard
        let last = try runEpoch(
          progress: { try progress(epoch, $0, $1) }, shouldStop: shouldStop)
      else { return nil }
      try result(last)
      let reached = split == .train ? last.trainingAccuracy : last.testAccuracy
      if 1 - reached <= 0.95 * best.error { best = (epoch, 1 - reached) }
      if reached >= accuracy || epoch >= epochs || epoch >= best.epoch + 4 { return last }
    }
  }

  /// One optimisation step on a batch.
  ///
  /// - Parameters:
  ///   - images: rows × pixels, grey values in [0, 1].
  ///   - labels: `int32`, one for each image.
  ///   - sum: A `float32` buffer of one element, to which the losses of the images are added.
  /// - Throws: `DeviceError` when the device fails.
  public func step(_ images: Tensor, labels: Buffer, lossInto sum: Buffer) throws(DeviceError) {
    let parameters = classifier.parameters
    let step = UInt64(parameters.steps)
    let count = images.shape.rows
    let tape = Tape()
    let logits = try classifier.logits(
      images,
      dropout: RandomStream(seed: seed, purpose: RandomPurpose.dropout, step: step), tape: tape)
    let loss = try logits.softmaxCrossEntropy(labels: labels, tape: tape)
    try tape.backward(from: [(loss, 1 / Float(count))])
    try parameters.step(learningRate: 0.001)
    try parameters.device.reduce(
      Reduction(.sum, .perRow, Rows(1, count), accumulate: true), loss.buffer, into: sum)
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
