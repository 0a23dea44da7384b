import Compute
import Files
import Foundation
import NeuralNetwork

extension Trainer {
  /// Writes everything that the run has after a whole epoch, each file as a whole.
  ///
  /// The weights come first: while they cannot be written, what was there stays. The checkpoint
  /// comes last: until it is there, resuming repeats the epoch, to the same bytes.
  /// - Throws: `FileError` or `DeviceError`.
  public func save(to run: Run) throws {
    try model.parameters.save(to: run.weightsPath, metadata: ["epochs": String(epochsDone)])
    for path in run.derivedPaths { unlink(path) }  // They belong to other weights.
    if epochsDone == 1 {
      // These belong to a run that stood here before.
      for path in [run.checkpointPath, run.judgePath] { unlink(path) }
    }
    try writeAtomically(try configuration.json(), to: run.configurationPath)
    try writeAtomically(history.metricsTable, to: run.metricsPath)
    try writeAtomically(history.stepsTable, to: run.stepsPath)
    try model.parameters.saveCheckpoint(
      to: run.checkpointPath, metadata: ["epochs": String(epochsDone)])
  }

  /// Continues from what ``save(to:)`` wrote.
  /// - Throws: `FileError` when something is missing or does not belong to this configuration.
  public func resume(_ run: Run) throws {
    let metadata = try model.parameters.loadCheckpoint(from: run.checkpointPath)
    guard let epochs = metadata["epochs"].flatMap(Int.init), epochs >= 0 else {
      throw FileError(
        run.checkpointPath, "does not say its number of epochs", remedy: "train the run again")
    }
    epochsDone = epochs
    history = try TrainingHistory(of: run, epochs: epochs, steps: model.parameters.steps)
  }
}
