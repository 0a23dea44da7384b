import Compute
import Datasets
import Files
import NeuralNetwork
import Training

/// The training of a classifier on images, or on their reconstructions by an autoencoder (section 3.4 of the
/// paper).
public typealias ClassifierTraining = TrainingLoop<ClassificationTask<Classifier>>

extension ClassifierTraining {
  /// The model.
  public var classifier: Classifier { task.network }

  /// Prepares the training of a new classifier.
  ///
  /// - Parameters:
  ///   - autoencoder: Reconstructs each image once, at a sample of q(z|x); nil to train on the images
  ///     themselves. The judge, which sees the images themselves, has random numbers of its own.
  ///   - training: The training images; those without a label are left out.
  ///   - test: The images on which its accuracy is measured as well.
  ///   - epochs: The number of passes over the images.
  ///   - batchSize: The images per step.
  ///   - seed: The seed of all random numbers.
  ///   - origin: What identifies the autoencoder, or the images.
  ///   - device: The device that computes.
  /// - Throws: `DeviceError` when the device has no room, `FileError` when the images are smaller
  ///   than 6 × 6, or none has a label.
  public convenience init(
    reconstructing autoencoder: VariationalAutoencoder?, training: ImageDataset,
    test: ImageDataset, epochs: Int = 30, batchSize: Int = 128, seed: UInt64,
    origin: String? = nil, on device: any Device
  ) throws {
    try Classifier.check(training.shape, of: training.name)
    let (training, test) = (training.labelled, test.labelled)
    guard training.count > 0 else {
      throw FileError(
        training.name, "has no image with a label to learn from",
        remedy: "label some with: digitalis label")
    }
    let seed = autoencoder == nil ? seed ^ 1 << 32 : seed
    func samples(_ images: ImageDataset, _ step: Int) throws -> DeviceDataset {
      let stream = RandomStream(seed: seed).split(.reconstruction).step(step)
      return try DeviceDataset(
        try autoencoder?.reconstruct(images, noise: stream) ?? images, on: device)
    }
    let data = try samples(training, 0)
    let classifier = try Classifier(
      training.shape, classes: training.classCount, seed: seed, on: device)
    let adam = try Adam(classifier.parameters, learningRate: 0.001)
    let task =
      test.count > 0
      ? ClassificationTask(
        classifier, adam,
        measuring: ["training accuracy": data, "test accuracy": try samples(test, 1)],
        remedy: "try another --seed")
      : ClassificationTask(
        classifier, adam, measuring: ["training accuracy": data], remedy: "try another --seed")
    try self.init(
      task, data: data,
      TrainingSettings(
        epochs: epochs, batchSize: min(batchSize, data.count), seed: seed, origin: origin))
  }

  /// Continues from a checkpoint.
  /// - Throws: `FileError` when the file is missing or belongs to other settings.
  public func resume(_ path: String) throws {
    try resume(
      from: path, remedy: "give the settings of the stopped training, or leave out --resume")
  }

  /// Trains until an accuracy is reached, the epochs run out, or four epochs in a row have not cut the lowest error
  /// by a twentieth.
  ///
  /// - Parameters:
  ///   - accuracy: The accuracy to reach.
  ///   - split: The samples whose accuracy counts.
  ///   - path: The file for checkpoints; nil for none.
  ///   - seconds: The seconds between checkpoints in the middle of an epoch.
  ///   - progress: Called at each reading of the losses.
  ///   - result: Gets the result of each epoch.
  ///   - shouldStop: Asked before each step whether to stop.
  /// - Returns: The last epoch's result, or nil when `shouldStop` ended it early.
  /// - Throws: As ``/Training/TrainingLoop/train(save:checkpointEvery:until:progress:result:shouldStop:)``, and
  ///   `FileError`.
  public func train(
    until accuracy: Double, of split: ImageDataset.Split, checkpoint path: String? = nil,
    checkpointEvery seconds: Double = checkpointSeconds,
    progress: (TrainingProgress) throws -> Void = { _ in },
    result: (EpochResult) throws -> Void = { _ in }, shouldStop: () -> Bool = { false }
  ) throws -> EpochResult? {
    let isDone = try train(
      save: { _ in if let path { try saveCheckpoint(to: path) } }, checkpointEvery: seconds,
      until: { Self.isEnough($0, accuracy, split) }, progress: progress, result: result,
      shouldStop: shouldStop)
    return isDone ? history.epochs.last : nil
  }

  /// Whether an accuracy is reached, or four epochs in a row have not cut the lowest error by a twentieth.
  private static func isEnough(
    _ epochs: [EpochResult], _ mark: Double, _ split: ImageDataset.Split
  ) -> Bool {
    var best = (epoch: 0, error: Double.greatestFiniteMagnitude)
    for epoch in epochs {
      let error = 1 - epoch.accuracy(split)
      if error <= 0.95 * best.error { best = (epoch.epoch, error) }
    }
    guard let last = epochs.last else { return false }
    return last.accuracy(split) >= mark || last.epoch >= best.epoch + 4
  }
}

extension EpochResult {
  /// The mean cross-entropy of a classifier during the epoch, in nats.
  public var crossEntropy: Double { losses[0] }
  /// The fraction of training samples that a classifier gets right after the epoch, without dropout.
  public var trainingAccuracy: Double { measures[0] }
  /// The same for the test images, or their reconstructions; nil if these have no labels.
  public var testAccuracy: Double? { measures.count > 1 ? measures[1] : nil }

  /// The accuracy on one split; that on the training samples if the test images have no labels.
  public func accuracy(_ split: ImageDataset.Split) -> Double {
    split == .train ? trainingAccuracy : testAccuracy ?? trainingAccuracy
  }
}
