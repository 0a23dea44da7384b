import Files
import Foundation
import NeuralNetwork

/// The result of an epoch.
public struct EpochResult: Sendable, Hashable, Codable {
  /// The epoch, from 1.
  public var epoch: Int
  /// The mean losses per image during the epoch.
  public var losses: [Double]
  /// What the evaluation after it measured.
  public var measures: [Double]
  /// The seconds that training took, without the evaluation.
  public var seconds: Double
  /// The images per second.
  public var imagesPerSecond: Double

  /// Describes a result.
  public init(
    epoch: Int, losses: [Double], measures: [Double], seconds: Double, imagesPerSecond: Double
  ) {
    self.epoch = epoch
    self.losses = losses
    self.measures = measures
    self.seconds = seconds
    self.imagesPerSecond = imagesPerSecond
  }
}

/// The losses of a training run: what `metrics.csv` and `steps.csv` hold.
public struct TrainingHistory: Sendable, Hashable {
  /// The losses between two readings.
  public struct Step: Sendable, Hashable {
    /// The number of training steps at the reading.
    public var step: Int
    /// The mean losses per image since the previous reading.
    public var losses: [Double]

    /// Describes a reading.
    public init(step: Int, losses: [Double]) {
      self.step = step
      self.losses = losses
    }
  }

  /// The columns of the losses.
  public let lossColumns: [Column]
  /// The columns of what the evaluation measures.
  public let measureColumns: [Column]
  /// The completed epochs.
  public var epochs: [EpochResult] = []
  /// The readings.
  public var steps: [Step] = []

  /// A history without entries.
  public init(losses: [Column], measures: [Column] = []) {
    lossColumns = losses
    measureColumns = measures
  }

  /// The epochs as comma-separated values.
  public var metricsTable: String {
    let prefix = measureColumns.isEmpty ? "" : "training "
    let columns = lossColumns.map { "\(prefix)\($0.name)" } + measureColumns.map(\.name)
    return line(["epoch"] + columns + ["seconds", "images per second"])
      + epochs.map { epoch in
        line(
          ["\(epoch.epoch)"] + texts(epoch.losses, lossColumns)
            + texts(epoch.measures, measureColumns) + [
              String(format: "%.3f", epoch.seconds), String(format: "%.0f", epoch.imagesPerSecond),
            ])
      }.joined()
  }

  /// The readings as comma-separated values.
  public var stepsTable: String {
    line(["step"] + lossColumns.map(\.name))
      + steps.map { line(["\($0.step)"] + texts($0.losses, lossColumns)) }.joined()
  }

  private func line(_ fields: [String]) -> String { fields.joined(separator: ",") + "\n" }

  private func texts(_ values: [Double], _ columns: [Column]) -> [String] {
    zip(values, columns).map { String(format: "%.\($1.decimals)f", $0) }
  }

  /// The columns of an epoch's row, without the times, and those of a reading's.
  private var widths: (epochs: Int, steps: Int) {
    (1 + lossColumns.count + measureColumns.count, 1 + lossColumns.count)
  }

  /// Reads the two tables.
  /// - Throws: `FileError` when a row cannot be read.
  package mutating func read(
    metrics metricsPath: String, steps stepsPath: String, upToEpoch lastEpoch: Int,
    step lastStep: Int
  ) throws {
    func table(_ path: String, _ columns: Int) throws -> [[Double]] {
      try rows(of: String(decoding: try readFile(path), as: UTF8.self), columns, path)
    }
    fill(
      epochs: try table(metricsPath, widths.epochs + 2).filter { Int($0[0]) <= lastEpoch },
      steps: try table(stepsPath, widths.steps).filter { Int($0[0]) <= lastStep })
  }

  private mutating func fill(epochs: [[Double]], steps: [[Double]]) {
    let losses = lossColumns.count
    self.epochs = epochs.map { row in
      EpochResult(
        epoch: Int(row[0]), losses: Array(row[1..<1 + losses]),
        measures: Array(row[1 + losses..<row.count - 2]), seconds: row[row.count - 2],
        imagesPerSecond: row[row.count - 1])
    }
    self.steps = steps.map { Step(step: Int($0[0]), losses: Array($0[1...])) }
  }

  /// Takes the times of the epochs from a table of them; epochs that are missing there stay at 0.
  mutating func takeTimes(from metrics: [UInt8]) {
    for line in String(decoding: metrics, as: UTF8.self).split(separator: "\n") {
      let row = line.split(separator: ",").compactMap { Double($0) }
      guard row.count == widths.epochs + 2, row.allSatisfy(\.isFinite),
        let index = epochs.firstIndex(where: { Double($0.epoch) == row[0] })
      else { continue }
      (epochs[index].seconds, epochs[index].imagesPerSecond) = (
        row[row.count - 2], row[row.count - 1]
      )
    }
  }
}

// MARK: In a checkpoint

extension TrainingHistory {
  private static let arrayNames = ["history.epochs", "history.steps"]

  /// The numbers of the tables, rows × columns × 3: each number is the sum of three floats. Times are left out, so
  /// that a checkpoint has the same bytes each time.
  var arrays: [NamedArray] {
    let tables = [
      (epochs.map { [Double($0.epoch)] + $0.losses + $0.measures }, widths.epochs),
      (steps.map { [Double($0.step)] + $0.losses }, widths.steps),
    ]
    return zip(Self.arrayNames, tables).map { name, table in
      let values = table.0.joined().flatMap { number in
        var rest = number
        return (0..<3).map { _ in
          let part = Float(rest)
          rest -= Double(part)
          return part
        }
      }
      return NamedArray(name, [table.0.count, table.1, 3], values)
    }
  }

  /// Whether the arrays of a checkpoint hold a history.
  package static func isHeld(by arrays: [String: NamedArray]) -> Bool {
    arrayNames.contains { arrays[$0] != nil }
  }

  /// The history in a checkpoint; nil in a checkpoint of an older version, which has none.
  /// - Throws: `FileError` when it is not a history of these columns.
  init?(_ arrays: [String: NamedArray], like columns: TrainingHistory, of path: String) throws {
    self = columns
    let found = Self.arrayNames.compactMap { arrays[$0] }
    guard !found.isEmpty else { return nil }
    // An older version kept as many digits as the tables show, in two floats.
    guard found.count == 2,
      zip(found, [widths.epochs, widths.steps]).allSatisfy({ array, width in
        [[width, 3], [width, 2]].contains(Array(array.shape.dropFirst()))
      })
    else {
      throw FileError(path, "has a history that cannot be read", remedy: "train the run again")
    }
    let tables = found.map { array in
      let (columns, parts) = (array.shape[1], array.shape[2])
      let numbers = stride(from: 0, to: array.values.count, by: parts).map {
        array.values[$0..<$0 + parts].reversed().reduce(0.0) { $0 + Double($1) }
      }
      return (0..<array.shape[0]).map { Array(numbers[$0 * columns..<($0 + 1) * columns]) }
    }
    guard tables.joined().allSatisfy({ (0..<1e15).contains($0[0]) }) else {
      throw FileError(path, "has a history that cannot be read", remedy: "train the run again")
    }
    fill(epochs: tables[0].map { $0 + [0, 0] }, steps: tables[1])
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
