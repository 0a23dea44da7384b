import Autograd
import Compute
import Datasets
import Evaluation
import Files
import Models
import NeuralNetwork
import Training

/// Finds labels for the images of a run in its latent space.
public struct Labeller {
  private let device: any Device
  /// The encoder's means, images × D.
  private let means: [Float]
  private let dimension: Int
  /// The images from outside the data set come last.
  private let count: Int

  /// Encodes the images of a run.
  ///
  /// - Parameters:
  ///   - training: The training images of the run.
  ///   - extra: Additional labelled images from outside the data set.
  ///   - model: Its autoencoder.
  /// - Throws: `DeviceError` when the device fails, `FileError` when there are too few images.
  public init(
    _ training: ImageDataset, extra: ImageDataset? = nil, under model: VariationalAutoencoder
  ) throws {
    device = model.device
    dimension = model.shape.latentDimension
    var means: [Float] = []
    for images in [training, extra].compactMap({ $0 }) where images.count > 0 {
      let data = try DeviceDataset(images, on: device)
      for range in data.ranges(of: 1000) {
        let encoded = try model.encode(try data.images(range)).values()
        for row in range.indices {
          let start = 2 * (row - range.lowerBound) * dimension
          means += encoded[start..<start + dimension]
        }
      }
    }
    self.means = means
    count = means.count / dimension
    guard count > LabelSpreading.neighbours else {
      throw FileError(
        training.name, "has \(count) training images",
        remedy: "more than \(LabelSpreading.neighbours) are needed to find labels by neighbours")
    }
  }

  /// Spreads the given labels, and keeps the surest.
  ///
  /// - Parameters:
  ///   - labels: The labels so far; those that were found before are ignored.
  ///   - share: The share of each class to keep, in 0...1.
  /// - Returns: The labels including those found, and the class found for every image.
  /// - Throws: `DeviceError` when the device fails.
  public func spreading(_ labels: RunLabels, keeping share: Double) throws -> (
    labels: RunLabels, all: LabelSpreading
  ) {
    let classes = labels.classNames.count
    let spread = try LabelSpreading(
      over: Points(means, width: dimension, on: device),
      given: labels.given.map { ($0.image, $0.label) }, classes: classes)
    var result = labels
    let given = Set(labels.given.map(\.image))
    result.entries =
      (labels.given
      + spread.surest(share, classes: classes).filter { !given.contains($0) }.map {
        RunLabels.Entry(
          image: $0, label: spread.labels[$0], certainty: spread.certainties[$0])
      }).sorted { $0.image < $1.image }
    return (result, spread)
  }

  /// The images that are most worth a label: those nearest to the centres of as many clusters, the largest
  /// cluster first.
  public func suggestions(_ count: Int, seed: UInt64) -> [Int] {
    Clusters(
      means, dimension: dimension, count: min(count, self.count),
      stream: RandomStream(seed: seed).split(.labelling)
    ).centers
  }
}
