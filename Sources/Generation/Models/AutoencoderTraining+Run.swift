import Compute
import Files
import Foundation
import NeuralNetwork
import Training

extension AutoencoderTraining {
  /// Writes everything that the run has after a completed epoch, each file atomically.
  ///
  /// The weights come first: if they cannot be written, the earlier files are kept.
  /// - Throws: `FileError` or `DeviceError`.
  public func save(to run: Run) throws {
    try run.claim()
    try saveWeights(to: run)
    for path in run.derivedPaths { unlink(path) }  // They belong to other weights.
    try saveCheckpoint(to: run)
  }

  /// Writes what training needs to resume from here, even in the middle of an epoch.
  ///
  /// The checkpoint comes after the tables: until it is there, resuming repeats the steps since the last one, and
  /// arrives at the same bytes. In a new run the configuration comes last of all: a folder that has one has a
  /// checkpoint of the same run.
  /// - Throws: `FileError`, `DeviceError`, or ``/Training/DivergenceError`` when a loss so far is not a number.
  public func saveCheckpoint(to run: Run) throws {
    let path = run.checkpointPath
    try checkLosses()
    if checkpoint == nil {
      try run.claim()
      // What is here belongs to an earlier run in this folder.
      let weights = epochsDone == 0 ? [run.weightsPath] + run.derivedPaths : []
      for path in [
        run.configurationPath, path, run.labelsPath, run.judgePath, run.judgeCheckpointPath,
      ] + weights {
        unlink(path)
      }
    }
    try writeAtomically(history.metricsTable, to: run.metricsPath)
    try writeAtomically(history.stepsTable, to: run.stepsPath)
    try saveCheckpoint(to: path, metadata: ["configuration": try json(configuration)])
    try writeAtomically(try configuration.json(), to: run.configurationPath)
  }

  /// Continues from what ``saveCheckpoint(to:)`` or ``save(to:)`` wrote. Files that the run has lost since are
  /// restored from the checkpoint.
  ///
  /// - Returns: The paths of the restored files.
  /// - Throws: `FileError` when something is missing or does not belong to this configuration.
  @discardableResult
  public func resume(_ run: Run) throws -> [String] {
    let path = run.checkpointPath
    try configuration.check(try SafeTensors.metadata(of: path), of: path)
    try resume(from: path, remedy: "give the run back its data set and configuration") {
      metadata, arrays in
      // In a run of an older version only the tables hold the history.
      guard !TrainingHistory.isHeld(by: arrays) else { return nil }
      guard let epochs = metadata["epochs"].flatMap(Int.init) else { return history }
      let history = try run.history(upToEpoch: epochs, step: steps)
      guard history.epochs.count == epochs else {
        throw FileError(
          run.metricsPath, "does not hold the \(epochs) epochs of the checkpoint",
          remedy: "restore the file, or train into another folder")
      }
      return history
    }
    if let metrics = try? readFile(run.metricsPath) { takeTimes(from: metrics) }
    return try restore(run, weights: epochsDone > 0 && !isWithinEpoch)
  }

  /// Rewrites the files that disagree with the checkpoint.
  private func restore(_ run: Run, weights: Bool) throws -> [String] {
    var restored: [String] = []
    // A kill between writing the tables and the checkpoint leaves tables that are longer.
    for (path, table) in [
      (run.metricsPath, history.metricsTable), (run.stepsPath, history.stepsTable),
    ] where (try? readFile(path))?.starts(with: table.utf8) != true {
      try run.claim()
      try writeAtomically(table, to: path)
      restored.append(path)
    }
    if weights && !model.parameters.areHeld(by: run.weightsPath) {
      try run.claim()
      try saveWeights(to: run)
      restored.append(run.weightsPath)
    }
    return restored
  }

  private func saveWeights(to run: Run) throws {
    try model.parameters.save(
      to: run.weightsPath,
      metadata: ["epochs": String(epochsDone), "configuration": try json(configuration.recipe)])
  }
}

extension Run {
  /// Restores the configuration from the checkpoint if the run has lost it.
  ///
  /// - Returns: Whether it was restored.
  /// - Throws: `FileError`.
  public func restoreConfiguration() throws -> Bool {
    guard !FileManager.default.fileExists(atPath: configurationPath),
      let configuration = try value(
        RunConfiguration.self, "configuration", in: try SafeTensors.metadata(of: checkpointPath),
        of: checkpointPath)
    else { return false }
    try claim()
    try writeAtomically(try configuration.json(), to: configurationPath)
    return true
  }
}
