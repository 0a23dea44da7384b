import Baselines
import Compute
import ComputeCPU
import Datasets
import Files
import Foundation
import Generation
import Models
import NeuralNetwork
import Training

/// What reads files that may come from anybody. Each must end in a value or in an error.
enum Reader: String, CaseIterable, Sendable {
  case idx, gzip, safetensors, configuration, checkpoint, result, history, tables, statistics,
    fitted, baseline, model, npy, npz, pixels, labels, cifar, mapping,
    png, jpeg, archive, csv

  /// Reads bytes as such a file.
  ///
  /// - Parameter folder: A folder for this call alone.
  /// - Returns: Whether they were taken for one.
  func read(_ bytes: [UInt8], in folder: String) throws -> Bool {
    let run = Run(folder)
    do {
      switch self {
      case .idx:
        try write(bytes, to: "\(folder)/images")
        for dimensions in [1, 3] {
          if let file = try? IDXFile(path: "\(folder)/images", dimensionCount: dimensions) {
            precondition(file.dimensions.reduce(1, *) == file.bytes.count)
            return true
          }
        }
        return false
      case .gzip:
        try write(bytes, to: "\(folder)/images.gz")
        _ = try IDXFile(path: "\(folder)/images.gz", dimensionCount: 3)
      case .safetensors:
        let arrays = try SafeTensors.read(bytes, of: "bytes").arrays
        precondition(arrays.values.reduce(0) { $0 + $1.values.count } * 2 <= bytes.count)
      case .configuration:
        try write(bytes, to: run.configurationPath)
        let configuration = try run.configuration()
        // Files that hold next to nothing.
        for path in [run.weightsPath, run.judgePath] { try write(Self.zeros, to: path) }
        refuses { try run.autoencoder(on: CPUDevice(threads: 1)) }
        refuses { try run.classifier(at: run.judgePath, on: CPUDevice(threads: 1)) }
        precondition(configuration.batchSize > 0)
      case .checkpoint:
        try write(bytes, to: run.checkpointPath)
        // The checkpoint of an older version has its history beside it.
        try write(Self.epochs, to: run.metricsPath)
        try write("step,reconstruction,regularizer,total\n", to: run.stepsPath)
        let trainer = try AutoencoderTraining(
          RunConfiguration(
            shape: AutoencoderShape(pixels: 4, hidden: 1, latentDimension: 1), imageRows: 2,
            imageColumns: 2, objective: .elbo, batchSize: 5),
          training: Self.images, test: Self.images, on: CPUDevice(threads: 1))
        try trainer.resume(run)
        precondition(trainer.epochsDone >= 0)
      case .result:
        try write(bytes, to: run.searchPath("medium1"))
        let result = try SearchResult.load(.medium1, of: run, classes: 10, latentDimension: 2)
        precondition(result.theta.allSatisfy { $0.count == 2 })
      case .history:
        try write(bytes, to: run.historyPath("medium1"))
        let settings = SearchSettings(generator: .medium1, samples: 40, seed: 1, models: "a")
        let history = try SearchHistory(at: run.historyPath("medium1"), of: settings)
        _ = history.evaluations.map(\.samples).reduce(0, +)
      case .tables:
        try write(bytes, to: run.metricsPath)
        try write(bytes, to: run.stepsPath)
        _ = try run.history(upToEpoch: 5, step: 50)
      case .statistics:
        try write(bytes, to: run.statisticsPath)
        let statistics = try LatentStatistics(
          from: run.statisticsPath, classes: 10, latentDimension: 2)
        precondition(statistics.classes.count == 10)
      case .fitted:
        try write(bytes, to: run.generatorPath("mixture"))
        let generator = try FittedGenerator.load(.mixture, of: run, classes: 10, latentDimension: 2)
        _ = try generator.latents(label: 9, count: 3, seed: 1, on: CPUDevice(threads: 1)).values()
      case .baseline:
        try write(bytes, to: run.configurationPath)
        let configuration = try run.baselineConfiguration()
        precondition(run.holdsBaseline && configuration.shape.pixels > 0)
        try write(Self.zeros, to: run.weightsPath)
        refuses { try run.baseline(on: CPUDevice(threads: 1)) }
      case .npy, .npz, .pixels, .labels, .cifar, .mapping: return try readArrays(bytes, in: folder)
      case .png, .jpeg, .archive, .csv: return try readImages(bytes, in: folder)
      case .model:
        let model = try PackagedModel(bytes, of: "bytes")
        let autoencoder = try model.autoencoder(on: CPUDevice(threads: 1))
        let generator = try model.generator(on: autoencoder.device)
        // Not each of 100,000 draws.
        if (generator as? SpreadGenerator)?.draws ?? 1 < 5 {
          let label = model.classNames.count - 1
          let images = try autoencoder.images(generator, label: label, count: 2, seed: 1).values()
          precondition(images.count == 2 * model.image.count)
        }
        _ = try model.classifier(on: CPUDevice(threads: 1))
      }
      return true
    } catch let error as FileError {
      precondition(!error.description.contains("\n"), "an error in several lines: \(error)")
      return false
    }
  }

  private static let zeros = [UInt8](repeating: 0, count: 1 << 16)
  private static let images = ImageDataset(
    name: "ten images", images: [UInt8](repeating: 9, count: 40), labels: Array(0..<10), rows: 2,
    columns: 2)

  /// The table of a run of five epochs.
  private static let epochs =
    "epoch,training reconstruction,training regularizer,training total,test reconstruction,"
    + "test regularizer,test total,seconds,images per second\n"
    + (1...5).map {
      "\($0),1.000000,1.00000000,2.000000,1.000000,1.00000000,2.000000,1.000,1\n"
    }.joined()

  /// Runs what must end in an error that names a file.
  private func refuses(_ body: () throws -> some Any) {
    do {
      _ = try body()
      preconditionFailure("zeros were taken for weights")
    } catch {
      precondition(error is FileError, "an error that names no file: \(error)")
    }
  }

  private func write(_ text: String, to path: String) throws {
    try write(Array(text.utf8), to: path)
  }

  /// A file that is the same for every input.
  func keep(_ bytes: @autoclosure () -> [UInt8], to path: String) throws {
    if access(path, F_OK) != 0 { try write(bytes(), to: path) }
  }

  /// Plain, for it comes millions of times.
  func write(_ bytes: [UInt8], to path: String) throws {
    let file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o644)
    precondition(file >= 0, "cannot write to \(path)")
    defer { close(file) }
    let written = bytes.withUnsafeBytes { Foundation.write(file, $0.baseAddress, $0.count) }
    precondition(written == bytes.count, "cannot write to \(path)")
  }
}
