import Files
import Foundation
import NeuralNetwork

/// The result of an epoch.
public struct EpochResult: Sendable, Hashable {
  /// The epoch, from 1.
  public var epoch: Int
  /// The mean loss over the training images while they were learned from.
  public var training: LossParts
  /// The mean loss over the test images at the end.
  public var test: LossParts
  /// The time that training took in seconds, evaluation not counted.
  public var seconds: Double
  /// The images per second.
  public var imagesPerSecond: Double
}

/// The losses of a run: what `metrics.csv` and `steps.csv` hold.
public struct TrainingHistory: Sendable, Hashable {
  /// A loss between two readings.
  public struct Step: Sendable, Hashable {
    /// The number of training steps at the reading.
    public var step: Int
    /// The mean loss since the reading before.
    public var loss: LossParts
  }

  /// The whole epochs.
  public var epochs: [EpochResult] = []
  /// The readings.
  public var steps: [Step] = []

  /// A history without entries.
  public init() {}

  /// The epochs as comma-separated values.
  public var metricsTable: String {
    "epoch,training reconstruction,training regularizer,training total,"
      + "test reconstruction,test regularizer,test total,seconds,images per second\n"
      + epochs.map { epoch in
        "\(epoch.epoch),\(epoch.training.row),\(epoch.test.row),"
          + String(format: "%.3f,%.0f\n", epoch.seconds, epoch.imagesPerSecond)
      }.joined()
  }

  /// The readings as comma-separated values.
  public var stepsTable: String {
    "step,reconstruction,regularizer,total\n"
      + steps.map { "\($0.step),\($0.loss.row)\n" }.joined()
  }

  /// Reads the tables of a run up to an epoch and a step.
  /// - Throws: `FileError` when a row cannot be read.
  public init(of run: Run, epochs lastEpoch: Int, steps lastStep: Int) throws {
    func table(_ path: String, _ columns: Int) throws -> [[Double]] {
      try rows(of: String(decoding: try readFile(path), as: UTF8.self), columns, path)
    }
    self.init(
      epochs: try table(run.metricsPath, 9).filter { Int($0[0]) <= lastEpoch },
      steps: try table(run.stepsPath, 4).filter { Int($0[0]) <= lastStep })
  }

  private init(epochs: [[Double]], steps: [[Double]]) {
    self.epochs = epochs.map { row in
      EpochResult(
        epoch: Int(row[0]), training: LossParts(row[1...3]), test: LossParts(row[4...6]),
        seconds: row[7], imagesPerSecond: row[8])
    }
    self.steps = steps.map { Step(step: Int($0[0]), loss: LossParts($0[1...3])) }
  }
}

// MARK: In a checkpoint

extension TrainingHistory {
  private static let arrayNames = ["history.epochs", "history.steps"]

  /// The losses of the tables as they are printed, rows × columns × 2: the sum of two floats has more
  /// digits than a table shows. Times are left out, so that a checkpoint has the same bytes each time.
  var arrays: [NamedArray] {
    zip(Self.arrayNames, [(metricsTable, 9, 7), (stepsTable, 4, 4)]).map { name, table in
      let rows = (try? rows(of: table.0, table.1, name)) ?? []
      let values = rows.flatMap { row in
        row.prefix(table.2).flatMap { [Float($0), Float($0 - Double(Float($0)))] }
      }
      return NamedArray(name, [rows.count, table.2, 2], values)
    }
  }

  /// The history in a checkpoint; nil where it has none, being of an older version.
  ///
  /// - Parameter metrics: The table that has the times; those of rows that it has lost are 0.
  /// - Throws: `FileError` when it is not a history.
  init?(_ arrays: [String: NamedArray], of path: String, metrics: [UInt8]?) throws {
    let found = Self.arrayNames.compactMap { arrays[$0] }
    guard !found.isEmpty else { return nil }
    guard found.count == 2, found[0].shape.dropFirst() == [7, 2],
      found[1].shape.dropFirst() == [4, 2]
    else {
      throw FileError(path, "has a history that cannot be read", remedy: "train the run again")
    }
    let tables = found.map { array in
      let numbers = stride(from: 0, to: array.values.count, by: 2).map {
        Double(array.values[$0]) + Double(array.values[$0 + 1])
      }
      let columns = array.shape[1]
      return (0..<array.shape[0]).map { Array(numbers[$0 * columns..<($0 + 1) * columns]) }
    }
    guard tables.joined().allSatisfy({ (0..<1e15).contains($0[0]) }) else {
      throw FileError(path, "has a history that cannot be read", remedy: "train the run again")
    }
    var times: [Double: ArraySlice<Double>] = [:]
    for line in String(decoding: metrics ?? [], as: UTF8.self).split(separator: "\n") {
      let row = line.split(separator: ",").compactMap { Double($0) }
      if row.count == 9, row.allSatisfy(\.isFinite) { times[row[0]] = row[7...8] }
    }
    self.init(epochs: tables[0].map { $0 + (times[$0[0]] ?? [0, 0]) }, steps: tables[1])
  }
}

/// The numbers of a table under its header.
private func rows(of text: String, _ columns: Int, _ path: String) throws -> [[Double]] {
  try text.split(separator: "\n").dropFirst().enumerated().map { index, line in
    let fields = line.split(separator: ",").compactMap { Double($0) }
    guard fields.count == columns, fields.allSatisfy(\.isFinite), (0..<1e15).contains(fields[0])
    else {
      throw FileError(
        path, "line \(index + 2) does not hold \(columns) numbers",
        remedy: "restore the file, or train into another folder")
    }
    return fields
  }
}

extension LossParts {
  fileprivate var row: String {
    String(format: "%.6f,%.8f,%.6f", reconstruction, regularizer, total)
  }

  fileprivate init(_ fields: ArraySlice<Double>) {
    let first = fields.startIndex
    self.init(
      reconstruction: fields[first], regularizer: fields[first + 1], total: fields[first + 2])
  }
}
