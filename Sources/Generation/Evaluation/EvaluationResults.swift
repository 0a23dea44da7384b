import Files
import Foundation
import Generation

/// The settings of an evaluation.
public struct EvaluationSettings: Codable, Sendable, Hashable {
  /// The number of images of each class for accuracy and cosine.
  public var samples: Int
  /// The number of images, of all classes together, for the measures in feature space; fewer if there are
  /// fewer test images.
  public var featureSamples: Int
  /// k of precision, recall, density and coverage.
  public var neighbours: Int
  /// The epochs of the classifier trained on samples; 0 omits it.
  public var classificationEpochs: Int
  /// The seed of all random numbers.
  public var seed: UInt64

  /// Describes an evaluation.
  public init(
    samples: Int = 10_000, featureSamples: Int = 10_000, neighbours: Int = 5,
    classificationEpochs: Int = 2, seed: UInt64 = 1
  ) {
    self.samples = samples
    self.featureSamples = featureSamples
    self.neighbours = neighbours
    self.classificationEpochs = classificationEpochs
    self.seed = seed
  }
}

/// Everything that an evaluation measured: `results.json`.
public struct EvaluationResults: Codable, Sendable {
  /// What was asked for.
  public var settings: EvaluationSettings
  /// The run whose classifiers score.
  public var run: String
  /// The device.
  public var device: String
  /// The number of images in feature space, on each side.
  public var featureSamples: Int
  /// The references, then the generators.
  public var rows: [Row] = []
  /// The guided generators that hardly ever reach the classifier's confidence, with reasons.
  public var notReached: [NotReached]?

  /// A generator without anything to measure.
  public struct NotReached: Codable, Sendable, Hashable {
    /// Its name.
    public var name: String
    /// The class, and how few of the draws were kept.
    public var reason: String
  }

  /// The scores of one source of images.
  public struct Row: Codable, Sendable {
    /// Its name.
    public var name: String
    /// Whether it is a reference.
    public var isReference: Bool
    /// Accuracy by classifier and judge, and cosine, class by class.
    public var score: Score
    /// ``/Generation/Score/cosine`` and its 95 % interval.
    public var cosine: Interval
    /// ``/Generation/Score/accuracy``, by the classifier, and its interval.
    public var accuracy: Interval
    /// The same by the judge.
    public var judgedAccuracy: Interval
    /// The squared Fréchet distance to training images in the judge's feature space.
    public var frechetDistance: Double
    /// The kernel distance there.
    public var kernelDistance: KernelDistance
    /// Precision, recall, density and coverage there.
    public var manifold: ManifoldMeasures
    /// The copying test.
    public var copying: CopyingTest
    /// The accuracy on test images of a classifier trained on it.
    public var classificationScore: Interval?
    /// The share of its draws that a guided generator refused; nil for others.
    public var refusedShare: Double?
    /// The total time in seconds.
    public var seconds: Double
  }

  /// A number and half the width of its 95 % confidence interval, if known.
  public struct Interval: Codable, Sendable, Hashable {
    /// The number.
    public var value: Double
    /// Half the width.
    public var margin: Double?
  }

  /// The rows as text under a header: accuracy and variety, then the comparison with real images.
  public var tables: [[[String]]] {
    func text(_ interval: Interval?) -> String {
      guard let interval else { return "–" }
      let margin = interval.margin.map { String(format: " ± %.4f", $0) } ?? ""
      return String(format: "%.4f", interval.value) + margin
    }
    func text(_ number: Double?, _ digits: Int) -> String {
      number.map { String(format: "%.\(digits)f", $0) } ?? "–"
    }
    return [
      [["images", "cosine", "accuracy", "by the judge", "classification", "refused"]]
        + rows.map {
          [
            $0.name, text($0.cosine), text($0.accuracy), text($0.judgedAccuracy),
            text($0.classificationScore), text($0.refusedShare, 3),
          ]
        } + (notReached ?? []).map { [$0.name, "–", "not reached", "–", "–", "–"] },
      [
        [
          "images", "Fréchet", "kernel", "precision", "recall", "density", "coverage", "close",
          "rank", "nearer",
        ]
      ]
        + rows.map {
          [
            $0.name, text($0.frechetDistance, 2), text($0.kernelDistance.value, 3),
            text($0.manifold.precision, 3), text($0.manifold.recall, 3),
            text($0.manifold.density, 3), text($0.manifold.coverage, 3),
            text($0.copying.closeShare, 4), text($0.copying.rank, 3),
            text($0.copying.nearerToTraining, 3),
          ]
        },
    ]
  }

  /// Writes the results as JSON.
  /// - Throws: `FileError`.
  public func save(to path: String) throws {
    try writeAtomically(try jsonText(self), to: path)
  }
}
