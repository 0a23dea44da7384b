import Compute
import NeuralNetwork

/// Searches the temperature of each class of a tempered generator: every θ on a line, with the same random
/// numbers, so that their differences are not noise.
public struct TemperatureSearch {
  /// The temperatures tried, in tenths: beyond 1 the classes are wider than the data.
  public static let line = Array(0...15)

  /// Scores the images; its classifier is the one whose accuracy counts.
  public var scorer: Scorer
  /// The objective to minimise, separately for each class.
  public var objective: SearchObjective
  /// The number of images of each class and temperature.
  public var samples: Int
  /// The seed of the samples.
  public var seed: UInt64

  /// Describes a search.
  public init(scorer: Scorer, objective: SearchObjective, samples: Int, seed: UInt64) {
    self.scorer = scorer
    self.objective = objective
    self.samples = samples
    self.seed = seed
  }

  /// The generator with the best temperature of each class, and their scores over the search's own
  /// samples.
  ///
  /// - Parameters:
  ///   - generator: Its θ do not count.
  ///   - progress: Gets the class and the number of temperatures scored.
  ///   - shouldStop: Asked before each temperature whether to stop.
  /// - Throws: ``SearchStopped`` when `shouldStop` says so, or `DeviceError`.
  public func run<Tempered: TemperedGenerator>(
    _ generator: Tempered, progress: (Int, Int) throws -> Void = { _, _ in },
    shouldStop: () -> Bool = { false }
  ) throws -> (generator: Tempered, score: Score) {
    var result = generator
    var scores: [ClassScore] = []
    for label in generator.theta.indices {
      let stream = RandomStream(seed: seed).split(.search).step(label)
      let line = try Self.line.enumerated().map { index, tenths in
        if shouldStop() { throw SearchStopped() }
        let theta = Float(tenths) / 10
        let score = try scorer.score(
          generator.at(theta: theta), label: label, count: samples, stream: stream)
        try progress(label, index + 1)
        return (theta: theta, score: score)
      }
      let best = line.min { value($0.score) < value($1.score) }!
      result.theta[label] = best.theta
      scores.append(best.score)
    }
    return (result, Score(classes: scores))
  }

  private func value(_ score: ClassScore) -> Double {
    objective.value(cosine: score.cosine, accuracy: score.accuracy)
  }
}
