import Compute
import Datasets
import Files
import Foundation
import Generation
import Models
import NeuralNetwork

/// What reads files that may come from anybody. Each must end in a value or in an error.
enum Reader: String, CaseIterable, Sendable {
  case idx, gzip, safetensors, configuration, result, history, tables, statistics, model

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
        _ = try run.configuration()
      case .result:
        try write(bytes, to: run.searchPath("medium1"))
        let result = try SearchResult.load(.medium1, of: run, latentDimension: 2)
        precondition(result.theta.allSatisfy { $0.count == 2 })
      case .history:
        try write(bytes, to: run.historyPath("medium1"))
        let settings = SearchSettings(generator: .medium1, samples: 40, seed: 1, models: "a")
        let history = try SearchHistory(at: run.historyPath("medium1"), of: settings)
        _ = history.evaluations.map(\.samples).reduce(0, +)
      case .tables:
        try write(bytes, to: run.metricsPath)
        try write(bytes, to: run.stepsPath)
        _ = try TrainingHistory(of: run, epochs: 5, steps: 50)
      case .statistics:
        try write(bytes, to: run.statisticsPath)
        let statistics = try LatentStatistics(from: run.statisticsPath, latentDimension: 2)
        precondition(statistics.classes.count == 10)
      case .model:
        let model = try PackagedModel(bytes, of: "bytes")
        _ = try model.generator()
      }
      return true
    } catch let error as FileError {
      precondition(!error.description.contains("\n"), "an error in several lines: \(error)")
      return false
    }
  }

  /// Plain, for it comes millions of times.
  private func write(_ bytes: [UInt8], to path: String) throws {
    let file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o644)
    precondition(file >= 0, "cannot write to \(path)")
    defer { close(file) }
    let written = bytes.withUnsafeBytes { Foundation.write(file, $0.baseAddress, $0.count) }
    precondition(written == bytes.count, "cannot write to \(path)")
  }
}
