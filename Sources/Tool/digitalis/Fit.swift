import ArgumentParser
import Datasets
import Files
import Foundation
import Generation
import Models
import NeuralNetwork
import Reporting
import Training

extension FittedKind: ExpressibleByArgument {}

struct Fit: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Fit a generator to the encoded images of each class.",
    discussion: """
      gaussian has the full covariance of a class, bayes-net a tree over its dimensions, mixture a few \
      Gaussians, and kernel noise of the class's shape around encoded images. diffusion trains a network \
      that turns noise into latent vectors, for all classes together, in some minutes; training that is \
      stopped continues when it is started again, and one that is trained takes another --guidance, --steps \
      or --theta at once. The generator is saved with the run, where sample \
      --generator finds it.
      """)

  @Argument(help: "gaussian, bayes-net, mixture, kernel or diffusion.")
  var generator: FittedKind

  @Option(name: .customLong("run"), parsing: .unconditional, help: "The folder of the run.")
  var runFolder: String

  @Option(
    parsing: .unconditional,
    help: "θ: the distance from the class mean, relative to the fit; a search finds others.")
  var theta: Float = 1

  @Option(parsing: .unconditional, help: "The seed of the encoded samples.")
  var seed: UInt64 = 1

  @OptionGroup(title: "Diffusion") var diffusion: DiffusionOptions

  @OptionGroup var deviceOptions: DeviceOptions

  func run() throws {
    try OptionError.require("--theta", theta, in: 0...100)
    try diffusion.check(generator)
    let run = Run(runFolder)
    let training = try run.images().training
    let images = try run.labelledImages(of: training)
    let failover = try deviceOptions.openWithStandby()
    let lock = try FolderLock(runFolder)
    defer { withExtendedLifetime(lock) {} }
    let path = run.generatorPath(generator.rawValue)
    guard generator != .diffusion else {
      try run.claim([path, run.generatorCheckpointPath(generator.rawValue)])
      return try diffusion.train(
        run, try run.labelling(training), theta: theta, seed: seed, on: failover)
    }
    try run.claim([path])
    let fitted = try failover.run { device in
      let model = try run.autoencoder(on: device)
      return try FittedGenerator(
        generator, to: images, under: model, statistics: try run.statistics(of: model), seed: seed,
        theta: theta)
    }
    try fitted.save(to: path, metadata: ["origin": try run.origin()])
    for (label, own) in fitted.classes.enumerated() {
      print("class \(images.classNames[label]): \(own.note)")
    }
    print("saved in \(path)")
  }
}

/// How a latent diffusion is trained, and draws.
struct DiffusionOptions: ParsableArguments {
  @Option(
    parsing: .unconditional, help: "The passes over the encoded images; 40 unless given.")
  var epochs: Int?

  @Option(parsing: .unconditional, help: "The batch size; 256 unless given.")
  var batch: Int?

  @Option(parsing: .unconditional, help: "Adam's learning rate; 0.001 unless given.")
  var learningRate: Float?

  @Option(parsing: .unconditional, help: "The width of the network's layers; 512 unless given.")
  var width: Int?

  @Option(parsing: .unconditional, help: "The blocks of two layers; 3 unless given.")
  var blocks: Int?

  @Option(
    parsing: .unconditional,
    help: """
      How strongly draws are driven towards their class: 1 draws as was learned, more is surer and less \
      varied; \(LatentDiffusion.Settings().guidance) unless given.
      """)
  var guidance: Float?

  @Option(
    parsing: .unconditional,
    help: "The steps from noise to a draw; \(LatentDiffusion.Settings().steps) unless given.")
  var steps: Int?

  @Flag(help: "Train anew, even if there is a result, or training was stopped before its end.")
  var restart = false

  func check(_ generator: FittedKind) throws {
    let given: [(String, Double?, ClosedRange<Double>)] = [
      ("--epochs", epochs.map(Double.init), 1...100_000),
      ("--batch", batch.map(Double.init), 1...60_000),
      ("--learning-rate", learningRate.map(Double.init), 1e-9...10),
      ("--width", width.map(Double.init), range(LatentDiffusion.widthRange)),
      ("--blocks", blocks.map(Double.init), range(LatentDiffusion.blockRange)),
      (
        "--guidance", guidance.map(Double.init),
        0...Double(LatentDiffusion.guidanceRange.upperBound)
      ),
      ("--steps", steps.map(Double.init), range(LatentDiffusion.stepRange)),
    ]
    for case (let name, let value?, let range) in given {
      guard generator == .diffusion else { throw OptionError(name, value, "is for diffusion") }
      try OptionError.require(name, value, in: range)
    }
    if restart && generator != .diffusion {
      throw OptionError("--restart", "", "is for diffusion")
    }
  }

  private func range(_ range: ClosedRange<Int>) -> ClosedRange<Double> {
    Double(range.lowerBound)...Double(range.upperBound)
  }

  private func text(_ error: Double, _ rate: Double) -> String {
    String(format: "squared error %.4f  %.0f images/s  ", error, rate)
  }

  /// How the network is trained.
  private func configuration(seed: UInt64) -> LatentDiffusionConfiguration {
    var result = LatentDiffusionConfiguration()
    result.epochs = epochs ?? result.epochs
    result.batchSize = batch ?? result.batchSize
    result.learningRate = learningRate ?? result.learningRate
    result.width = width ?? result.width
    result.blocks = blocks ?? result.blocks
    result.seed = seed
    return result
  }

  /// Trains the diffusion of a run, from its checkpoint if there is one.
  ///
  /// - Parameter images: All training images of the run, with its labels.
  func train(
    _ run: Run, _ images: ImageDataset, theta: Float, seed: UInt64, on failover: Failover
  ) throws {
    let name = FittedKind.diffusion.rawValue
    let (path, checkpoint) = (run.generatorPath(name), run.generatorCheckpointPath(name))
    let configuration = configuration(seed: seed)
    if restart { unlink(checkpoint) }
    var settings = LatentDiffusion.Settings()
    settings.guidance = guidance ?? settings.guidance
    settings.steps = steps ?? settings.steps
    let origin = try run.origin()
    let learned = try configuration.identity(origin: origin)
    if !restart, FileManager.default.fileExists(atPath: path),
      try SafeTensors.metadata(of: path)["training"] == learned
    {
      var generator = try failover.run { device in
        try LatentDiffusion.load(
          of: run, classes: try run.classNames().count, for: try run.autoencoder(on: device))
      }
      (generator.theta, generator.settings) = (generator.at(theta: theta).theta, settings)
      try generator.save(to: path, metadata: ["origin": origin])
      return print("it is trained already; saved with these settings in \(path)")
    }
    Interrupt.watch()
    var line = ProgressLine()
    try failover.train(
      resuming: FileManager.default.fileExists(atPath: checkpoint),
      make: { device in
        try LatentDiffusionTraining(
          configuration, of: images, under: try run.autoencoder(on: device), origin: origin)
      },
      resume: {
        try $0.resume(
          from: checkpoint, remedy: "give the options of the stopped training, or add --restart")
        line.print(line: "continuing after \($0.steps) steps")
      },
      body: { training in
        let isDone = try training.train(
          save: { _ in try training.saveCheckpoint(to: checkpoint) },
          progress: {
            line.update(
              "epoch \($0.epoch)/\($0.epochs) \(100 * $0.images / $0.imagesPerEpoch)%  "
                + text($0.losses[0], $0.imagesPerSecond)
                + "\(readable(seconds: $0.secondsLeft)) left")
          },
          result: {
            line.print(
              line: "epoch \($0.epoch)/\(configuration.epochs)  "
                + text($0.losses[0], $0.imagesPerSecond) + readable(seconds: $0.seconds))
          }, shouldStop: { Interrupt.isRequested })
        guard isDone else {
          line.print(line: "stopped; the same command continues")
          throw ExitCode(130)
        }
        try training.generator(theta: theta, settings: settings)
          .save(to: path, metadata: ["origin": origin])
        unlink(checkpoint)
      })
    print("saved in \(path)")
  }
}
