import Autograd
import Compute
import ComputeCPU
import Files
import Foundation
import Models
import NeuralNetwork
import TestSupport
import Testing

@testable import Generation

private typealias Distribution = FittedGenerator.ClassDistribution

/// Mean and covariance of the rows of a tensor.
private func sampleMoments(_ z: Tensor) throws -> (mean: [Double], covariance: [Double]) {
  moments(try z.values().map(Double.init), dimension: z.shape.columns)
}

@Suite struct FittedGeneratorTests {
  private static let count = 20_000

  /// Ten times the same mixture of two Gaussians with a factor each, in two dimensions.
  private static let mixture = FittedGenerator(
    .mixture,
    [Distribution](
      repeating: Distribution(
        mean: [1, -1], weights: [0.25, 0.75], centers: [4, 2, 0, -2],
        factors: [1, 0, 0.5, 0.2, 0.1, 0, -0.3, 0.4], note: "two"), count: 10),
    theta: [Float](repeating: 1, count: 10))

  /// The moments of `μ + θ(x − μ)` for that mixture, by hand.
  private static func expected(theta: Double) -> (mean: [Double], covariance: [Double]) {
    // Between: weights 1/4, 3/4 and centers μ + (3, 3), μ + (−1, −1). Within: F·Fᵀ.
    let first = [1, 0.5, 0.5, 0.29], second = [0.01, -0.03, -0.03, 0.25]
    let covariance = zip(first, second).map { a, b -> Double in
      let within: Double = 0.25 * a + 0.75 * b
      return theta * theta * (3 + within)
    }
    return ([1, -1], covariance)
  }

  @Test(arguments: TestDevice.all, [1, 0.5, 1.5])
  func momentsOfAMixture(_ device: TestDevice, _ theta: Double) throws {
    let z = try Self.mixture.at(theta: Float(theta))
      .latents(label: 3, count: Self.count, seed: 1, on: device.device)
    let (mean, covariance) = try sampleMoments(z)
    let expected = Self.expected(theta: theta)
    let error = 5 * theta * (4 / Double(Self.count)).squareRoot()
    for d in 0..<2 { #expect(abs(mean[d] - expected.mean[d]) < error) }
    for i in 0..<4 { #expect(abs(covariance[i] - expected.covariance[i]) < 2 * theta * error) }
  }

  /// Near one center the noise is that of its own factor.
  @Test func eachComponentHasItsFactor() throws {
    let values = try Self.mixture.latents(label: 0, count: Self.count, seed: 2, on: CPUDevice())
      .values().map(Double.init)
    // The second component has x = 0.1·ε: of the first, hardly any lies within ±0.5 of 0.
    let rows = (0..<Self.count).filter { abs(values[2 * $0]) < 0.5 }
    #expect(abs(Double(rows.count) / Double(Self.count) - 0.75) < 0.015)
    let own = moments(rows.flatMap { [values[2 * $0], values[2 * $0 + 1]] }, dimension: 2)
    for (value, exact) in zip(own.covariance, [0.01, -0.03, -0.03, 0.25]) {
      #expect(abs(value - exact) < 0.012)
    }
  }

  @Test(arguments: TestDevice.all)
  func samplesOfASmallerCountComeFirst(_ device: TestDevice) throws {
    let few = try Self.mixture.latents(label: 1, count: 7, seed: 5, on: device.device).values()
    let many = try Self.mixture.latents(label: 1, count: 30, seed: 5, on: device.device).values()
    #expect(few == Array(many.prefix(14)))
    #expect(
      try Self.mixture.latents(label: 1, count: 7, seed: 6, on: device.device).values() != few)
    #expect(
      try Self.mixture.latents(label: 2, count: 7, seed: 5, on: device.device).values() != few)
  }

  @Test func atNoTemperatureItIsTheMean() throws {
    let z = try Self.mixture.at(theta: 0).latents(label: 9, count: 3, seed: 1, on: CPUDevice())
    #expect(try z.values() == [1, -1, 1, -1, 1, -1])
  }

  @Test func everyClassHasItsTemperature() throws {
    var generator = Self.mixture
    generator.theta[4] = 0
    let device = CPUDevice()
    #expect(try generator.latents(label: 4, count: 1, seed: 1, on: device).values() == [1, -1])
    #expect(try generator.latents(label: 5, count: 1, seed: 1, on: device).values() != [1, -1])
  }

  // MARK: Fits

  /// Statistics with correlated means, three dimensions.
  private static let moment: LatentStatistics.ClassMoments = .init(
    mean: [1, 2, 3], covarianceOfMeans: [4, 1.5, 0.5, 1.5, 2, -0.8, 0.5, -0.8, 1],
    meanOfVariances: [0.5, 0.25, 1])

  @Test func gaussianHasTheCovarianceOfTheClass() throws {
    let own = FittedGenerator.gaussian(Self.moment)
    let generator = FittedGenerator(
      .gaussian, [Distribution](repeating: own, count: 10),
      theta: [Float](repeating: 1, count: 10))
    let (mean, covariance) = try sampleMoments(
      try generator.latents(label: 0, count: Self.count, seed: 1, on: CPUDevice()))
    for d in 0..<3 { #expect(abs(mean[d] - Double(Self.moment.mean[d])) < 0.08) }
    for (value, expected) in zip(covariance, Self.moment.covariance) {
      #expect(abs(value - Double(expected)) < 0.2)
    }
  }

  @Test func bayesNetKeepsTheEdgesAndDropsTheRest() throws {
    let own = FittedGenerator.bayesNet(Self.moment)
    #expect(own.note == "tree 0–1 1–2")
    let generator = FittedGenerator(
      .bayesNet, [Distribution](repeating: own, count: 10),
      theta: [Float](repeating: 1, count: 10))
    let covariance = try sampleMoments(
      try generator.latents(label: 0, count: Self.count, seed: 1, on: CPUDevice())
    ).covariance
    // Through dimension 1: cov(0, 1)·cov(1, 2) / var(1).
    let known: [(Int, Double)] = [
      (0, 4.5), (1, 1.5), (4, 2.25), (5, -0.8), (8, 2), (2, -1.2 / 2.25),
    ]
    for (i, expected) in known {
      #expect(abs(covariance[i] - expected) < 0.2, "element \(i)")
    }
  }

  /// A kernel density has the covariance of its samples, (1 + h²) times.
  @Test func kernelResamplesAndAddsNoise() throws {
    let noise = (0..<600).map { i -> Double in
      let words = threefry(key: SIMD4(1, 0, 0, 0), counter: SIMD4(UInt32(i), 0, 0, 0))
      return Double(words.x) * 0x1p-32 - 0.5
    }
    // Two correlated numbers.
    let vectors = (0..<300).flatMap { n -> [Double] in
      let (x, y) = (noise[2 * n], noise[2 * n + 1])
      return [x, x + 0.3 * y]
    }
    let own = FittedGenerator.kernel(vectors, dimension: 2)
    #expect(own.weights.count == 300 && own.centers == vectors.map { Float($0) })
    let exact = moments(vectors, dimension: 2).covariance
    let h = Double(own.factors[0]) / exact[0].squareRoot()
    #expect(KernelBandwidth.candidates.contains { abs($0 - h) < 1e-3 })
    let generator = FittedGenerator(
      .kernel, [Distribution](repeating: own, count: 10),
      theta: [Float](repeating: 1, count: 10))
    let covariance = try sampleMoments(
      try generator.latents(label: 0, count: Self.count, seed: 1, on: CPUDevice())
    ).covariance
    for (value, expected) in zip(covariance, exact) {
      let widened: Double = expected * (1 + h * h)
      #expect(abs(value / widened - 1) < 0.05)
    }
  }

  private static func run(_ folder: TemporaryFolder) throws -> (Run, VariationalAutoencoder) {
    let model = try VariationalAutoencoder(
      AutoencoderShape(pixels: 36, hidden: 17, latentDimension: 3), seed: 1, on: CPUDevice())
    return (Run(folder.path), model)
  }

  /// Each kind is fitted to images, saved, and read again by its name.
  @Test(arguments: FittedKind.allCases.filter { $0 != .diffusion })
  func comeBackFromAFile(_ kind: FittedKind) throws {
    let folder = try TemporaryFolder()
    let (run, model) = try Self.run(folder)
    let images = Blobs.dataset(400, side: 6)
    let statistics = try LatentStatistics(of: images, under: model)
    let fitted = try FittedGenerator(
      kind, to: images, under: model, statistics: statistics, seed: 1, theta: 0.7)
    try fitted.save(to: run.generatorPath(kind.rawValue))
    let read = try run.generator(named: kind.rawValue, of: model, statistics: statistics)
    #expect(read as? FittedGenerator == fitted)
    let again = try FittedGenerator(
      kind, to: images, under: model, statistics: statistics, seed: 1, theta: 0.7)
    #expect(again == fitted, "the same seed, the same fit")
    // The mean of many draws is that of the encoded images.
    let mean = try sampleMoments(
      try fitted.latents(label: 2, count: 4000, seed: 1, on: model.device)
    ).mean
    let spread = statistics.classes[2].spread()
    for d in 0..<3 {
      let distance = abs(mean[d] - Double(statistics.classes[2].mean[d]))
      #expect(distance < 0.5 * Double(spread[d]) + 1e-3)
    }
  }

  @Test func filesThatDoNotFit() throws {
    let folder = try TemporaryFolder()
    let (run, model) = try Self.run(folder)
    let path = run.generatorPath("gaussian")
    func expectError(_ text: String, _ dimension: Int = 3) {
      let error = #expect(throws: FileError.self) {
        try FittedGenerator.load(.gaussian, of: run, classes: 10, latentDimension: dimension)
      }
      #expect(error?.path == path && error?.description.contains(text) == true, "\(error as Any)")
      #expect(error?.description.contains("digitalis fit gaussian --run") == true)
    }
    expectError("no gaussian generator yet")
    let own = FittedGenerator.gaussian(Self.moment)
    func save(
      _ kind: FittedKind = .gaussian, theta: Float = 1,
      _ change: (inout Distribution) -> Void = { _ in }
    ) throws {
      var changed = own
      change(&changed)
      try FittedGenerator(
        kind, [Distribution](repeating: changed, count: 10),
        theta: [Float](repeating: theta, count: 10)
      ).save(to: path)
    }
    try save()
    expectError("has no 0.factors of … × 4 × 4", 4)
    try save(.kernel)
    expectError("is not a gaussian generator")
    try save(theta: -1)
    expectError("negative theta")
    try save { $0.weights = [0.5] }
    expectError("do not add up to 1")
    try save {
      ($0.weights, $0.centers) = ([0.5, 0.25, 0.25], $0.centers + $0.centers + $0.centers)
      $0.factors += $0.factors
    }
    expectError("has 2 0.factors for 3 components")
    let before = try readFile(path)
    #expect(throws: FileError.self) { try save { $0.mean[1] = .nan } }
    #expect(try readFile(path) == before)

    let error = #expect(throws: FileError.self) {
      try run.generator(
        named: "gausian", of: model, statistics: LatentStatistics(classes: [Self.moment]))
    }
    #expect(error?.description.contains("simple, medium1, medium2, gaussian, bayes-net") == true)
  }
}
