import Compute
import Files
import Foundation
import Generation
import Models
import Training

extension Reproduction {
  /// Trains an autoencoder to the plan's last epoch, from where it is.
  func train(_ name: ModelName) throws {
    let run = run(of: name)
    try makeFolder(run.folder)
    let configuration = RunConfiguration(
      shape: AutoencoderShape(pixels: training.pixels, latentDimension: name.latent),
      imageRows: training.rows, imageColumns: training.columns,
      imageChannels: training.shape.channels, objective: name.objective, dataset: plan.dataset,
      classNames: training.classNames, epochs: plan.epochs, seed: plan.seed,
      device: results.device,
      checksums: RunConfiguration.checksums(of: data))
    let trainer = try AutoencoderTraining(configuration, training: training, test: test, on: device)
    if FileManager.default.fileExists(atPath: run.checkpointPath) { try trainer.resume(run) }
    if trainer.epochsDone >= plan.epochs
      && FileManager.default.fileExists(atPath: run.statisticsPath)
    {
      return
    }
    let isDone = try trainer.train(
      in: run,
      progress: { [show] in
        show(
          "\(name.title)  epoch \($0.epoch)/\($0.epochs)  "
            + String(format: "%.2f nats  %.0f images/s", $0.loss.total, $0.imagesPerSecond), false)
      },
      result: { [show, plan] result in
        guard result.epoch == plan.epochs else { return }
        show(
          "\(name.title)  "
            + String(format: "test loss %.2f nats per image", result.test.total), true)
      }, shouldStop: shouldStop)
    guard isDone else { throw ReproductionStopped() }
    _ = try run.statistics(of: trainer.model)
  }

  /// Trains the classifier on the reconstructions of an autoencoder.
  func trainClassifier(of name: ModelName) throws {
    let run = run(of: name)
    try run.claim([run.classifierPath, run.classifierCheckpointPath])
    try trainClassifier(
      name.title, at: run.classifierPath, run.classifierCheckpointPath,
      reconstructing: try run.autoencoder(on: device), origin: try run.origin(),
      epochs: plan.classifierEpochs, until: Classifier.trainingMark)
  }

  var judgePath: String { "\(folder)/judge.safetensors" }

  /// Trains the judge on the real images.
  func trainJudge() throws {
    try trainClassifier(
      "judge", at: judgePath, "\(folder)/judge-checkpoint.safetensors", reconstructing: nil,
      origin: training.checksum, epochs: plan.judgeEpochs, until: Classifier.judgeMark)
  }

  private func trainClassifier(
    _ name: String, at path: String, _ checkpoint: String,
    reconstructing autoencoder: VariationalAutoencoder?, origin: String, epochs: Int,
    until accuracy: Double
  ) throws {
    if FileManager.default.fileExists(atPath: path)
      && results.classifiers.contains(where: { $0.name == name })
    {
      return
    }
    let trainer = try ClassifierTraining(
      reconstructing: autoencoder, training: training, test: test, epochs: epochs, seed: plan.seed,
      origin: origin, on: device)
    if FileManager.default.fileExists(atPath: checkpoint) { try trainer.resume(checkpoint) }
    let result = try trainer.train(
      until: accuracy, of: autoencoder == nil ? .test : .train,
      checkpoint: checkpoint,
      progress: { [show] in
        show(
          "classifier of \(name)  epoch \($0.epoch)  \(100 * $0.images / $0.imagesPerEpoch)%  "
            + String(format: "%.0f images/s", $0.imagesPerSecond), false)
      }, shouldStop: shouldStop)
    guard let result else { throw ReproductionStopped() }
    try trainer.classifier.save(result, origin: origin, to: path)
    results.classifiers.removeAll { $0.name == name }
    results.classifiers.append(
      .init(
        name: name, epochs: result.epoch, trainingAccuracy: result.trainingAccuracy,
        testAccuracy: result.testAccuracy ?? .nan))
    try save()
    unlink(checkpoint)
    show(
      "\(name == "judge" ? "judge" : "classifier of \(name)")  "
        + String(
          format: "accuracy %.4f on training, %.4f on test samples", result.trainingAccuracy,
          result.testAccuracy ?? .nan), true)
  }

  /// Copies the trained networks of another reproduction, so that the searches and scores of two devices
  /// can be compared: networks trained on two devices differ, since rounding errors grow.
  func takeNetworks(from other: String) throws {
    let saved = "\(other)/results.json"
    guard let results = try Results.read(saved, of: plan) else {
      throw FileError(
        saved, "is no reproduction with these settings",
        remedy: "name a folder that the same command made, without --trained")
    }
    var paths = [(from: "\(other)/judge.safetensors", to: judgePath)]
    for name in Plan.models {
      let (from, to) = (Run("\(other)/\(name.folder)"), run(of: name))
      try makeFolder(to.folder)
      try to.claim()
      paths += Swift.zip(from.trainedPaths, to.trainedPaths).map { ($0, $1) }
      if plan.classified.contains(name) { paths.append((from.classifierPath, to.classifierPath)) }
    }
    for path in paths { try writeAtomically(try readFile(path.from), to: path.to) }
    self.results.classifiers = results.classifiers
    self.results.trainedOn = results.trainedOn ?? results.device
  }
}
