import Autograd
import Compute
import Datasets
import Models
import TestSupport
import Testing

@testable import Generation

@Suite struct ScoringTests {
  private static let statistics = LatentStatistics(
    classes: (0..<10).map { label in
      .init(
        mean: [Float(label) - 5, 1], varianceOfMeans: [0.5, 2], meanOfVariances: [0.5, 0.1])
    })

  private static func scorer(_ device: any Device, chunk: Int) throws -> Scorer {
    Scorer(
      try VariationalAutoencoder(
        AutoencoderShape(pixels: 64, hidden: 9, latentDimension: 2), seed: 1, on: device),
      try Classifier(ImageShape(rows: 8, columns: 8), classes: 10, seed: 2, on: device),
      judge: try Classifier(ImageShape(rows: 8, columns: 8), classes: 10, seed: 3, on: device),
      chunk: chunk)
  }

  /// Every pair of images, by the formula of the paper.
  @Test(arguments: TestDevice.all)
  func cosineIsThatOfAllPairs(_ device: TestDevice) throws {
    let (label, count) = (7, 23)
    let scorer = try Self.scorer(device.device, chunk: 50)
    let generator = SpreadGenerator(Self.statistics, theta: 0.9, draws: 1)
    let stream = RandomStream(seed: 5, purpose: 1)
    let score = try scorer.score(generator, label: label, count: count, stream: stream)

    let latents = try generator.latents(
      label: label, count: count, stream: stream, on: device.device)
    let images = try scorer.autoencoder.decode(latents).map(.sigmoid)
    let values = try images.values().map(Double.init)
    let rows = (0..<count).map { Array(values[$0 * 64..<($0 + 1) * 64]) }
    func dot(_ a: [Double], _ b: [Double]) -> Double { Swift.zip(a, b).map(*).reduce(0, +) }
    var total = 0.0
    for a in 0..<count {
      for b in 0..<count where a != b {
        total +=
          dot(rows[a], rows[b]) / (dot(rows[a], rows[a]) * dot(rows[b], rows[b])).squareRoot()
      }
    }
    #expect(abs(score.cosine - total / Double(count * (count - 1))) < 1e-5)

    let seen = try scorer.classifier.probabilities(images).values()
    let hits = (0..<count).filter { row in
      let own = seen[row * 10..<(row + 1) * 10]
      return own.firstIndex(of: own.max() ?? 0) == row * 10 + label
    }
    #expect(abs(score.accuracy - Double(hits.count) / Double(count)) < 1e-6)
  }

  /// The cosine of each image and the decoder's image of the class mean.
  @Test(arguments: TestDevice.all)
  func cosineWithTheCenter(_ device: TestDevice) throws {
    let (label, count) = (7, 23)
    let pairs = try Self.scorer(device.device, chunk: 50)
    let scorer = Scorer(
      pairs.autoencoder, pairs.classifier, centers: Self.statistics, chunk: pairs.chunk)
    let generator = SpreadGenerator(Self.statistics, theta: 0.9, draws: 1)
    let stream = RandomStream(seed: 5, purpose: 1)
    let score = try scorer.score(generator, label: label, count: count, stream: stream)

    let latents = try generator.latents(
      label: label, count: count, stream: stream, on: device.device)
    let mean = try Tensor(Self.statistics.classes[label].mean, Rows(1, 2), on: device.device)
    let values = try scorer.autoencoder.images(at: latents).values().map(Double.init)
    let center = try scorer.autoencoder.images(at: mean).values().map(Double.init)
    func dot(_ a: [Double], _ b: [Double]) -> Double { Swift.zip(a, b).map(*).reduce(0, +) }
    let cosines = (0..<count).map { index in
      let row = Array(values[index * 64..<(index + 1) * 64])
      return dot(row, center) / (dot(row, row) * dot(center, center)).squareRoot()
    }
    #expect(abs(score.cosine - cosines.reduce(0, +) / Double(count)) < 1e-5)
  }

  @Test(arguments: TestDevice.all)
  func samplesOfASmallerCountComeFirst(_ device: TestDevice) throws {
    let generator = SpreadGenerator(Self.statistics, theta: 0.9, draws: 2)
    let stream = RandomStream(seed: 5, purpose: 1, step: 3)
    let few = try generator.latents(label: 1, count: 7, stream: stream, on: device.device)
    let many = try generator.latents(label: 1, count: 20, stream: stream, on: device.device)
    #expect(try few.values() == Array(try many.values().prefix(14)))
  }

  @Test func groupsEstimateTheErrorOfTheCosine() {
    let (mean, error) = groupedMean(
      of: [[2, 0], [2, 0], [1, 1], [1, 1]], [2, 2, 2, 2], pairwiseCosine)
    // Groups of cosine 1, 1, 0, 0: mean ½, standard deviation √⅓.
    #expect(abs((error ?? 0) - (1.0 / 3 / 4).squareRoot()) < 1e-12)
    #expect(abs(mean - (40.0 - 8) / 56) < 1e-12)
    #expect(groupedMean(of: [[2, 0]], [2], pairwiseCosine).error == nil)
  }

  @Test func intervalsAreOpenAtTheEnds() {
    let score = Score(
      classes: (0..<10).map { _ in
        ClassScore(count: 1000, cosine: 0.5, accuracy: 1, judgedAccuracy: 0.5, cosineError: 0.01)
      })
    #expect(score.accuracyInterval > 0 && score.accuracyInterval < 0.002)
    #expect(abs(score.judgedInterval - 1.96 * (0.25 / 10_040).squareRoot()) < 1e-6)
    #expect(abs((score.cosineInterval ?? 0) - 1.96 * 0.01 / 10.0.squareRoot()) < 1e-12)
  }
}
