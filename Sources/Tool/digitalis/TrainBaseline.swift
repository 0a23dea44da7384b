import ArgumentParser
import Baselines
import Compute
import Datasets
import Files
import Models
import Reporting
import Training

struct TrainCVAE: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cvae",
    abstract: "Train a conditional variational autoencoder, to compare with.",
    discussion: "The paper's autoencoder, whose encoder and decoder see the label too.")

  @OptionGroup var options: BaselineOptions

  func run() throws { try options.train(.cvae, latent: 10) }
}

struct TrainGAN: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "gan",
    abstract: "Train a conditional generative adversarial network, to compare with.",
    discussion: "Two fully connected networks, with the layer sizes of the autoencoder's two.")

  @OptionGroup var options: BaselineOptions

  func run() throws { try options.train(.gan, latent: 64) }
}

struct BaselineOptions: ParsableArguments {
  @Option(
    parsing: .unconditional, help: "The dimension of z; 10 for cvae and 64 for gan unless given.")
  var latent: Int?

  @Option(
    parsing: .unconditional, help: "The number of epochs; 20 unless given."
  )
  var epochs: Int?

  @Option(parsing: .unconditional, help: "The batch size.")
  var batch = 128

  @Option(parsing: .unconditional, help: "Adam's learning rate.")
  var learningRate: Float = 0.001

  @Option(parsing: .unconditional, help: "The seed of all random numbers.")
  var seed: UInt64 = 1

  @OptionGroup var datasetOptions: DatasetOptions

  @Option(
    parsing: .unconditional,
    help: "Train on the labelled images of this run, however few, instead of a --dataset.")
  var labelsOf: String?

  @Option(parsing: .unconditional, help: "The folder of the run.")
  var out: String

  @Option(
    parsing: .unconditional,
    help: "The minutes between checkpoints within an epoch; there is one after each epoch anyway.")
  var checkpointMinutes = 5.0

  @Flag(
    help:
      "Continue the folder's run after its last checkpoint, with its settings; only --epochs counts."
  )
  var resume = false

  @Flag(help: "Replace the run in the folder.")
  var overwrite = false

  @OptionGroup var deviceOptions: DeviceOptions

  func train(_ kind: BaselineConfiguration.Kind, latent standard: Int) throws {
    try check(latent ?? standard)
    let run = Run(out)
    let stored = resume ? try stopped(run, kind) : nil
    if !resume {
      if try run.exists(), !run.holdsBaseline {
        throw FileError(
          out, "holds a run of an autoencoder, not of a baseline", remedy: "name another folder")
      }
      try run.checkFree(overwrite: overwrite)
    }
    var (dataset, preparation) = (
      datasetOptions.dataset, try datasetOptions.preparation.value()
    )
    let source = stored == nil ? labelsOf : stored?.labelsOf
    if let source {
      let configuration = try Run(source).configuration()
      (dataset, preparation) = (
        configuration.dataset, configuration.preparation ?? Preparation()
      )
    }
    let data =
      if let source {
        try Run(source).images()
      } else if let stored {
        try Dataset.load(
          showing: DatasetSource(stored.dataset), stored.preparation ?? Preparation())
      } else {
        try datasetOptions.load()
      }
    let images =
      try source.map { try Run($0).labelledImages(of: data.training) } ?? data.training.labelled
    guard images.count > 0 else {
      throw FileError(
        images.name, "has no labels", remedy: "a baseline learns with labels; train a vae instead")
    }
    let failover = try deviceOptions.openWithStandby()
    try makeFolder(out)
    let lock = try FolderLock(out)
    defer { withExtendedLifetime(lock) {} }
    try run.claim()
    var configuration =
      stored
      ?? BaselineConfiguration(
        kind, shape: AutoencoderShape(pixels: images.pixels, latentDimension: latent ?? standard),
        imageRows: images.rows, imageColumns: images.columns,
        imageChannels: images.shape.channels, dataset: dataset, preparation: preparation,
        labelsOf: labelsOf, classes: images.classNames,
        epochs: epochs ?? 20, batchSize: batch, learningRate: learningRate, seed: seed)
    try failover.train(
      resuming: resume,
      make: { device in
        if stored == nil {
          let own = device.description
          configuration.device = "\(own.platform), \(own.name)"
        }
        return try BaselineTraining(configuration, training: images, on: device)
      }, resume: { try $0.resume(run) },
      body: { trainer in
        print(
          "\(kind.title): \(images.count) images of \(images.name), "
            + "\(configuration.epochs) epochs, batch \(configuration.batchSize), "
            + "seed \(configuration.seed), \(trainer.parameterCount) parameters")
        try train(trainer, run)
      })
  }

  private func check(_ latent: Int) throws {
    try OptionError.require("--latent", latent, in: AutoencoderShape.latentRange)
    if let epochs { try OptionError.require("--epochs", epochs, in: 1...100_000) }
    try OptionError.require("--batch", batch, in: 1...60_000)
    try OptionError.require("--learning-rate", learningRate, in: 1e-9...10)
    try OptionError.require("--checkpoint-minutes", checkpointMinutes, in: 0...100_000)
    if resume && overwrite { throw OptionError("--resume", "--overwrite", "give one of them") }
  }

  /// How the training in the folder was set up.
  private func stopped(_ run: Run, _ kind: BaselineConfiguration.Kind) throws
    -> BaselineConfiguration
  {
    guard try run.exists() else {
      throw FileError(out, "holds no run to resume", remedy: "start one without --resume")
    }
    var configuration = try run.baselineConfiguration()
    guard configuration.baseline == kind else {
      let command = configuration.baseline.rawValue
      throw FileError(
        out, "holds a \(configuration.baseline.title)",
        remedy: "continue it with: digitalis train \(command) --resume --out \(out)")
    }
    try configuration.check(run.checkpointPath)
    // Without --epochs the run continues to its planned end.
    configuration.epochs = epochs ?? configuration.epochs
    return configuration
  }

  /// Trains to the last epoch.
  private func train(_ trainer: BaselineTraining, _ run: Run) throws {
    Interrupt.watch()
    var line = ProgressLine()
    let configuration = trainer.configuration
    let isDone = try trainer.train(
      in: run, checkpointEvery: 60 * checkpointMinutes,
      progress: {
        line.update(
          "epoch \($0.epoch)/\($0.epochs) \(100 * $0.images / $0.imagesPerEpoch)%  "
            + "\(Int($0.imagesPerSecond)) images/s")
      },
      result: { line.print(line: $0.text(trainer.task.lossNames, of: configuration.epochs)) },
      shouldStop: { Interrupt.isRequested })
    guard isDone else {
      line.print(line: "stopped after \(trainer.epochsDone) epochs")
      print(
        trainer.checkpoint == nil
          ? "no step was done, so nothing is saved in \(out)"
          : "continue with: digitalis train \(configuration.baseline.rawValue) --resume --out \(out)"
      )
      throw ExitCode(130)
    }
    print("saved in \(out)")
  }
}

extension EpochResult {
  /// The result of a baseline in one line.
  fileprivate func text(_ lossNames: [String], of epochs: Int) -> String {
    let parts = zip(lossNames, losses).map { $0 + String(format: " %.3f", $1) }
    return "epoch \(epoch)/\(epochs)  \(parts.joined(separator: ", ")) nats per image"
      + String(format: "  %.0f images/s  %.0f s", imagesPerSecond, seconds)
  }
}
