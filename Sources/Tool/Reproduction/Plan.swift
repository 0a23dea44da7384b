import Datasets
import Models

/// How much a reproduction computes.
public struct Plan: Sendable, Hashable, Codable {
  /// The data set.
  public var dataset: String
  /// The seed of all random numbers.
  public var seed: UInt64
  /// The epochs of each autoencoder.
  public var epochs: Int
  /// The maximum epochs of each classifier on reconstructions, and the accuracy that ends them.
  public var classifierEpochs: Int
  /// The same for the judge.
  public var judgeEpochs: Int
  /// Whether every autoencoder gets a classifier, not only those of Table 4.
  public var classifiesAll: Bool
  /// The images of each class at each point of Figure 1.
  public var gridSamples: Int
  /// The images of each class in the last comparison of a search.
  public var searchSamples: Int
  /// The random starts of a search.
  public var randomStarts: Int
  /// How far below the paper's accuracy the searches may go.
  public var accuracySlack: Double
  /// Other accuracies for which Medium-1 and Medium-2 are searched, to show what is attainable.
  public var frontFloors: [Double]
  /// The images of each class in the final report.
  public var reportSamples: Int

  /// The whole paper.
  public static func full(dataset: String, seed: UInt64) -> Plan {
    Plan(
      dataset: dataset, seed: seed, epochs: 20, classifierEpochs: 30, judgeEpochs: 30,
      classifiesAll: true, gridSamples: 400, searchSamples: 400, randomStarts: 1,
      accuracySlack: 0, frontFloors: [0.95, 0.98, 0.99, 0.995], reportSamples: 10_000)
  }

  /// A few minutes: the same stages with less training and fewer samples. Classifiers trained so briefly
  /// miss the paper's accuracy, so the searches ask for less.
  public static func quick(dataset: String, seed: UInt64) -> Plan {
    Plan(
      dataset: dataset, seed: seed, epochs: 3, classifierEpochs: 1, judgeEpochs: 1,
      classifiesAll: false, gridSamples: 50, searchSamples: 50, randomStarts: 0,
      accuracySlack: 0.05, frontFloors: [0.9], reportSamples: 4000)
  }

  /// The autoencoders that get a classifier.
  var classified: [ModelName] {
    let tabled = Set(PaperRow.all.map(\.model))
    return Plan.models.filter { classifiesAll || tabled.contains($0) }
  }

  /// The six autoencoders of the paper.
  static let models: [ModelName] = RunConfiguration.ObjectiveName.allCases.flatMap { objective in
    [2, 10, 20].map { ModelName(objective: objective, latent: $0) }
  }
}

/// One of the paper's autoencoders, such as ELBO-20.
struct ModelName: Hashable, Sendable {
  var objective: RunConfiguration.ObjectiveName
  var latent: Int

  /// The name in the paper.
  var title: String { "\(objective.rawValue.uppercased())-\(latent)" }
  /// The name of its folder.
  var folder: String { "\(objective.rawValue)\(latent)" }
}
