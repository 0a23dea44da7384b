import Files
import Foundation

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
    for fields in try rows(of: run.metricsPath, columns: 9) where Int(fields[0]) <= lastEpoch {
      epochs.append(
        EpochResult(
          epoch: Int(fields[0]), training: LossParts(fields[1...3]), test: LossParts(fields[4...6]),
          seconds: fields[7], imagesPerSecond: fields[8]))
    }
    for fields in try rows(of: run.stepsPath, columns: 4) where Int(fields[0]) <= lastStep {
      steps.append(Step(step: Int(fields[0]), loss: LossParts(fields[1...3])))
    }
  }
}

/// The numbers of a table under its header.
private func rows(of path: String, columns: Int) throws -> [[Double]] {
  let lines = String(decoding: try readFile(path), as: UTF8.self).split(separator: "\n").dropFirst()
  return try lines.enumerated().map { index, line in
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
