import Compute
import Datasets
import ComputeCPU
import Models
import NeuralNetwork
import TestSupport
import Testing

@testable import Generation
import Training

@Suite struct TemperatureSearchTests {
  private static let moments = (0..<10).map { label in
    LatentStatistics.ClassMoments(
      mean: [Float(label) - 5, 1], covarianceOfMeans: [4, 1, 1, 6], meanOfVariances: [0.5, 0.1])
  }
  private static let generator = FittedGenerator(
    .gaussian, moments.map { FittedGenerator.gaussian($0) },
    theta: [Float](repeating: 1, count: 10))

  private static func search(_ objective: SearchObjective) throws -> TemperatureSearch {
    let device = CPUDevice()
    let scorer = Scorer(
      try VariationalAutoencoder(
        AutoencoderShape(pixels: 64, hidden: 9, latentDimension: 2), seed: 1, on: device),
      try Classifier(ImageShape(rows: 8, columns: 8), classes: 10, seed: 2, on: device), chunk: 50)
    return TemperatureSearch(scorer: scorer, objective: objective, samples: 30, seed: 1)
  }

  /// No other temperature of the line does better in any class, with the same random numbers.
  @Test(
    arguments: [
      SearchObjective.weighted(accuracyWeight: 0.05), .weighted(accuracyWeight: 0),
      .floor(minimumAccuracy: 0.5),
    ])
  func everyClassHasTheBestOfTheLine(_ objective: SearchObjective) throws {
    let search = try Self.search(objective)
    var calls: [[Int]] = []
    let (found, score) = try search.run(Self.generator, progress: { calls.append([$0, $1]) })
    #expect(calls.count == 160 && calls.last == [9, 16])
    for label in 0..<10 {
      let own = score.classes[label]
      let best = objective.value(cosine: own.cosine, accuracy: own.accuracy)
      for theta in [0, 0.1, 0.5, 0.9, 1, 1.2, 1.5] as [Float] {
        let other = try search.scorer.score(
          Self.generator.at(theta: theta), label: label, count: 30,
          stream: RandomStream(seed: 1).split(.search).step(label))
        let value = objective.value(cosine: other.cosine, accuracy: other.accuracy)
        #expect(value >= best)
        if theta == found.theta[label] { #expect(other == own) }
      }
      // Variety alone asks for the widest.
      if objective == .weighted(accuracyWeight: 0) { #expect(found.theta[label] == 1.5) }
    }
    #expect(found.classes == Self.generator.classes)
  }

  @Test func canBeStopped() throws {
    let search = try Self.search(.floor(minimumAccuracy: 1))
    var calls = 0
    #expect(throws: SearchStopped.self) {
      try search.run(Self.generator, progress: { _, _ in calls += 1 }, shouldStop: { calls == 3 })
    }
    #expect(calls == 3)
  }
}
