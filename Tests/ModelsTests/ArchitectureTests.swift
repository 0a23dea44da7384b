import Autograd
import Compute
import ComputeCPU
import Datasets
import Foundation
import NeuralNetwork
import TestSupport
import Testing
import Training

@testable import Models

/// Autoencoders that the paper does not have: convolutions, likelihoods, weights, changed images.
@Suite struct ArchitectureTests {
  private static let images = [
    ImageShape(rows: 28, columns: 28), ImageShape(rows: 32, columns: 32, channels: 3),
    ImageShape(rows: 9, columns: 13), ImageShape(rows: 5, columns: 40),
    ImageShape(rows: 8, columns: 8), ImageShape(rows: 64, columns: 96),
  ]

  @Test(arguments: images) func convolutionsFitEveryImage(_ image: ImageShape) throws {
    let device = CPUDevice()
    let shape = AutoencoderShape(convolving: image, width: 8, hidden: 12, latentDimension: 3)
    let model = try VariationalAutoencoder(shape, seed: 1, on: device)
    let x = try Tensor.normal(Rows(4, image.count), RandomStream(seed: 1), on: device)
      .map(.sigmoid)
    let encoded = try model.encode(x)
    #expect(encoded.shape == Shape(Rows(4, 6)))
    let decoded = try model.images(at: try encoded.sampled(RandomStream(seed: 2)))
    #expect(decoded.shape == Shape(Rows(4, image.count)))
    #expect(try decoded.values().allSatisfy { $0 > 0 && $0 < 1 })
    #expect(Set(try encoded.values()).count == 24, "every image and dimension has its own")
  }

  @Test func stagesHalve() {
    func extents(_ rows: Int, _ columns: Int) -> [[Int]] {
      ConvolutionalStages(.init(image: ImageShape(rows: rows, columns: columns), width: 8))
        .extents.map { [$0.rows, $0.columns, $0.channels] }
    }
    #expect(extents(28, 28) == [[28, 28, 1], [14, 14, 8], [7, 7, 16]])
    #expect(
      extents(128, 128) == [
        [128, 128, 1], [64, 64, 8], [32, 32, 16], [16, 16, 32], [8, 8, 32], [4, 4, 32],
      ])
    // A border where an image can't be halved.
    #expect(extents(9, 13) == [[12, 16, 1], [6, 8, 8]])
    #expect(extents(5, 40) == [[5, 40, 1]])
  }

  private func convolutional(_ likelihood: Likelihood = .bernoulli) -> RunConfiguration {
    RunConfiguration(
      shape: AutoencoderShape(
        convolving: ImageShape(rows: 12, columns: 12), width: 8, hidden: 16, latentDimension: 3),
      imageRows: 12, imageColumns: 12, objective: .elbo, likelihood: likelihood,
      divergenceWeight: 0.1, freeBits: 0.2, augmentation: Augmentation(shift: 1, flips: true),
      annealedEpochs: 3, dataset: "blobs", epochs: 3, batchSize: 16, seed: 5)
  }

  @Test(arguments: Likelihood.allCases) func allTrainAlike(_ likelihood: Likelihood) throws {
    let trajectories = try TestDevice.all.map { device in
      let trainer = try trainer(convolutional(likelihood), on: device.device)
      for _ in 1...3 { _ = try trainer.runEpoch() }
      return trainer.history.epochs.map(\.training.total)
    }
    for losses in trajectories {
      #expect(losses[2] < losses[0] - 1)
      for (a, b) in zip(losses, trajectories[0]) { #expect(abs(a - b) < 1e-3 * abs(b)) }
    }
  }

  @Test func aRunResumesToTheSameBytes() throws {
    let device = CPUDevice()
    let whole = try trainer(convolutional(), on: device)
    for _ in 1...3 { _ = try whole.runEpoch() }
    let folder = try TemporaryFolder()
    let run = Run(folder.path)
    let first = try trainer(convolutional(), on: device)
    _ = try first.train(in: run, shouldStop: { first.steps == 13 })
    let second = try trainer(try run.configuration(), on: device)
    try second.resume(run)
    #expect(second.steps == 13)
    _ = try second.train(in: run)
    #expect(try state(second) == state(whole))
    // The last step has hardly any rate left.
    #expect(whole.configuration.schedule(160)(29) < 1e-5)
    #expect(try run.autoencoder(on: device).shape == convolutional().shape)
  }

  @Test func olderConfigurationsReadTheSame() throws {
    let text = try configuration().json()
    for name in ["likelihood", "divergenceWeight", "freeBits", "augmentation", "annealed", "conv"] {
      #expect(!text.contains(name))
    }
    let folder = try TemporaryFolder()
    for (old, new, problem) in [
      ("\"width\" : 8", "\"width\" : 12", "shape.convolutions.width"),
      ("\"rows\" : 12", "\"rows\" : 13", "convolutions of 13 × 12"),
      ("\"freeBits\" : 0.2", "\"freeBits\" : -1", "freeBits"),
      ("\"divergenceWeight\" : 0.1", "\"divergenceWeight\" : -1", "divergenceWeight"),
      ("\"shift\" : 1", "\"shift\" : -1", "augmentation.shift"),
      ("\"annealedEpochs\" : 3", "\"annealedEpochs\" : 0", "annealedEpochs"),
    ] {
      let text = try convolutional().json()
      let changed = text.replacingOccurrences(of: old, with: new)
      #expect(changed != text, "\(old) is not in \(text)")
      try changed.write(toFile: folder["config.json"], atomically: true, encoding: .utf8)
      let error = #expect(throws: (any Error).self) {
        try RunConfiguration.load(from: folder["config.json"])
      }
      #expect("\(error as Any)".contains(problem), "\(error as Any)")
    }
  }

  @Test(arguments: TestDevice.all) func likelihoodsAreTheFormulas(_ device: TestDevice) throws {
    let shape = Rows(5, 6)
    let logits = try Tensor.normal(shape, RandomStream(seed: 3), on: device.device)
    let images = try Tensor.normal(shape, RandomStream(seed: 4), on: device.device).map(.sigmoid)
    let pairs = zip(try logits.values(), try images.values()).map {
      (1 / (1 + exp(-Double($0))), Double($1))
    }
    let squares = pairs.reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
    let deviation = Double(Likelihood.deviation)
    let variance = squares / 30 + 1 / Double(12 * 255 * 255)
    for (likelihood, expected) in [
      (
        Likelihood.bernoulli,
        pairs.reduce(0) { $0 - $1.1 * log($1.0) - (1 - $1.1) * log(1 - $1.0) }
      ),
      (
        .gaussian,
        squares / (2 * deviation * deviation) + 30 * log(deviation * (2 * Double.pi).squareRoot())
      ),
      (.sigma, 15 * (log(2 * Double.pi * variance) + 1)),
    ] {
      let sum = try likelihood.loss(logits, of: images).values().reduce(0) { $0 + Double($1) }
      #expect(abs(sum - expected) < 1e-4 * abs(expected), "\(likelihood)")
    }
  }

  @Test func freeBitsAreNotPunished() throws {
    let device = CPUDevice()
    let model = try VariationalAutoencoder(configuration().shape, seed: 4, on: device)
    let images = try Tensor(
      training.images.prefix(144 * 7).map { Float($0) / 255 }, Rows(7, 144), on: device)
    let encoded = try model.encode(images).values()
    var each = [0.0, 0, 0]
    for row in 0..<7 {
      for d in 0..<3 {
        let (mean, logVariance) = (Double(encoded[row * 6 + d]), Double(encoded[row * 6 + 3 + d]))
        each[d] += 0.5 * (mean * mean + exp(logVariance) - logVariance - 1) / 7
      }
    }
    let middle = each.sorted()[1] + 1e-6
    let loss = try model.loss(
      .evidenceLowerBound(divergenceWeight: 1, freeBits: Float(middle)), of: images,
      noise: RandomStream(seed: 1), prior: RandomStream(seed: 2))
    let sum = try loss.regularizer.tensor.values().reduce(0) { $0 + Double($1) }
    let expected = each.reduce(0) { $0 + max($1, middle) }
    #expect(abs(sum * Double(loss.regularizer.weight) - expected) < 1e-5)
    #expect(expected > each.reduce(0, +) + 1e-3)
  }

  @Test func imagesAreMovedAndMirrored() throws {
    let device = CPUDevice()
    let shape = ImageShape(rows: 5, columns: 4, channels: 2)
    var one = [Float](repeating: 0, count: 40)
    one[(2 * 4 + 1) * 2 + 1] = 1
    let images = try Tensor(one + one, Rows(2, 40), on: device)
    var places: Set<[Int]> = []
    for step in 0..<400 {
      let changed = try Augmentation(shift: 1, flips: true)(
        images, shape, RandomStream(seed: 1).step(step)
      ).values()
      let found = changed.indices.filter { changed[$0] == 1 }
      #expect(found.count == 2 && found[1] == found[0] + 40 && found[0] % 2 == 1)
      places.insert([found[0] / 8, found[0] % 8 / 2])
    }
    // Rows 1 to 3; columns 0 to 2, and mirrored 3 to 1.
    #expect(places.count == 12)
    let same = try Augmentation()(images, shape, RandomStream(seed: 1))
    #expect(same === images)
  }
}
