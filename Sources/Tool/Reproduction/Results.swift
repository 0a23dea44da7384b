import Files
import Foundation
import Generation

/// Everything that a reproduction measured: `results.json`.
public struct Results: Codable, Sendable {
  /// What was asked for.
  public var plan: Plan
  /// The device.
  public var device: String
  /// The device that trained the networks, if they come from another reproduction.
  public var trainedOn: String?
  /// The seconds of each stage.
  public var stages: [Stage] = []
  /// The accuracy of each classifier on its training and test samples.
  public var classifiers: [ClassifierResult] = []
  /// The points of Figure 1.
  public var grids: [Grid] = []
  /// The rows beside Table 4.
  public var rows: [Row] = []
  /// What Medium-1 and Medium-2 reach at other accuracies.
  public var fronts: [Front] = []

  /// The results in a file, if they are of a plan's reproduction.
  static func read(_ path: String, of plan: Plan) throws -> Results? {
    let bytes = Data(try readFile(path))
    guard let results = try? JSONDecoder().decode(Results.self, from: bytes), results.plan == plan
    else { return nil }
    return results
  }

  /// A stage and how long it took.
  public struct Stage: Codable, Sendable {
    /// The stage.
    public var name: String
    /// Its time in seconds, all sessions together.
    public var seconds: Double
  }

  /// A trained classifier.
  public struct ClassifierResult: Codable, Sendable {
    /// The autoencoder whose reconstructions it saw; `judge` for real images.
    public var name: String
    /// The epochs it was trained for.
    public var epochs: Int
    /// The accuracy on the training samples.
    public var trainingAccuracy: Double
    /// The accuracy on the test samples.
    public var testAccuracy: Double
  }

  /// The Simple generator's scores over θ and n.
  public struct Grid: Codable, Sendable {
    /// The autoencoder.
    public var model: String
    /// The scores.
    public var points: [Evaluation]
  }

  /// A generator that was searched for several accuracies.
  public struct Front: Codable, Sendable {
    /// The row of the paper that it belongs to.
    public var paper: String
    /// The generators, by increasing accuracy.
    public var points: [Point]

    /// The most varied generator at an accuracy.
    public struct Point: Codable, Sendable {
      /// The accuracy that was asked for.
      public var minimumAccuracy: Double
      /// θ, classes × D.
      public var theta: [[Float]]
      /// The score of new samples.
      public var score: Score
    }
  }

  /// A generator, scored with many samples.
  public struct Row: Codable, Sendable {
    /// The row of the paper that it belongs to.
    public var paper: String
    /// How θ and n were found.
    public var origin: String
    /// θ, classes × D.
    public var theta: [[Float]]
    /// n.
    public var draws: Int
    /// The number of candidates that were tried.
    public var candidates: Int?
    /// The images that were drawn for them.
    public var images: Int?
    /// Whether the search's own samples reached the row's accuracy.
    public var reachedFloor: Bool?
    /// The score.
    public var score: Score
  }
}
