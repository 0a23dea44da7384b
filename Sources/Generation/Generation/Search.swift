import Compute
import Models
import NeuralNetwork
import Training

/// The θ that a search found for a generator.
public struct SearchResult: Sendable, Hashable, Codable {
  /// The generator.
  public var generator: GeneratorKind
  /// θ, classes × D.
  public var theta: [[Float]]
  /// n, the number of draws averaged.
  public var draws: Int
  /// The meaning of σ, θ and the cosine.
  public var convention: Convention
  /// What was minimised.
  public var objective: SearchObjective
  /// The mean cosine over the search's own samples.
  public var cosine: Double
  /// The accuracy over the search's own samples.
  public var accuracy: Double
  /// The number of images of each class in the last comparison.
  public var samples: Int
  /// The seed.
  public var seed: UInt64
  /// The number of scored candidates.
  public var candidates: Int
  /// The number of images drawn for them, of all classes together.
  public var images: Int
  /// Whether the accuracy reached the floor, in each class if they were searched separately; true if there
  /// was none.
  public var reachedFloor: Bool
  /// The checksum of the run's weights; older versions have none.
  public var origin: String?

  /// The generator with this θ and the statistics that it was searched with.
  public func spreadGenerator(_ statistics: LatentStatistics) -> SpreadGenerator {
    SpreadGenerator(statistics, theta: theta, draws: draws, convention: convention)
  }
}

/// The progress of a search.
public struct SearchProgress: Sendable {
  /// The candidates scored so far, including those of earlier sessions.
  public var candidates: Int
  /// The candidates scored per second in this session.
  public var candidatesPerSecond: Double
  /// The class being searched; nil for all at once.
  public var label: Int?
  /// The best value so far, of this class.
  public var best: Double
}

/// A search was asked to stop; its history is kept.
public struct SearchStopped: Error {}

/// Searches the θ of a generator (section 3.5 of the paper) to the end, where the paper stopped early, by
/// exploiting the structure of the problem:
///
/// - The mean of n draws N(μ, θσ) is one draw N(μ, θσ/√n): of the 44 points (θ, n) of Simple, 41 differ.
/// - The classes of Medium-2 are independent: ten searches of D numbers, not one of 10·D.
/// - All candidates use the same random numbers, so that their differences are not noise.
public final class Search {
  private let scorer: Scorer
  private let statistics: LatentStatistics
  private let objective: SearchObjective
  private let settings: SearchSettings
  private let history: SearchHistory
  private let progress: (SearchProgress) throws -> Void
  private let shouldStop: () -> Bool
  private let stopwatch = Stopwatch()
  private var scored = 0
  private var best = Double.infinity

  /// Prepares a search.
  ///
  /// - Parameters:
  ///   - settings: The extent of the search.
  ///   - scorer: Draws images for a candidate and scores them.
  ///   - statistics: The moments of the classes.
  ///   - objective: What to minimise, above which accuracy.
  ///   - history: The candidates already scored.
  ///   - progress: Called after each scored candidate.
  ///   - shouldStop: Asked before each candidate whether to stop.
  public init(
    _ settings: SearchSettings, scorer: Scorer, statistics: LatentStatistics,
    objective: SearchObjective, history: SearchHistory = SearchHistory(),
    progress: @escaping (SearchProgress) throws -> Void = { _ in },
    shouldStop: @escaping () -> Bool = { false }
  ) {
    self.settings = settings
    self.scorer = scorer
    self.statistics = statistics
    self.objective = objective
    self.history = history
    self.progress = progress
    self.shouldStop = shouldStop
  }

  /// Runs the search to its end.
  /// - Throws: ``SearchStopped``, `DeviceError`, or `FileError` when the history cannot be written.
  public func run(randomStarts: Int = 2) throws -> SearchResult {
    switch settings.generator {
    case .simple: try simple()
    case .medium1: try medium1(randomStarts)
    case .medium2: try medium2(randomStarts)
    }
  }

  // MARK: Simple

  /// The numbers of draws that the paper tries.
  public static let draws = [1, 2, 3, 5]

  /// Every point of the paper's grid, θ from 0 to 1 by 0.1 and n of 1, 2, 3, 5: 44 scores from 41
  /// evaluations (where θ multiplies the deviation).
  /// - Throws: As ``run(randomStarts:)``.
  public func simpleGrid() throws -> [Evaluation] {
    var bySpread: [Int: Evaluation] = [:]
    var grid: [Evaluation] = []
    for tenths in 0...10 {
      for n in Self.draws {
        // θ²/n, or θ/n, in units over 30, the least common multiple of the draws: exact.
        let factor = settings.convention.theta == .deviation ? tenths * tenths : tenths
        let spread = factor * (30 / n)
        var evaluation: Evaluation
        if let same = bySpread[spread] {
          evaluation = same
        } else {
          evaluation = try evaluate([tenths], n, label: nil, samples: settings.samples)
          bySpread[spread] = evaluation
        }
        (evaluation.theta, evaluation.draws) = ([tenths], n)
        grid.append(evaluation)
      }
    }
    return grid
  }

  private func simple() throws -> SearchResult {
    let grid = try simpleGrid()
    guard let best = grid.min(by: { value($0) < value($1) }) else { throw SearchStopped() }
    return result(
      [[Int]](repeating: expand(best.theta), count: statistics.classes.count), best.draws, [best])
  }

  // MARK: Medium

  /// The numbers of samples of the rounds of a race.
  private var rounds: [Int] {
    let all = settings.samples
    return [whole(all / 8), whole(all / 2)].filter { $0 >= 20 && $0 < all } + [all]
  }

  /// A number whose images are a prefix of those of a larger one; see ``Scorer``.
  private func whole(_ samples: Int) -> Int {
    samples <= scorer.chunk ? samples : samples / scorer.chunk * scorer.chunk
  }

  /// The best of a coarse line of equal θ, where a descent starts.
  private func equalStart(label: Int?) throws -> [Int] {
    let line = try (0...10).map { try evaluate(expand([$0]), 1, label: label, samples: rounds[0]) }
    return line.min { value($0) < value($1) }?.theta ?? expand([5])
  }

  private func descend(label: Int?, _ randomStarts: Int) throws -> [Int] {
    best = .infinity
    return try coordinates(statistics.latentDimension, label: label, Array(rounds.dropLast()))
      .run(from: [try equalStart(label: label)], randomStarts: randomStarts).theta
  }

  /// A search of `dimension` numbers with these sample counts in the rounds before the last.
  private func coordinates(_ dimension: Int, label: Int?, _ first: [Int]) -> CoordinateSearch {
    CoordinateSearch(
      dimension: dimension, rounds: first.filter { $0 >= 2 } + [settings.samples],
      stream: RandomStream(
        key: SIMD4(
          UInt32(truncatingIfNeeded: settings.seed),
          UInt32(truncatingIfNeeded: settings.seed >> 32),
          RandomPurpose.search.rawValue, UInt32(1 + (label ?? 10))), counter: .zero)
    ) { theta, samples in
      self.value(try self.evaluate(theta, 1, label: label, samples: samples))
    }
  }

  private func medium1(_ randomStarts: Int) throws -> SearchResult {
    let theta = try descend(label: nil, randomStarts)
    let last = try evaluate(theta, 1, label: nil, samples: settings.samples)
    return result([[Int]](repeating: theta, count: statistics.classes.count), 1, [last])
  }

  private func medium2(_ randomStarts: Int) throws -> SearchResult {
    let thetas = try statistics.classes.indices.map { try descend(label: $0, randomStarts) }
    let last = try thetas.enumerated().map { label, theta in
      try evaluate(theta, 1, label: label, samples: settings.samples)
    }
    return result(thetas, 1, last)
  }

  /// The first `count` candidates of the paper's own order for Medium-1, for comparison.
  /// - Throws: As ``run(randomStarts:)``.
  public func prioritized(count: Int) throws -> SearchResult {
    let all = try prioritizedOrder(dimension: statistics.latentDimension, count: count).map {
      try evaluate($0, 1, label: nil, samples: settings.samples)
    }
    guard let best = all.min(by: { value($0) < value($1) }) else { throw SearchStopped() }
    return result([[Int]](repeating: best.theta, count: statistics.classes.count), 1, [best])
  }

  /// Improves a θ found in another way until no step of one tenth helps.
  ///
  /// - Parameters:
  ///   - theta: Classes × D; if the classes share a θ, that of the first is used.
  ///   - images: The number of images drawn to find it, for the count.
  /// - Throws: As ``run(randomStarts:)``.
  public func polish(from theta: [[Float]], images: Int) throws -> SearchResult {
    func tenths(_ label: Int) -> [Int] {
      let row = settings.generator == .simple ? Array(theta[label].prefix(1)) : theta[label]
      return row.map { max(0, min(10, Int(($0 * 10).rounded()))) }
    }
    let labels: [Int?] = settings.generator == .medium2 ? Array(theta.indices) : [nil]
    var found: [[Int]] = []
    var last: [Evaluation] = []
    for label in labels {
      best = .infinity
      let end = try coordinates(
        tenths(label ?? 0).count, label: label, [whole(settings.samples / 4)]
      )
      .polish(from: tenths(label ?? 0))
      found.append(end)
      last.append(try evaluate(end, 1, label: label, samples: settings.samples))
    }
    if found.count == 1 { found = [[Int]](repeating: found[0], count: theta.count) }
    var result = result(found.map(expand), 1, last)
    result.images += images
    return result
  }

  // MARK: Candidates

  private func value(_ evaluation: Evaluation) -> Double {
    objective.value(cosine: evaluation.cosine, accuracy: evaluation.accuracy)
  }

  /// Repeats a single θ for all dimensions.
  private func expand(_ theta: [Int]) -> [Int] {
    theta.count == 1 ? [Int](repeating: theta[0], count: statistics.latentDimension) : theta
  }

  private func evaluate(_ theta: [Int], _ draws: Int, label: Int?, samples: Int) throws
    -> Evaluation
  {
    if shouldStop() { throw SearchStopped() }
    let known = history.evaluations.count
    let evaluation = try history.evaluation(
      label: label, theta: theta, draws: draws, samples: samples
    ) {
      let factors = expand(theta).map { Float($0) / 10 }
      let generator = SpreadGenerator(
        statistics, theta: factors, draws: draws, convention: settings.convention)
      let labels = label.map { [$0] } ?? Array(statistics.classes.indices)
      let scores = try labels.map { label in
        try scorer.score(
          generator, label: label, count: samples,
          stream: RandomStream(seed: settings.seed).split(.search).step(label))
      }
      let score = Score(classes: scores)
      return (score.cosine, score.accuracy)
    }
    if history.evaluations.count > known { scored += 1 }
    if samples == settings.samples { best = min(best, value(evaluation)) }
    try progress(
      SearchProgress(
        candidates: history.evaluations.count,
        candidatesPerSecond: rate(scored, per: stopwatch.seconds),
        label: label, best: best))
    return evaluation
  }

  /// The result with its last evaluations: one for all classes, or one for each.
  private func result(_ theta: [[Int]], _ draws: Int, _ last: [Evaluation]) -> SearchResult {
    let count = Double(last.count)
    var reachedFloor = true
    if case .floor(let minimum) = objective {
      reachedFloor = last.allSatisfy { $0.accuracy >= minimum }
    }
    let images = history.evaluations.map {
      $0.samples * ($0.label == nil ? statistics.classes.count : 1)
    }
    return SearchResult(
      generator: settings.generator, theta: theta.map { $0.map { Float($0) / 10 } }, draws: draws,
      convention: settings.convention, objective: objective,
      cosine: last.map(\.cosine).reduce(0, +) / count,
      accuracy: last.map(\.accuracy).reduce(0, +) / count, samples: settings.samples,
      seed: settings.seed, candidates: history.evaluations.count,
      images: images.reduce(0, +), reachedFloor: reachedFloor)
  }
}
