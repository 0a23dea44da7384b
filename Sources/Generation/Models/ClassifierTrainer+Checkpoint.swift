import Files
import Foundation
import NeuralNetwork

extension ClassifierTrainer {
  /// Writes what training needs to go on from here, be it in the middle of an epoch.
  /// - Throws: `FileError`, `DeviceError`, or ``DivergenceError`` when a loss so far is not a number.
  public func saveCheckpoint(to path: String) throws {
    try meter.collect()
    try checkLoss()
    try classifier.parameters.saveCheckpoint(
      to: path,
      metadata: [
        "settings": try json(settings), "position": try json(position),
        "losses": try json(meter.sums),
      ])
    checkpoint = Checkpoint(path: path, step: classifier.parameters.steps)
  }

  /// Continues from what ``saveCheckpoint(to:)`` wrote.
  /// - Throws: `FileError` when the file is missing or belongs to other settings.
  public func resume(from path: String) throws {
    let remedy = "give the settings of the stopped training, or leave out --resume"
    let metadata = try classifier.parameters.loadCheckpoint(from: path).metadata
    guard let settings = try value(Settings.self, "settings", in: metadata, of: path),
      let position = try value(Position.self, "position", in: metadata, of: path),
      let losses = try value(LossMeter.Sums.self, "losses", in: metadata, of: path),
      losses.parts.count == 1
    else {
      throw FileError(path, "is not the checkpoint of a classifier", remedy: remedy)
    }
    guard
      settings.origin == nil || self.settings.origin == nil
        || settings.origin == self.settings.origin
    else {
      throw FileError(
        path, "learned from other weights or images than this run has", remedy: "leave out --resume"
      )
    }
    guard settings.isLike(self.settings) else {
      throw FileError(
        path,
        "is of \(settings.images) images, --batch \(settings.batchSize) and another --seed or its "
          + "like, not of these settings", remedy: remedy)
    }
    let batches = (settings.images + settings.batchSize - 1) / settings.batchSize
    guard (0..<batches).contains(position.batches), (0...1_000_000).contains(position.epochs),
      (0...1e12).contains(position.seconds),
      classifier.parameters.steps == position.epochs * batches + position.batches
    else {
      throw FileError(path, "holds steps that do not fit its epochs", remedy: remedy)
    }
    self.position = position
    meter.sums = losses
    checkpoint = Checkpoint(path: path, step: classifier.parameters.steps)
  }
}
