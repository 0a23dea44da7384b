import ArgumentParser
import Compute
import Datasets
import Files
import Foundation
import Generation
import Models
import Reporting
import Training

struct TrainClassifier: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "classifier",
    abstract: "Train the classifier that scores the images of a run.",
    discussion: """
      On reconstructions, it is the paper's classifier; on real images, an independent judge \
      that never saw a decoder's output.
      """)

  enum Images: String, ExpressibleByArgument, CaseIterable {
    case reconstructions
    case real
  }

  @Option(name: .customLong("run"), parsing: .unconditional, help: "The folder of the run.")
  var runFolder: String

  @Option(parsing: .unconditional, help: "What to train on: reconstructions or real.")
  var on = Images.reconstructions

  @Option(parsing: .unconditional, help: "The maximum number of epochs.")
  var epochs = 30

  @Option(
    parsing: .unconditional,
    help:
      "The accuracy at which training ends; 0.97 on training reconstructions, 0.99 on the real test images."
  )
  var target: Double?

  @Option(parsing: .unconditional, help: "The batch size.")
  var batch = 128

  @Option(parsing: .unconditional, help: "The seed of all random numbers.")
  var seed: UInt64 = 1

  @Option(
    parsing: .unconditional,
    help: "The minutes between checkpoints within an epoch; there is one after each epoch anyway.")
  var checkpointMinutes = 5.0

  @Flag(help: "Continue stopped training with these settings.")
  var resume = false

  @OptionGroup var deviceOptions: DeviceOptions

  func run() throws {
    let target = target ?? (on == .real ? Classifier.judgeMark : Classifier.trainingMark)
    try OptionError.require("--epochs", epochs, in: 1...10_000)
    try OptionError.require("--target", target, in: 0...1)
    try OptionError.require("--batch", batch, in: 1...60_000)
    try OptionError.require("--checkpoint-minutes", checkpointMinutes, in: 0...100_000)
    let run = Run(runFolder)
    let data = try run.images()
    let training =
      on == .real
      ? try run.judgedImages(of: data.training) : try run.labelledImages(of: data.training)
    let hasOwnLabels = try run.labels() != nil
    if hasOwnLabels, on == .reconstructions, data.test.labelled.count > 0 {
      print(
        "note: it learns from the run's own labels; the test images' labels are shown, not used")
    }
    let failover = try deviceOptions.openWithStandby()
    let lock = try FolderLock(runFolder)
    defer { withExtendedLifetime(lock) {} }
    let checkpoint = on == .real ? run.judgeCheckpointPath : run.classifierCheckpointPath
    try run.claim([checkpoint, on == .real ? run.judgePath : run.classifierPath])
    let origin = on == .real ? try run.judgeOrigin() ?? training.checksum : try run.origin()
    if resume && !FileManager.default.fileExists(atPath: checkpoint) {
      throw FileError(checkpoint, "no such checkpoint", remedy: "leave out --resume")
    }
    let accuracy = try failover.train(
      resuming: resume,
      make: { device in
        let autoencoder = on == .real ? nil : try run.autoencoder(on: device)
        let learned =
          try hasOwnLabels
          ? autoencoder.map { try run.classifierImages(training, of: $0, seed: seed) } : nil
        return try ClassifierTraining(
          reconstructing: hasOwnLabels ? nil : autoencoder, training: learned ?? training,
          test: data.test, epochs: epochs, batchSize: batch, seed: seed, origin: origin, on: device)
      }, resume: { try $0.resume(checkpoint) },
      body: { try train($0, target, run, checkpoint) })
    if accuracy < target {
      print(
        String(format: "note: the accuracy stayed at %.4f, ", accuracy)
          + "below its mark of \(target)")
    }
  }

  /// Trains, saves, and returns the accuracy that counts.
  private func train(
    _ trainer: ClassifierTraining, _ target: Double, _ run: Run, _ checkpoint: String
  ) throws -> Double {
    Interrupt.watch()
    var line = ProgressLine()
    let path = on == .real ? run.judgePath : run.classifierPath
    let reached = try trainer.train(
      until: target, of: on == .real ? .test : .train, checkpoint: checkpoint,
      checkpointEvery: 60 * checkpointMinutes,
      progress: {
        line.update(
          "epoch \($0.epoch) \(100 * $0.images / $0.imagesPerEpoch)%  "
            + String(format: "%.0f images/s", $0.imagesPerSecond))
      },
      result: { line.print(line: $0.classifierText) }, shouldStop: { Interrupt.isRequested })
    guard let reached else {
      line.print(line: "stopped; the same command with --resume continues")
      throw ExitCode(130)
    }
    try trainer.classifier.save(reached, origin: trainer.settings.origin, to: path)
    unlink(checkpoint)
    print("saved in \(path)")
    return reached.accuracy(on == .real ? .test : .train)
  }
}

extension EpochResult {
  var classifierText: String {
    String(
      format: "epoch %d  loss %.4f  accuracy %.4f on training", epoch, crossEntropy,
      trainingAccuracy)
      + (testAccuracy.map { String(format: ", %.4f on test samples", $0) } ?? "")
      + String(format: "  %.0f images/s", imagesPerSecond)
  }
}
