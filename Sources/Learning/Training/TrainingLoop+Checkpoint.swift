import Files
import Foundation
import NeuralNetwork

extension TrainingLoop {
  /// Writes what training needs to resume from here, even in the middle of an epoch.
  ///
  /// - Parameters:
  ///   - path: The file.
  ///   - metadata: Further metadata for the file.
  /// - Throws: `FileError`, `DeviceError`, or ``DivergenceError`` when a loss so far is not a number.
  public func saveCheckpoint(to path: String, metadata: [String: String] = [:]) throws {
    try checkLosses()
    var own = [
      "epochs": String(epochsDone), "position": try json(position),
      "losses": try json(meter.sums), "training": try json(identity),
    ]
    own["origin"] = settings.origin
    try task.optimizers.saveCheckpoint(
      to: path, metadata: own.merging(metadata) { $1 }, others: history.arrays)
    checkpoint = Checkpoint(path: path, step: steps)
  }

  /// Collects the losses so far.
  /// - Throws: ``DivergenceError`` when one is not a number, `DeviceError` when the device fails.
  package func checkLosses() throws {
    try meter.collect()
    try checkCollectedLosses()
  }

  /// Takes the times of the epochs, which no checkpoint holds, from a table.
  package func takeTimes(from metrics: [UInt8]) { history.takeTimes(from: metrics) }

  /// What a checkpoint must have in common with a training run that resumes from it.
  private var identity: [String: Int] {
    [
      "images": data.count, "batchSize": settings.batchSize,
      "seed": Int(truncatingIfNeeded: settings.seed),
    ]
  }

  /// Continues from what ``saveCheckpoint(to:metadata:)`` wrote.
  ///
  /// - Parameters:
  ///   - path: The file.
  ///   - remedy: What the user can do when it belongs to another training run.
  ///   - older: Supplies the history of a checkpoint of an older version, which holds none.
  /// - Returns: The metadata of the file.
  /// - Throws: `FileError` when the file is missing, or belongs to another training run.
  @discardableResult
  public func resume(
    from path: String,
    remedy: String = "give the settings of the stopped training, or remove the checkpoint",
    older: (_ metadata: [String: String], _ arrays: [String: NamedArray]) throws ->
      TrainingHistory? = { _, _ in nil }
  ) throws -> [String: String] {
    let metadata = try SafeTensors.metadata(of: path)
    if let origin = metadata["origin"], let own = settings.origin, origin != own {
      throw FileError(
        path, "learned from other weights or images than this run has", remedy: remedy)
    }
    let identity = try value([String: Int].self, "training", in: metadata, of: path)
    guard identity == nil || identity == self.identity else {
      throw FileError(
        path,
        "is of \(identity?["images"] ?? 0) images, --batch \(identity?["batchSize"] ?? 0) and "
          + "--seed \(identity?["seed"] ?? 0), not of \(data.count), \(settings.batchSize) and "
          + "\(settings.seed)", remedy: remedy)
    }
    let arrays = try task.optimizers.loadCheckpoint(from: path).arrays
    let columns = TrainingHistory(losses: task.lossColumns, measures: task.measureColumns)
    guard
      let history = try older(metadata, arrays)
        ?? TrainingHistory(arrays, like: columns, of: path)
    else { throw FileError(path, "has no history", remedy: remedy) }
    let epochs = metadata["epochs"].flatMap { Int($0) ?? history.epochs.count }
    guard let epochs, (0...1_000_000).contains(epochs) else {
      throw FileError(path, "does not say its number of epochs", remedy: "train the run again")
    }
    let batches = batchesPerEpoch
    let position = try value(Position.self, "position", in: metadata, of: path) ?? Position()
    let losses = try value(LossMeter.Sums.self, "losses", in: metadata, of: path) ?? meter.sums
    guard (0..<batches).contains(position.batches),
      losses.parts.count == task.lossNames.count,
      [0, task.lossColumns.count].contains(position.sums.count),
      (0...data.count).contains(position.images), (0...1e12).contains(position.seconds),
      steps == epochs * batches + position.batches
    else { throw misfit(path, steps: steps, batches: batches) }
    guard epochs <= settings.epochs else {
      throw FileError(
        path, "has had \(epochs) epochs already, more than the \(settings.epochs) wanted",
        remedy: "ask for \(epochs) --epochs or more")
    }
    guard history.epochs.map(\.epoch) == Array(1..<epochs + 1) else {
      throw FileError(
        path, "does not hold the results of its \(epochs) epochs", remedy: "train the run again")
    }
    epochsDone = epochs
    self.position = position
    meter.sums = losses
    self.history = history
    checkpoint = Checkpoint(path: path, step: steps)
    return metadata
  }
}

/// A checkpoint whose steps do not match its epochs.
func misfit(_ path: String, steps: Int, batches: Int) -> FileError {
  FileError(
    path, "holds \(steps) steps, which do not fit \(batches) batches an epoch",
    remedy: "give the run back its data set and configuration")
}

func fileExists(_ path: String) -> Bool { FileManager.default.fileExists(atPath: path) }

/// A value as text for the metadata of a checkpoint, from which it is read back bit for bit.
package func json(_ value: some Encodable) throws -> String {
  let encoder = JSONEncoder()
  encoder.outputFormatting = .sortedKeys
  return String(decoding: try encoder.encode(value), as: UTF8.self)
}

/// A value that ``json(_:)`` wrote; nil in a checkpoint of an older version, which has none.
package func value<Value: Decodable>(
  _ type: Value.Type, _ key: String, in metadata: [String: String], of path: String
) throws -> Value? {
  guard let text = metadata[key] else { return nil }
  guard let value = try? JSONDecoder().decode(type, from: Data(text.utf8)) else {
    throw FileError(path, "has a \(key) that cannot be read", remedy: "train the run again")
  }
  return value
}

extension Position {
  private enum Key: String, CodingKey {
    case batches, sums, images, seconds, sum
  }

  /// Reads a position; in older versions an autoencoder's loss had named parts.
  init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: Key.self)
    batches = try values.decode(Int.self, forKey: .batches)
    images = try values.decode(Int.self, forKey: .images)
    seconds = try values.decode(Double.self, forKey: .seconds)
    if let sums = try values.decodeIfPresent([Double].self, forKey: .sums) {
      self.sums = sums
    } else {
      let sum = try values.decode([String: Double].self, forKey: .sum)
      sums = ["reconstruction", "regularizer", "total"].map { sum[$0] ?? .nan }
      if images == 0 { sums = [] }
    }
  }

  func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: Key.self)
    try values.encode(batches, forKey: .batches)
    try values.encode(sums, forKey: .sums)
    try values.encode(images, forKey: .images)
    try values.encode(seconds, forKey: .seconds)
  }
}
