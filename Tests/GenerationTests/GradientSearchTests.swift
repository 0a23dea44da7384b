import Autograd
import Compute
import Datasets
import ComputeCPU
import Models
import NeuralNetwork
import TestSupport
import Testing

@testable import Generation

@Suite struct GradientSearchTests {
  private static let statistics = LatentStatistics(
    classes: (0..<10).map { label in
      .init(
        mean: [Float(label) - 5, 1, 0], varianceOfMeans: [4, 9, 1], meanOfVariances: [0.5, 0.1, 2])
    })

  private struct Models {
    var autoencoder: VariationalAutoencoder
    var classifier: Classifier

    /// Networks with ten times the usual weights, so that images and classes differ.
    init(on device: any Device) throws {
      autoencoder = try VariationalAutoencoder(
        AutoencoderShape(pixels: 64, hidden: 9, latentDimension: 3), seed: 1, on: device)
      classifier = try Classifier(ImageShape(rows: 8, columns: 8), classes: 10, seed: 2, on: device)
      try autoencoder.parameters.setValues(
        try autoencoder.parameters.values().map { $0.map { 3 * $0 } })
      try classifier.parameters.setValues(
        try classifier.parameters.values().map { $0.map { 1.5 * $0 } })
    }

    func search(
      _ kind: GeneratorKind, weight: Double, _ convention: Convention = Convention(),
      options: GradientSearch.Options
    ) throws -> GradientSearch {
      try GradientSearch(
        kind, autoencoder, classifier, statistics: statistics, accuracyWeight: weight, seed: 1,
        convention: convention, options: options)
    }
  }

  private static let stream = RandomStream(seed: 1, purpose: 99)

  /// cos − W·p over the draws of a stream, from the pieces that the search computes.
  private func objective(_ search: GradientSearch, weight: Double, batch: Double) throws -> Double {
    let (squares, confidence) = try search.backward(Self.stream)
    search.theta.clearGradient()
    let square = try squares.values().map(Double.init).reduce(0, +)
    let p = try confidence.values().map(Double.init).reduce(0, +)
    let (pairs, images): (Double, Double) = (10 * batch * (batch - 1), 10 * batch)
    return square / pairs - weight * p / images
  }

  @Test(
    arguments: GeneratorKind.allCases,
    [Convention(), Convention(spread: .means, theta: .variance)])
  func gradientIsTheSlope(_ kind: GeneratorKind, _ convention: Convention) throws {
    let models = try Models(on: CPUDevice())
    models.autoencoder.parameters.isFrozen = true
    models.classifier.parameters.isFrozen = true
    var options = GradientSearch.Options()
    options.batch = 5
    let search = try models.search(kind, weight: 0.7, convention, options: options)
    let count = search.theta.shape.count
    let counts: [GeneratorKind: Int] = [.simple: 1, .medium1: 3, .medium2: 30]
    #expect(count == counts[kind])
    let start = (0..<count).map { Float($0 % 7) * 0.3 - 1 }
    try search.parameters.setValues([start])
    try search.backward(Self.stream)
    let theta = search.theta
    let gradient = try models.autoencoder.device.download(try #require(theta.gradient))
    theta.clearGradient()
    var greatest = 0.0
    for i in stride(from: 0, to: count, by: count > 3 ? 7 : 1) {
      func difference(_ step: Float) throws -> Double {
        func at(_ step: Float) throws -> Double {
          var moved = start
          moved[i] += step
          try search.parameters.setValues([moved])
          return try objective(search, weight: 0.7, batch: 5)
        }
        let (above, below) = (try at(step), try at(-step))
        return (above - below) / (2 * Double(step))
      }
      let (fine, coarse) = (try difference(0x1p-6), try difference(0x1p-5))
      let slope: Double = (4 * fine - coarse) / 3
      greatest = max(greatest, abs(slope))
      #expect(
        abs(slope - Double(gradient[i])) < 0.02 * abs(slope) + 2e-5,
        "element \(i): \(gradient[i]), not \(slope)")
    }
    #expect(greatest > 1e-3, "there is a slope")
  }

  /// The pieces are the scores: the pairwise cosine, and the classifier's probabilities.
  @Test(arguments: TestDevice.all) func piecesAreTheScores(_ device: TestDevice) throws {
    let models = try Models(on: device.device)
    var options = GradientSearch.Options()
    options.batch = 6
    let search = try models.search(.medium1, weight: 1, options: options)
    let (squares, confidence) = try search.backward(Self.stream)
    // The draws again, by the formula: θ = ½ at the start.
    let noise = try device.device.makeBuffer(count: 180, type: .float32)
    try device.device.random(.normal, Self.stream, into: noise)
    let epsilon = try device.device.download(noise)
    for label in [0, 7] {
      let own = Self.statistics.classes[label]
      let z = (0..<18).map { i -> Float in
        let half: Float = 0.5 * own.spread()[i % 3]
        return own.mean[i % 3] + half * epsilon[label * 18 + i]
      }
      let images = try models.autoencoder.images(at: Tensor(z, Rows(6, 3), on: device.device))
      let values = try images.values().map(Double.init)
      func dot(_ a: Int, _ b: Int) -> Double {
        var sum = 0.0
        for p in 0..<64 { sum += values[a * 64 + p] * values[b * 64 + p] }
        return sum
      }
      var cosine = 0.0
      for a in 0..<6 {
        for b in 0..<6 where a != b { cosine += dot(a, b) / (dot(a, a) * dot(b, b)).squareRoot() }
      }
      let own64 = try squares.values().map(Double.init)[label * 64..<label * 64 + 64]
      let square = own64.reduce(0, +)
      #expect(abs((square - 6) / 30 - cosine / 30) < 1e-4)
      let logits = try models.classifier.logits(images)
      try device.device.softmax(logits.shape.matrix, logits.buffer, into: logits.buffer)
      let probabilities = try logits.values()
      for row in 0..<6 {
        let p = try confidence.values()[label * 6 + row]
        #expect(abs(p - probabilities[row * 10 + label]) < 1e-4)
      }
    }
  }

  /// Variety alone asks for all of the spread; the models come out as they went in.
  @Test func withoutWeightThetaGrows() throws {
    let models = try Models(on: CPUDevice())
    let before = try (
      models.autoencoder.parameters.values(), models.classifier.parameters.values()
    )
    var options = GradientSearch.Options()
    (options.batch, options.steps) = (8, 60)
    let search = try models.search(.simple, weight: 0, options: options)
    var steps = 0
    let theta = try search.run(progress: { steps = $0 })
    #expect(steps == 60 && search.images == 60 * 80)
    #expect(theta.count == 10 && theta.allSatisfy { $0.count == 3 })
    #expect(theta.joined().allSatisfy { $0 > 0.8 && $0 <= 1 }, "\(theta[0])")
    #expect(try models.autoencoder.parameters.values() == before.0)
    #expect(try models.classifier.parameters.values() == before.1)
    #expect(!models.autoencoder.parameters.isFrozen && !models.classifier.parameters.isFrozen)
    #expect(throws: SearchStopped.self) { try search.run(shouldStop: { true }) }
    #expect(!models.classifier.parameters.isFrozen, "also when it was stopped")
  }

  /// Where the weight is great, the mean confidence grows.
  @Test func withWeightConfidenceGrows() throws {
    let models = try Models(on: CPUDevice())
    var options = GradientSearch.Options()
    (options.batch, options.steps) = (8, 40)
    let search = try models.search(.medium2, weight: 100, options: options)
    let before = try objective(search, weight: 100, batch: 8)
    _ = try search.run()
    #expect(try objective(search, weight: 100, batch: 8) < before - 0.1)
  }
}
