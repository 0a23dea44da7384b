import Compute
import Datasets
import ComputeCPU
import Files
import Foundation
import Models
import NeuralNetwork
import TestSupport
import Testing

@testable import Generation
import Training

@Suite struct SearchTests {
  /// A function with a known minimum, some of whose noise goes as the samples grow.
  private static func search(_ minimum: [Int], calls: Counter) -> CoordinateSearch {
    CoordinateSearch(
      dimension: minimum.count, rounds: [10, 40, 80],
      stream: RandomStream(seed: 1, purpose: 8)
    ) { theta, samples in
      calls.count += 1
      let distance = zip(theta, minimum).map { Double(($0 - $1) * ($0 - $1)) }.reduce(0, +)
      let coupling = Double(abs(theta[0] - minimum[0]) * abs(theta[1] - minimum[1])) * 0.5
      return distance + coupling + Double((theta[0] * 7 + theta[1] * 3) % 5) / Double(samples)
    }
  }

  final class Counter { var count = 0 }

  @Test func sweepsEndAtTheMinimum() throws {
    let calls = Counter()
    let result = try Self.search([3, 9, 0, 10], calls: calls).run(
      from: [[5, 5, 5, 5]], randomStarts: 2)
    #expect(result.theta == [3, 9, 0, 10])
    #expect(calls.count < 2500, "of 11⁴ = 14641 points")
  }

  /// Few samples mislead each race away from the minimum; with all samples, no step from the end is
  /// better.
  @Test func endsWhereNoStepImproves() throws {
    func value(_ theta: [Int], _ samples: Int) -> Double {
      let exact = Double((theta[0] - 6) * (theta[0] - 6) + (theta[1] - 4) * (theta[1] - 4))
      return samples < 80 ? -exact : exact
    }
    let search = CoordinateSearch(
      dimension: 2, rounds: [10, 40, 80], stream: RandomStream(seed: 1, purpose: 8), value: value)
    #expect(try search.run(from: [[5, 5]], randomStarts: 0).theta == [6, 4])
  }

  @Test func polishClimbsFromNearby() throws {
    let calls = Counter()
    let theta = try Self.search([3, 9, 0, 10], calls: calls).polish(from: [4, 7, 1, 10])
    #expect(theta == [3, 9, 0, 10])
    #expect(calls.count < 120)
    #expect(try Self.search([3, 9, 0, 10], calls: calls).polish(from: theta) == theta)
  }

  /// A polished θ counts the images of what it began with, and is never worse.
  @Test(arguments: GeneratorKind.allCases) func polishIsNeverWorse(_ kind: GeneratorKind) throws {
    let history = SearchHistory()
    let objective = SearchObjective.weighted(accuracyWeight: 0.1)
    let (search, settings) = try Self.make(kind, history, objective: objective)
    let start = [[Float]](repeating: [0.52, kind == .simple ? 0.52 : 0.31], count: 10)
    let result = try search.polish(from: start, images: 1234)
    let scored = history.evaluations.map { $0.samples * ($0.label == nil ? 10 : 1) }
    #expect(result.images == scored.reduce(1234, +))
    let scorer = try Self.scorer()
    func mean(_ generator: SpreadGenerator) throws -> Double {
      let values = try (0..<10).map { label in
        let score = try scorer.score(
          generator, label: label, count: settings.samples,
          stream: RandomStream(seed: settings.seed).split(.search).step(label))
        return objective.value(cosine: score.cosine, accuracy: score.accuracy)
      }
      return values.reduce(0, +) / 10
    }
    let rounded = start.map { $0.map { ($0 * 10).rounded() / 10 } }
    let before = try mean(SpreadGenerator(Self.statistics, theta: rounded))
    let after = try mean(result.spreadGenerator(Self.statistics))
    // On the line of equal θ, ½ is the best already.
    #expect(kind == .simple ? after <= before : after < before)
    #expect(
      abs(after - objective.value(cosine: result.cosine, accuracy: result.accuracy)) < 1e-6)
    #expect(result.theta.allSatisfy { $0.count == 2 })
    if kind != .medium2 { #expect(Set(result.theta).count == 1) }
  }

  /// The neighbours of a found θ, scored anew with the search's samples.
  @Test func medium2EndsAtAFixedPoint() throws {
    let history = SearchHistory()
    let objective = SearchObjective.weighted(accuracyWeight: 0.1)
    let (search, settings) = try Self.make(.medium2, history, objective: objective)
    let result = try search.run(randomStarts: 0)
    #expect(
      result.images
        == history.evaluations.map { $0.samples * ($0.label == nil ? 10 : 1) }.reduce(0, +))
    let scorer = try Self.scorer()
    func value(_ theta: [Float], label: Int) throws -> Double {
      let score = try scorer.score(
        SpreadGenerator(Self.statistics, theta: theta), label: label, count: settings.samples,
        stream: RandomStream(seed: settings.seed).split(.search).step(label))
      return objective.value(cosine: score.cosine, accuracy: score.accuracy)
    }
    for (label, theta) in result.theta.enumerated() {
      let best = try value(theta, label: label)
      for d in theta.indices {
        for step in [-1, 1] {
          var other = theta
          other[d] = (theta[d] * 10 + Float(step)).rounded() / 10
          guard (0...1).contains(other[d]) else { continue }
          #expect(try value(other, label: label) >= best, "class \(label): \(other)")
        }
      }
    }
  }

  /// The variance is in proportion to θ/n, so other points of the grid coincide.
  @Test func gridWhereThetaScalesTheVariance() throws {
    let history = SearchHistory()
    let (search, _) = try Self.make(
      .simple, history, objective: .weighted(accuracyWeight: 1),
      convention: Convention(theta: .variance))
    #expect(try search.simpleGrid().count == 44)
    let spreads = Set((0...10).flatMap { t in [1, 2, 3, 5].map { n in t * 30 / n } })
    #expect(history.evaluations.count == spreads.count)
  }

  @Test func paperOrderTakesLowValuesFirst() {
    let order = prioritizedOrder(dimension: 3, count: 40)
    #expect(order.count == 40)
    #expect(order.prefix(11) == ArraySlice((0...10).map { [0, 0, $0] }))
    #expect(order[11] == [0, 1, 0] && order[22] == [1, 0, 0])
    #expect(Set(order).count == 40)
    let sums = order.map { $0[0] + $0[1] }
    #expect(sums == sums.sorted())
    #expect(prioritizedOrder(dimension: 2, count: 1000).count == 121)
  }

  private static let statistics = LatentStatistics(
    classes: (0..<10).map { label in
      .init(
        mean: [Float(label) - 5, 1], varianceOfMeans: [0.5, 2], meanOfVariances: [0.5, 0.1])
    })

  private static func scorer() throws -> Scorer {
    let device = CPUDevice()
    return Scorer(
      try VariationalAutoencoder(
        AutoencoderShape(pixels: 64, hidden: 9, latentDimension: 2), seed: 1, on: device),
      try Classifier(ImageShape(rows: 8, columns: 8), classes: 10, seed: 2, on: device), chunk: 50)
  }

  private static func make(
    _ kind: GeneratorKind, _ history: SearchHistory, objective: SearchObjective,
    stopAfter: Int = .max, convention: Convention = Convention()
  ) throws -> (Search, SearchSettings) {
    let settings = SearchSettings(
      generator: kind, samples: 40, seed: 1, models: "test", convention: convention)
    let search = Search(
      settings, scorer: try scorer(), statistics: statistics, objective: objective,
      history: history,
      shouldStop: { history.evaluations.count >= stopAfter })
    return (search, settings)
  }

  /// 41 of the 44 points of the paper's grid differ, and equal spreads score the same.
  @Test func gridHasFortyOneDifferentPoints() throws {
    let history = SearchHistory()
    let (search, _) = try Self.make(.simple, history, objective: .weighted(accuracyWeight: 1))
    let grid = try search.simpleGrid()
    #expect(grid.count == 44)
    #expect(Set(grid.map { [$0.theta[0], $0.draws] }).count == 44)
    #expect(history.evaluations.count == 41)
  }

  @Test(arguments: GeneratorKind.allCases)
  func stoppedSearchContinuesToTheSameEnd(_ kind: GeneratorKind) throws {
    let objective = SearchObjective.weighted(accuracyWeight: 1)
    let whole = SearchHistory()
    let expected = try Self.make(kind, whole, objective: objective).0.run(randomStarts: 1)
    #expect(expected.candidates == whole.evaluations.count)

    let folder = try TemporaryFolder()
    let path = folder.path + "/history.jsonl"
    let (_, settings) = try Self.make(kind, whole, objective: objective)
    let first = try SearchHistory(at: path, of: settings)
    let half = expected.candidates / 2
    #expect(throws: SearchStopped.self) {
      try Self.make(kind, first, objective: objective, stopAfter: half).0.run(randomStarts: 1)
    }
    // A line that was being written when the power went.
    var bytes = try readFile(path)
    bytes += Array("{\"label\":3,\"the".utf8)
    try writeAtomically(bytes, to: path)

    let second = try SearchHistory(at: path, of: settings)
    #expect(second.evaluations.count == half)
    let result = try Self.make(kind, second, objective: objective).0.run(randomStarts: 1)
    #expect(result == expected)
    #expect(second.evaluations == whole.evaluations)
  }

  @Test func historyOfOtherSettingsIsNotUsed() throws {
    let folder = try TemporaryFolder()
    let path = folder.path + "/history.jsonl"
    var settings = SearchSettings(generator: .simple, samples: 40, seed: 1, models: "a")
    let history = try SearchHistory(at: path, of: settings)
    _ = try history.evaluation(label: nil, theta: [1], draws: 1, samples: 40) { (0.5, 1) }
    #expect(try SearchHistory(at: path, of: settings).evaluations.count == 1)
    settings.models = "b"
    #expect(try SearchHistory(at: path, of: settings).evaluations.isEmpty)
  }

  @Test func floorComesBeforeVariety() {
    let floor = SearchObjective.floor(minimumAccuracy: 0.9)
    #expect(floor.value(cosine: 1, accuracy: 0.9) < floor.value(cosine: 0, accuracy: 0.89))
    #expect(floor.value(cosine: 0, accuracy: 0.8) > floor.value(cosine: 1, accuracy: 0.85))
    #expect(
      SearchObjective.weighted(accuracyWeight: 2).value(cosine: 0.5, accuracy: 0.75) == 1)
  }
}
