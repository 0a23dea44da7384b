import Compute
import Models
import TestSupport
import Testing

@testable import Generation

/// Ten classes with the same moments, two dimensions.
private let statistics = LatentStatistics(
  classes: (0..<10).map { _ in
    .init(mean: [1.5, -20], varianceOfMeans: [3, 0.04], meanOfVariances: [1, 0.05])
  })

@Suite struct SpreadGeneratorTests {
  @Test(arguments: TestDevice.all, [1, 3])
  func meanAndSpreadAreThoseOfTheFormula(_ device: TestDevice, _ draws: Int) throws {
    let (theta, count) = (Float(0.6), 6000)
    let latents = try SpreadGenerator(statistics, theta: theta, draws: draws)
      .latents(label: 2, count: count, seed: 1, on: device.device)
    #expect(latents.shape.matrix == Rows(count, 2))
    let values = try latents.values().map(Double.init)
    for (d, (mean, sigma)) in [(1.5, 2.0), (-20, 0.3)].enumerated() {
      // The mean of n draws of N(μ, θσ) is one draw of N(μ, θσ/√n).
      let spread = Double(theta) * sigma / Double(draws).squareRoot()
      let own = (0..<count).map { values[2 * $0 + d] }
      let sampleMean = own.reduce(0, +) / Double(count)
      let variance = own.reduce(0) { $0 + ($1 - sampleMean) * ($1 - sampleMean) } / Double(count)
      let error = spread / Double(count).squareRoot()
      #expect(abs(sampleMean - mean) < 5 * error)
      #expect(abs(variance.squareRoot() - spread) < 5 * error / 2.0.squareRoot())
    }
    // The dimensions are drawn on their own.
    var product = 0.0
    for i in 0..<count { product += (values[2 * i] - 1.5) * (values[2 * i + 1] + 20) }
    let scale = Double(theta * theta) * 0.6 / Double(draws)
    #expect(abs(product / Double(count)) < 5 * scale / Double(count).squareRoot())
  }

  @Test(arguments: TestDevice.all)
  func withoutSpreadTheMeanIsExact(_ device: TestDevice) throws {
    let values = try SpreadGenerator(statistics, theta: 0, draws: 3)
      .latents(label: 9, count: 4, seed: 1, on: device.device).values()
    #expect(values == [1.5, -20, 1.5, -20, 1.5, -20, 1.5, -20])
  }

  /// θσ, θ of the means' σ, and √θ σ: in units of the same draws.
  @Test func conventionsScaleTheSameDraws() throws {
    func spread(_ convention: Convention) throws -> [Float] {
      let values = try SpreadGenerator(statistics, theta: 0.25, draws: 1, convention: convention)
        .latents(label: 2, count: 1, seed: 1, on: TestDevice.all[0].device).values()
      return [values[0] - 1.5, values[1] + 20]
    }
    let usual = try spread(Convention())
    let factors: [(Convention, [Float])] = [
      (Convention(theta: .variance), [2, 2]),
      (Convention(spread: .means), [Float(0.75).squareRoot(), Float(0.2 / 0.3)]),
    ]
    for (convention, factor) in factors {
      for (d, value) in try spread(convention).enumerated() {
        #expect(abs(value - factor[d] * usual[d]) < 1e-5)
      }
    }
  }

  @Test(arguments: TestDevice.all)
  func seedAndLabelFixTheDraws(_ device: TestDevice) throws {
    func draw(label: Int, seed: UInt64) throws -> [Float] {
      try SpreadGenerator(statistics, theta: 1, draws: 2)
        .latents(label: label, count: 5, seed: seed, on: device.device).values()
    }
    let first = try draw(label: 3, seed: 7)
    #expect(try draw(label: 3, seed: 7) == first)
    #expect(try draw(label: 3, seed: 8) != first)
    #expect(try draw(label: 4, seed: 7) != first, "the moments are the same, the draws are not")
    #expect(Set(first).count == first.count)
  }

  @Test(arguments: TestDevice.all)
  func imagesAreGreyValuesAndFixed(_ device: TestDevice) throws {
    let model = try VariationalAutoencoder(
      AutoencoderShape(pixels: 36, hidden: 9, latentDimension: 2), seed: 1, on: device.device)
    let generator = SpreadGenerator(statistics, theta: 0.5, draws: 1)
    let images = try model.images(generator, label: 1, count: 3, seed: 2)
    #expect(images.shape.matrix == Rows(3, 36))
    let values = try images.values()
    #expect(values.allSatisfy { (0...1).contains($0) })
    #expect(try model.images(generator, label: 1, count: 3, seed: 2).values() == values)
  }

  @Test(arguments: TestDevice.all)
  func eachClassAndDimensionHasItsTheta(_ device: TestDevice) throws {
    var theta = [[Float]](repeating: [0, 0], count: 10)
    theta[4] = [0, 1]
    let medium2 = SpreadGenerator(statistics, theta: theta)
    let fixed = try medium2.latents(label: 3, count: 2, seed: 1, on: device.device).values()
    #expect(fixed == [1.5, -20, 1.5, -20])
    let free = try medium2.latents(label: 4, count: 2, seed: 1, on: device.device).values()
    #expect(free[0] == 1.5 && free[2] == 1.5 && free[1] != -20 && free[1] != free[3])
    let medium1 = try SpreadGenerator(statistics, theta: [0, 1])
      .latents(label: 4, count: 2, seed: 1, on: device.device).values()
    #expect(medium1 == free)
  }
}
