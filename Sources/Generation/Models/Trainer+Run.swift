import Compute
import Files
import Foundation
import NeuralNetwork

/// The seconds between checkpoints in the middle of an epoch, unless a user says otherwise.
public let checkpointSeconds = 300.0

extension Trainer {
  /// Trains to the last epoch, and keeps the folder of the run up to date: after each epoch, every so
  /// many seconds in between, and when it is asked to stop.
  ///
  /// - Returns: Whether it got there; false when `shouldStop` said so.
  /// - Throws: `DeviceError`, ``DivergenceError`` or `FileError`; the checkpoint before stays.
  public func train(
    in run: Run, checkpointEvery seconds: Double = checkpointSeconds,
    progress: (TrainingProgress) throws -> Void = { _ in },
    result: (EpochResult) throws -> Void = { _ in }, shouldStop: () -> Bool = { false }
  ) throws -> Bool {
    var stopwatch = Stopwatch()
    while epochsDone < configuration.epochs {
      let last = try runEpoch(
        progress: progress,
        betweenSteps: {
          guard position.batches > 0, stopwatch.seconds >= seconds else { return }
          try saveCheckpoint(to: run)
          stopwatch.restart()
        }, shouldStop: shouldStop)
      guard let last else {
        if position.batches > 0 { try saveCheckpoint(to: run) }
        return false
      }
      try save(to: run)
      stopwatch.restart()
      try result(last)
    }
    return true
  }

  /// Writes everything that the run has after a whole epoch, each file as a whole.
  ///
  /// The weights come first: while they cannot be written, what was there stays.
  /// - Throws: `FileError` or `DeviceError`.
  public func save(to run: Run) throws {
    try run.claim()
    try saveWeights(to: run)
    for path in run.derivedPaths { unlink(path) }  // They belong to other weights.
    try saveCheckpoint(to: run)
  }

  /// Writes what training needs to go on from here, be it in the middle of an epoch.
  ///
  /// The checkpoint comes after the tables: until it is there, resuming repeats the steps since the
  /// last one, to the same bytes. In a new run the configuration comes last of all: a folder that has
  /// one has a checkpoint of the same run.
  /// - Throws: `FileError`, `DeviceError`, or ``DivergenceError`` when a loss so far is not a number.
  public func saveCheckpoint(to run: Run) throws {
    try meter.collect()
    try checkLoss()
    let path = run.checkpointPath
    if checkpoint == nil {
      try run.claim()
      // What is here belongs to a run that stood here before.
      let weights = epochsDone == 0 ? [run.weightsPath] + run.derivedPaths : []
      for path in [
        run.configurationPath, path, run.labelsPath, run.judgePath, run.judgeCheckpointPath,
      ] + weights {
        unlink(path)
      }
    }
    try writeAtomically(history.metricsTable, to: run.metricsPath)
    try writeAtomically(history.stepsTable, to: run.stepsPath)
    try model.parameters.saveCheckpoint(
      to: path,
      metadata: [
        "epochs": String(epochsDone), "position": try json(position),
        "losses": try json(meter.sums), "configuration": try json(configuration),
      ], others: history.arrays)
    try writeAtomically(try configuration.json(), to: run.configurationPath)
    checkpoint = Checkpoint(path: path, step: model.parameters.steps)
  }

  /// Continues from what ``saveCheckpoint(to:)`` or ``save(to:)`` wrote. What the run has lost since, and
  /// the checkpoint holds, is written again.
  ///
  /// - Returns: The paths of what was.
  /// - Throws: `FileError` when something is missing or does not belong to this configuration.
  @discardableResult
  public func resume(_ run: Run) throws -> [String] {
    let path = run.checkpointPath
    try configuration.check(try SafeTensors.metadata(of: path), of: path)
    let (metadata, arrays) = try model.parameters.loadCheckpoint(from: path)
    guard let epochs = metadata["epochs"].flatMap(Int.init), (0...1_000_000).contains(epochs) else {
      throw FileError(path, "does not say its number of epochs", remedy: "train the run again")
    }
    let batches = training.batches(of: configuration.batchSize).count
    let position = try value(Position.self, "position", in: metadata, of: path) ?? Position()
    let losses = try value(LossMeter.Sums.self, "losses", in: metadata, of: path) ?? meter.sums
    guard (0..<batches).contains(position.batches), losses.parts.count == 2,
      (0...training.count).contains(position.images), (0...1e12).contains(position.seconds),
      model.parameters.steps == epochs * batches + position.batches
    else { throw misfit(path, steps: model.parameters.steps, batches: batches) }
    guard epochs <= configuration.epochs else {
      throw FileError(
        path, "has had \(epochs) epochs already, more than the \(configuration.epochs) wanted",
        remedy: "ask for \(epochs) --epochs or more")
    }
    let history =
      try TrainingHistory(arrays, of: path, metrics: try? readFile(run.metricsPath))
      ?? TrainingHistory(of: run, epochs: epochs, steps: model.parameters.steps)
    guard history.epochs.map(\.epoch) == Array(1..<epochs + 1) else {
      throw FileError(
        run.metricsPath, "does not hold the \(epochs) epochs of the checkpoint",
        remedy: "restore the file, or train into another folder")
    }
    epochsDone = epochs
    self.position = position
    meter.sums = losses
    self.history = history
    checkpoint = Checkpoint(path: path, step: model.parameters.steps)
    return try restore(run, weights: epochs > 0 && position.batches == 0)
  }

  /// Writes the files again that do not hold what the checkpoint does.
  private func restore(_ run: Run, weights: Bool) throws -> [String] {
    var restored: [String] = []
    // A kill between tables and checkpoint leaves tables that are longer.
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
  /// Writes the configuration again that a checkpoint holds, where the run has lost it.
  ///
  /// - Returns: Whether it was.
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

/// A checkpoint whose steps are not those of its epochs.
package func misfit(_ path: String, steps: Int, batches: Int) -> FileError {
  FileError(
    path, "holds \(steps) steps, which do not fit \(batches) batches an epoch",
    remedy: "give the run back its data set and configuration")
}

/// A value as text for the metadata of a checkpoint, to be read back to the same bits.
package func json(_ value: some Encodable) throws -> String {
  let encoder = JSONEncoder()
  encoder.outputFormatting = .sortedKeys
  return String(decoding: try encoder.encode(value), as: UTF8.self)
}

/// A value that ``json(_:)`` wrote; nil where the checkpoint, of an older version, has none.
package func value<Value: Decodable>(
  _ type: Value.Type, _ key: String, in metadata: [String: String], of path: String
) throws -> Value? {
  guard let text = metadata[key] else { return nil }
  guard let value = try? JSONDecoder().decode(type, from: Data(text.utf8)) else {
    throw FileError(path, "has a \(key) that cannot be read", remedy: "train the run again")
  }
  return value
}
