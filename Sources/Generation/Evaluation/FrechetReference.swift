import Compute
import Datasets
import Models
import NeuralNetwork

/// Real images for comparing generators by the Fréchet distance only, which an evaluation reports among
/// others.
public struct FrechetReference {
  private let judge: Classifier
  private let moments: Moments
  private let labels: [UInt8]
  private let pixels: Int
  private let seed: UInt64

  /// The maximum number of images to compare.
  public static let most = 10_000

  /// Computes the features of some randomly chosen images.
  ///
  /// - Parameters:
  ///   - images: At least two with a label; those without are ignored.
  ///   - judge: The classifier whose features are compared.
  ///   - seed: Determines which images are chosen, and the draws of what is compared.
  /// - Throws: `DeviceError` when the device fails.
  public init(_ images: ImageDataset, by judge: Classifier, seed: UInt64) throws {
    let images = images.labelled
    let device = judge.parameters.device
    let order = Permutation(
      count: images.count, stream: RandomStream(seed: seed).split(.evaluation))
    let count = min(Self.most, images.count)
    let chosen = images.selecting((0..<count).map { Int32(order($0)) })
    let set = try SampleSet(
      chosen.labels, from: try RealImages(chosen, on: device), pixels: images.pixels,
      judge: judge, seed: seed)
    (self.judge, labels, pixels, self.seed) = (judge, chosen.labels, images.pixels, seed)
    moments = Moments(set.features, width: Classifier.featureCount)
  }

  /// The squared Fréchet distance of as many images of the same labels; see
  /// ``EvaluationResults/Row/frechetDistance``.
  /// - Throws: `DeviceError` when the device fails; as `source`.
  public func squaredDistance(to source: any ImageSource) throws -> Double {
    let set = try SampleSet(labels, from: source, pixels: pixels, judge: judge, seed: seed)
    return Moments(set.features, width: Classifier.featureCount)
      .squaredFrechetDistance(to: moments)
  }
}
