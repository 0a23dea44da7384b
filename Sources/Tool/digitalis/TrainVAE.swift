import ArgumentParser
import Compute
import Datasets
import Files
import Foundation
import Generation
import Models
import NeuralNetwork
import Reporting
import Training

struct TrainVAE: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "vae", abstract: "Train a variational autoencoder on unlabelled images.")

  @OptionGroup var autoencoderOptions: AutoencoderOptions

  @Option(
    parsing: .unconditional, help: "The number of epochs; 20 unless given."
  )
  var epochs: Int?

  @Option(parsing: .unconditional, help: "The batch size.")
  var batch = 128

  @Option(parsing: .unconditional, help: "Adam's learning rate.")
  var learningRate: Float = 0.001

  @Flag(help: "Let the learning rate fall to zero over the epochs, by half a cosine.")
  var anneal = false

  @Option(parsing: .unconditional, help: "The seed of all random numbers.")
  var seed: UInt64 = 1

  @OptionGroup var datasetOptions: DatasetOptions

  @Option(parsing: .unconditional, help: "The folder of the run.")
  var out: String

  @Option(parsing: .unconditional, help: "The number of steps between two readings of the loss.")
  var logEvery = 25

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

  func run() throws {
    try check()
    let run = Run(out)
    let stopped = resume ? try stoppedConfiguration(run) : nil
    if !resume { try run.checkFree(overwrite: overwrite) }
    let preparation = try datasetOptions.preparation.value()
    let data = try stopped?.images() ?? datasetOptions.load()
    let (training, test) = (data.training, data.test)
    if stopped == nil { try autoencoderOptions.check(training.shape) }
    try checkClasses(training, of: run)
    let failover = try deviceOptions.openWithStandby()
    try makeFolder(out)
    let lock = try FolderLock(out)
    defer { withExtendedLifetime(lock) {} }
    try run.claim()
    try failover.train(
      resuming: resume,
      make: { device in
        try AutoencoderTraining(
          stopped ?? configuration(data, preparation, device), training: training, test: test,
          on: device, reportInterval: logEvery)
      }, resume: { try continueRun($0, run) },
      body: { trainer in
        let configuration = trainer.configuration
        print(
          "\(configuration.objective.rawValue.uppercased())-"
            + "\(configuration.shape.latentDimension): \(training.count) training and "
            + "\(test.count) test images of \(training.name), \(configuration.epochs) epochs, "
            + "batch \(configuration.batchSize), seed \(configuration.seed)")
        try train(trainer, run)
        try finish(trainer, run, training)
      })
  }

  private func check() throws {
    try autoencoderOptions.check()
    if let epochs { try OptionError.require("--epochs", epochs, in: 1...100_000) }
    try OptionError.require("--batch", batch, in: 1...60_000)
    try OptionError.require("--log-every", logEvery, in: 1...1_000_000)
    try OptionError.require("--checkpoint-minutes", checkpointMinutes, in: 0...100_000)
    try OptionError.require("--learning-rate", learningRate, in: 1e-9...10)
    if resume && overwrite { throw OptionError("--resume", "--overwrite", "give one of them") }
  }

  /// Checks before training what the statistics need after it: a training image of each class.
  private func checkClasses(_ training: ImageDataset, of run: Run) throws {
    let counts = training.indicesByLabel().map(\.count)
    let hasOwnLabels = try resume && run.labels() != nil
    guard !hasOwnLabels, counts.contains(where: { $0 > 0 }),
      let label = counts.firstIndex(of: 0)
    else { return }
    throw FileError(
      training.name,
      "has no labelled image of class \(training.classNames[label]) to learn from",
      remedy: "add some to the training images, or take the class out of the test images")
  }

  /// The configuration of a run to continue.
  private func stoppedConfiguration(_ run: Run) throws -> RunConfiguration {
    guard try run.exists() else {
      throw FileError(out, "holds no run to resume", remedy: "start one without --resume")
    }
    if !FileManager.default.fileExists(atPath: run.configurationPath) {
      let lock = try FolderLock(out)
      defer { withExtendedLifetime(lock) {} }
      if try run.restoreConfiguration() {
        print("restored \(run.configurationPath) from the checkpoint")
      }
    }
    var configuration = try run.configuration()
    try Parameters.check(run.checkpointPath, holds: try configuration.shape.parameters)
    // Without --epochs the run goes on to where it was meant to end.
    configuration.epochs = epochs ?? configuration.epochs
    return configuration
  }

  /// Takes up a run where its checkpoint is.
  private func continueRun(_ trainer: AutoencoderTraining, _ run: Run) throws {
    for path in try trainer.resume(run) { print("restored \(path) from the checkpoint") }
    // A checkpoint would write it, but there will be none.
    if trainer.epochsDone == trainer.configuration.epochs {
      try writeAtomically(try trainer.configuration.json(), to: run.configurationPath)
    }
  }

  /// How a new run is set up.
  private func configuration(
    _ data: Dataset, _ preparation: Preparation, _ device: any Device
  ) -> RunConfiguration {
    let (image, options) = (data.training.shape, autoencoderOptions)
    return RunConfiguration(
      shape: options.shape(of: image), imageRows: image.rows, imageColumns: image.columns,
      imageChannels: image.channels, objective: options.objective,
      kernelWidth: options.kernelWidth,
      // The reconstruction loss, too, is a sum over the values of an image.
      discrepancyWeight: options.discrepancyWeight ?? 500 * Float(image.count) / 784,
      likelihood: options.likelihood, divergenceWeight: options.klWeight ?? 1,
      freeBits: options.freeBits ?? 0, augmentation: options.augment ?? Augmentation(),
      annealedEpochs: anneal ? epochs ?? 20 : nil,
      dataset: datasetOptions.dataset, preparation: preparation,
      classNames: data.training.classNames, epochs: epochs ?? 20, batchSize: batch,
      learningRate: learningRate, seed: seed,
      device: "\(device.description.platform), \(device.description.name)",
      checksums: RunConfiguration.checksums(of: data))
  }

  private func train(_ trainer: AutoencoderTraining, _ run: Run) throws {
    Interrupt.watch()
    var line = ProgressLine()
    let regularizer = trainer.configuration.resolvedObjective.regularizerName
    let isDone = try trainer.train(
      in: run, checkpointEvery: 60 * checkpointMinutes,
      progress: { line.update($0.text(regularizer)) },
      result: { line.print(line: $0.text(regularizer, of: trainer.configuration.epochs)) },
      shouldStop: { Interrupt.isRequested })
    if !isDone { line.print(line: "stopped") }
  }

  /// Whether the run has statistics that fit.
  private func hasStatistics(_ run: Run, of trainer: AutoencoderTraining) -> Bool {
    FileManager.default.fileExists(atPath: run.statisticsPath)
      && (try? run.statistics(of: trainer.model)) != nil
  }

  /// Adds what is computed once, and says where everything is.
  private func finish(_ trainer: AutoencoderTraining, _ run: Run, _ training: ImageDataset) throws {
    guard trainer.checkpoint != nil else {
      print("no step was finished, so nothing is saved in \(out)")
      throw ExitCode(130)
    }
    let isLabelled =
      try run.labels() != nil || training.labels.contains { $0 != ImageDataset.unlabelled }
    if isLabelled && trainer.epochsDone > 0 && !hasStatistics(run, of: trainer) {
      let model = try run.autoencoder(on: trainer.model.device)
      try LatentStatistics(
        of: try run.labelledImages(of: training), among: training, under: model
      ).save(
        to: run.statisticsPath, origin: try run.origin())
    }
    if let last = trainer.history.epochs.last {
      let regularizer = trainer.configuration.resolvedObjective.regularizerName
      print("test loss: \(last.test.text(regularizer)) after \(last.epoch) epochs")
    }
    print("saved in \(out)")
    if !isLabelled {
      print("no image has a label; to draw classes, label some: digitalis label --run \(out)")
    }
    if trainer.epochsDone < trainer.configuration.epochs {
      print("continue with: digitalis train vae --resume --out \(out)")
      throw ExitCode(130)
    }
  }
}

extension LossParts {
  fileprivate func text(_ regularizer: String) -> String {
    let digits = regularizer == "KL" ? "%.2f" : "%.5f"
    return String(
      format: "reconstruction %.2f, \(regularizer) \(digits), total %.2f nats per image",
      reconstruction, self.regularizer, total)
  }
}

extension TrainingProgress {
  fileprivate func text(_ regularizer: String) -> String {
    let percent = 100 * images / imagesPerEpoch
    return "epoch \(epoch)/\(epochs) \(percent)%  \(loss.text(regularizer))  "
      + String(format: "%.0f images/s  ", imagesPerSecond)
      + "\(readable(seconds: secondsLeft)) left"
  }
}

extension EpochResult {
  fileprivate func text(_ regularizer: String, of epochs: Int) -> String {
    "epoch \(epoch)/\(epochs)  \(training.text(regularizer))"
      + String(
        format: "  (test %.2f)  %.0f images/s  ", test.total, imagesPerSecond)
      + readable(seconds: seconds)
  }
}
