import Compute
import Datasets
import ComputeCPU
import Files
import Models
import TestSupport
import Testing

@testable import Generation

@Suite struct PackagedModelTests {
  private static let configuration = RunConfiguration(
    shape: AutoencoderShape(pixels: 64, hidden: 9, latentDimension: 2), imageRows: 8,
    imageColumns: 8, objective: .mmd)
  private static let statistics = LatentStatistics(
    classes: (0..<10).map {
      .init(mean: [Float($0), -1], varianceOfMeans: [0.5, 2], meanOfVariances: [0.5, 0.1])
    })

  @Test func roundTripKeepsImagesToHalfPrecision() throws {
    let device = CPUDevice()
    let folder = try TemporaryFolder()
    let model = try VariationalAutoencoder(Self.configuration.shape, seed: 4, on: device)
    var theta = [[Float]](repeating: [0.5, 0.1], count: 10)
    theta[3] = [0, 1]
    let generator = SpreadGenerator(Self.statistics, theta: theta, draws: 2)
    try PackagedModel.write(
      model, statistics: Self.statistics, generator, of: "a test",
      configuration: Self.configuration,
      classNames: Self.configuration.classes, to: folder["model"])
    let package = try PackagedModel(try readFile(folder["model"]), of: "model")
    #expect(package.image == ImageShape(rows: 8, columns: 8) && package.origin == "a test")
    let read = try #require(try package.generator(on: device) as? SpreadGenerator)
    #expect(read.theta == theta && read.draws == 2 && read.statistics == Self.statistics)

    let images = try model.images(generator, label: 3, count: 5, seed: 1).values()
    let packaged = try package.autoencoder(on: device)
      .images(read, label: 3, count: 5, seed: 1).values()
    let worst = zip(images, packaged).map { abs($0 - $1) }.max() ?? 1
    #expect(worst > 0 && worst < 2e-3)
  }

  /// A convolutional decoder with a diffusion draws the same from its file.
  @Test func aDiffusionIsPacked() throws {
    let (device, folder) = (CPUDevice(), try TemporaryFolder())
    let image = ImageShape(rows: 8, columns: 8)
    let shape = AutoencoderShape(convolving: image, width: 8, hidden: 9, latentDimension: 2)
    let configuration = RunConfiguration(
      shape: shape, imageRows: 8, imageColumns: 8, objective: .elbo)
    let model = try VariationalAutoencoder(shape, seed: 4, on: device)
    var learning = LatentDiffusionConfiguration()
    (learning.epochs, learning.width, learning.blocks) = (1, 8, 1)
    let images = Blobs.dataset(100, side: 8)
    let training = try LatentDiffusionTraining(learning, of: images, under: model, origin: "")
    _ = try training.runEpoch()
    let generator = training.generator(theta: 0.9, settings: .init())
    try PackagedModel.write(
      model, statistics: Self.statistics, generator, of: "a test", configuration: configuration,
      classNames: configuration.classes, to: folder["model"])
    let bytes = try readFile(folder["model"])
    let package = try PackagedModel(bytes, of: "model")
    let read = try package.generator(on: device)
    let drawn = try model.images(generator, label: 3, count: 5, seed: 1).values()
    let packaged = try package.autoencoder(on: device).images(read, label: 3, count: 5, seed: 1)
      .values()
    let worst = zip(drawn, packaged).map { abs($0 - $1) }.max() ?? 1
    #expect(worst > 0 && worst < 5e-3)
  }

  @Test func otherFilesAreErrors() throws {
    let folder = try TemporaryFolder()
    let model = try VariationalAutoencoder(Self.configuration.shape, seed: 4, on: CPUDevice())
    try model.parameters.save(to: folder["weights"])
    #expect(throws: FileError.self) {
      try PackagedModel(try readFile(folder["weights"]), of: "weights")
    }
    #expect(throws: FileError.self) { try PackagedModel([120], of: "one letter") }
  }

  /// The model of the package draws ten classes that differ.
  @Test func packageHoldsAModel() throws {
    let package = try PackagedModel.standard()
    #expect(package.image == ImageShape(rows: 28, columns: 28))
    let device = CPUDevice()
    let model = try package.autoencoder(on: device)
    let generator = try package.generator(on: device)
    let means = try (0..<10).map { label -> [Float] in
      let images = try model.images(generator, label: label, count: 20, seed: 1).values()
      var mean = [Float](repeating: 0, count: 784)
      for (i, value) in images.enumerated() { mean[i % 784] += value / 20 }
      return mean
    }
    for a in 0..<10 {
      #expect(means[a].reduce(0, +) > 20, "there is ink")
      for b in 0..<a {
        var distance: Float = 0
        for p in 0..<784 { distance += (means[a][p] - means[b][p]) * (means[a][p] - means[b][p]) }
        #expect(distance > 5, "\(a) and \(b) look alike")
      }
    }
  }
}
