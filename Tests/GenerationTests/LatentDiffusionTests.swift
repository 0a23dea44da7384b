import Autograd
import Compute
import ComputeCPU
import Datasets
import Files
import Foundation
import Models
import TestSupport
import Testing
import Training

@testable import Generation

/// A diffusion learns the classes of a latent space, from many labels or a few.
@Suite struct LatentDiffusionTests {
  private static let device = CPUDevice()
  /// Images whose class even a random encoder tells apart: its own pixels are bright, the others are noise.
  private static let images = ImageDataset(
    name: "stripes",
    images: (0..<500 * 36).map { index in
      let (image, pixel) = (index / 36, index % 36)
      let noise =
        threefry(key: [UInt32(image), UInt32(pixel), 0, 0], counter: [0, 0, 0, 0]).x >> 25
      return UInt8(noise) + (pixel % 10 == image % 10 ? 120 : 0)
    }, labels: (0..<500).map { UInt8($0 % 10) }, rows: 6, columns: 6)

  /// An autoencoder that has learned what tells the images apart.
  private static func model() throws -> VariationalAutoencoder {
    let training = try AutoencoderTraining(
      RunConfiguration(
        shape: AutoencoderShape(pixels: 36, hidden: 17, latentDimension: 3), imageRows: 6,
        imageColumns: 6, objective: .elbo, divergenceWeight: 0.01, epochs: 20, batchSize: 50,
        learningRate: 0.01), training: images, test: images, on: device)
    for _ in 1...20 { _ = try training.runEpoch() }
    return training.model
  }

  private static func configuration(epochs: Int = 40) -> LatentDiffusionConfiguration {
    var result = LatentDiffusionConfiguration()
    (result.epochs, result.batchSize, result.width, result.blocks) = (epochs, 50, 48, 2)
    result.learningRate = 0.005
    return result
  }

  private static func training(
    _ images: ImageDataset = images, _ configuration: LatentDiffusionConfiguration = configuration()
  ) throws -> LatentDiffusionTraining {
    try LatentDiffusionTraining(configuration, of: images, under: try model(), origin: "here")
  }

  private static func trained(_ images: ImageDataset = images) throws -> LatentDiffusion {
    let training = try training(images)
    while training.epochsDone < training.settings.epochs { _ = try training.runEpoch() }
    var settings = LatentDiffusion.Settings()
    settings.guidance = 1
    return training.generator(theta: 1, settings: settings)
  }

  private static let whole = Result { UncheckedDiffusion(generator: try trained()) }

  private struct UncheckedDiffusion: @unchecked Sendable {
    let generator: LatentDiffusion
  }

  /// The distance of the draws' mean from that of the class, and their spread, in the deviations of the class.
  private func fit(_ generator: LatentDiffusion, label: Int) throws -> (
    distance: Double, spread: Double
  ) {
    let own = try LatentStatistics(of: Self.images, under: try Self.model()).classes[label]
    let draws = try generator.latents(label: label, count: 2000, seed: 1, on: Self.device).values()
    var (distance, spread) = (0.0, 0.0)
    for (d, deviation) in own.spread().enumerated() {
      let values = stride(from: d, to: draws.count, by: 3).map { Double(draws[$0]) }
      let mean = values.reduce(0, +) / 2000
      let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 2000
      distance = max(distance, abs(mean - Double(own.mean[d])) / Double(deviation))
      spread += variance.squareRoot() / Double(deviation) / 3
    }
    return (distance, spread)
  }

  @Test func drawsTheClasses() throws {
    let generator = try Self.whole.get().generator
    for label in 0..<10 {
      let (distance, spread) = try fit(generator, label: label)
      #expect(distance < 0.4, "class \(label)")
      #expect((0.7...1.3).contains(spread), "class \(label): \(spread)")
    }
    // The two classes that are farthest apart along a dimension are as far apart in the draws.
    let classes = try LatentStatistics(of: Self.images, under: try Self.model()).classes
    var most = (distance: Float(0), a: 0, b: 0, d: 0)
    for a in 0..<10 {
      for b in 0..<10 {
        for d in 0..<3 {
          let distance = (classes[a].mean[d] - classes[b].mean[d]) / classes[a].spread()[d]
          if distance > most.distance { most = (distance, a, b, d) }
        }
      }
    }
    func mean(_ label: Int) throws -> Float {
      let draws = try generator.latents(label: label, count: 4000, seed: 1, on: Self.device)
        .values()
      return stride(from: most.d, to: draws.count, by: 3).reduce(0) { $0 + draws[$1] } / 4000
    }
    let apart = try (mean(most.a) - mean(most.b)) / classes[most.a].spread()[most.d]
    #expect(most.distance > 2 && abs(apart - most.distance) < 0.3 * most.distance, "\(apart)")
  }

  @Test func temperatureAndGuidanceNarrow() throws {
    let generator = try Self.whole.get().generator
    let (_, spread) = try fit(generator, label: 2)
    #expect(try fit(generator.at(theta: 0.5), label: 2).spread < 0.85 * spread)
    var guided = generator
    guided.settings.guidance = 3
    #expect(try fit(guided, label: 2).spread < 0.95 * spread)
  }

  @Test func fewerDrawsAreAPrefix() throws {
    let generator = try Self.whole.get().generator
    let many = try generator.latents(label: 1, count: 30, seed: 4, on: Self.device).values()
    let few = try generator.latents(label: 1, count: 7, seed: 4, on: Self.device).values()
    for (a, b) in zip(few, many) { #expect(abs(a - b) < 1e-4) }
  }

  @Test func imagesWithoutALabelHelp() throws {
    // One label for each class: what is left has none.
    var seen: Set<UInt8> = []
    let labels = Self.images.labels.map { label in
      seen.insert(label).inserted ? label : ImageDataset.unlabelled
    }
    #expect(seen.count == 10)
    let images = Self.images.relabelled(labels, classNames: Self.images.classNames)
    let draws = try Self.trained(images).latents(label: 3, count: 50, seed: 1, on: Self.device)
      .values()
    #expect(draws.allSatisfy { $0.isFinite })
  }

  @Test func stoppedTrainingEndsTheSame() throws {
    let folder = try TemporaryFolder()
    let whole = try Self.training(Self.images, Self.configuration(epochs: 2))
    for _ in 1...2 { _ = try whole.runEpoch() }
    let path = folder["checkpoint"]
    let first = try Self.training(Self.images, Self.configuration(epochs: 2))
    let isDone = try first.train(checkpoint: path, shouldStop: { first.steps == 7 })
    #expect(!isDone)
    let second = try Self.training(Self.images, Self.configuration(epochs: 2))
    try second.train(checkpoint: path)
    #expect(try second.task.parameters.values() == whole.task.parameters.values())
    // Another length would have had another learning rate.
    let other = try Self.training(Self.images, Self.configuration(epochs: 3))
    #expect(throws: FileError.self) { try other.train(checkpoint: path) }
  }

  @Test func comesBackFromAFile() throws {
    let folder = try TemporaryFolder()
    let (run, model) = (Run(folder.path), try Self.model())
    var generator = try Self.whole.get().generator
    generator.theta[4] = 0.5
    generator.settings.steps = 3
    let path = run.generatorPath("diffusion")
    try generator.save(to: path)
    let statistics = try LatentStatistics(of: Self.images, under: model)
    let read = try run.generator(named: "diffusion", of: model, statistics: statistics)
    for label in [0, 4] {
      #expect(
        try read.latents(label: label, count: 9, seed: 1, on: Self.device).values()
          == generator.latents(label: label, count: 9, seed: 1, on: Self.device).values())
    }
    func refuse(_ text: String, classes: Int = 10) {
      let error = #expect(throws: FileError.self) {
        try LatentDiffusion.load(of: run, classes: classes, for: model)
      }
      #expect(error?.path == path && "\(error as Any)".contains(text), "\(error as Any)")
      #expect("\(error as Any)".contains("digitalis fit diffusion --run"))
    }
    refuse("10 classes", classes: 4)
    let bytes = try readFile(path)
    let text = String(decoding: bytes, as: UTF8.self)
    for (old, new, problem) in [
      ("velocity.output.bias", "velocity.output.bios", "velocity.output.bias"),
      ("\\\"width\\\":48", "\\\"width\\\":-1", "out of range"),
      ("diffusion", "diffusiom", "is not"),
    ] {
      #expect(text.contains(old), "\(old)")
      try replace(old, new, in: bytes, at: path)
      refuse(problem)
    }
    unlink(path)
    refuse("no diffusion generator yet")
  }

  /// Writes a file with one text replaced by another of the same length.
  private func replace(_ old: String, _ new: String, in bytes: [UInt8], at path: String) throws {
    let (old, new) = (Array(old.utf8), Array(new.utf8))
    #expect(old.count == new.count)
    var bytes = bytes
    var place = 0
    while place + old.count <= bytes.count {
      if bytes[place..<place + old.count].elementsEqual(old) {
        bytes.replaceSubrange(place..<place + old.count, with: new)
      }
      place += 1
    }
    try writeAtomically(bytes, to: path)
  }

  @Test func divergenceKeepsTheLastGoodState() throws {
    let folder = try TemporaryFolder()
    var configuration = Self.configuration(epochs: 3)
    configuration.learningRate = 0.005
    let training = try Self.training(Self.images, configuration)
    let path = folder["checkpoint"]
    _ = try training.train(checkpoint: path, shouldStop: { training.steps == 12 })
    let before = try readFile(path)
    try training.task.parameters.setValues(
      training.task.parameters.values().map { $0.map { _ in Float.nan } })
    let error = #expect(throws: DivergenceError.self) {
      try training.train(save: { _ in try training.saveCheckpoint(to: path) })
    }
    #expect("\(error as Any)".contains("--learning-rate"))
    #expect(try readFile(path) == before)
  }
}
