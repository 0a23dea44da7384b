import Autograd
import Compute
import Conformance
import Models
import TestSupport
import Testing

/// The losses are the formulas of the paper, in double precision from the same latent vectors.
@Suite struct ObjectiveTests {
  private let noise = RandomStream(seed: 3, purpose: 1)
  private let prior = RandomStream(seed: 3, purpose: 2)

  @Test(arguments: TestDevice.all)
  func areTheFormulas(_ device: TestDevice) throws {
    let (count, latent, pixels) = (7, Rows(7, 3), Rows(7, 144))
    let model = try VariationalAutoencoder(
      configuration().shape, seed: 4, on: device.device)
    let targets = training.images.prefix(pixels.count).map { Float($0) / 255 }
    let images = try Tensor(targets, pixels, on: device.device)

    let encoded = try model.encode(images).values()
    let epsilon = Oracle.normal(noise, count: latent.count).map { Float($0.value) }
    let z = Oracle.reparameterize(latent, parameters: encoded, noise: epsilon)
      .map { Float($0.value) }
    let logits = try model.decode(Tensor(z, latent, on: device.device)).values()
    let crossEntropy = mean(Oracle.binaryCrossEntropy(pixels, logits: logits, targets: targets))
    let divergence = mean(Oracle.gaussianDivergence(latent, parameters: encoded))
    let samples = Oracle.normal(prior, count: latent.count).map { Float($0.value) }
    let shape = KernelDiscrepancy(count: count, dimension: 3, width: 2)
    let discrepancy = mean(Oracle.kernelDiscrepancy(shape, z, samples)) / Double(count)

    for (objective, regularizer, weight) in [
      (Objective.evidenceLowerBound, divergence, 1.0),
      (.maximumMeanDiscrepancy(kernelWidth: 2, weight: 40), discrepancy, 40),
    ] {
      let loss = try model.loss(objective, of: images, noise: noise, prior: prior)
      #expect(loss.images == count)
      let parts = try [[(loss.reconstruction, 1 / Float(count))], [loss.regularizer]].map(sum)
      #expect(abs(parts[0] - crossEntropy) < 1e-5 * crossEntropy)
      #expect(abs(parts[1] - regularizer) < 1e-5)
      let expected = crossEntropy + weight * regularizer
      #expect(abs(try sum(loss.terms) - expected) < 1e-4 * abs(expected))
    }
  }

  private func mean(_ values: [Measured]) -> Double {
    values.reduce(0) { $0 + $1.value } / Double(values.count)
  }

  private func sum(_ terms: [(tensor: Tensor, weight: Float)]) throws -> Double {
    try terms.reduce(0) { sum, term in
      try sum + Double(term.weight) * term.tensor.values().reduce(0) { $0 + Double($1) }
    }
  }
}
