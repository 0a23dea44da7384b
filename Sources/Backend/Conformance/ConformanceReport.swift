import Compute
import Foundation

/// What the conformance suite found on one device.
public struct ConformanceReport: Sendable {
  /// A case that failed.
  public struct Failure: Sendable, Hashable, CustomStringConvertible {
    /// The shape and the options.
    public var label: String
    /// What was wrong.
    public var reason: String

    /// The label and what was wrong, in one line.
    public var description: String { "\(label): \(reason)" }
  }

  /// The cases of one operation.
  public struct Row: Sendable, Hashable {
    /// The operation.
    public var operation: OperationGroup
    /// The number of cases that ran.
    public var cases = 0
    /// The greatest error in units of its tolerance.
    public var worst = 0.0
    /// The greatest error, absolute below 1 and relative above.
    public var worstError = 0.0
    /// The cases that failed.
    public var failures: [Failure] = []
    /// Whether there are cases for a device's variants.
    public var coversVariants = false

    /// Whether all cases passed.
    public var passed: Bool { failures.isEmpty }

    /// The cells of a table, in the order of ``ConformanceReport/header``.
    public var cells: [String] {
      [
        operation.rawValue, String(cases), String(format: "%.3f", worst),
        String(format: "%.2e", worstError), passed ? "ok" : "\(failures.count) FAILED",
      ]
    }
  }

  /// The device that was checked.
  public let device: DeviceDescription
  /// One row for each operation that ran.
  public private(set) var rows: [Row] = []

  /// Runs cases on a device, and some of them on each of its variants. An error that a case throws
  /// is a failure of that case.
  ///
  /// - Parameters:
  ///   - cases: Usually from ``Conformance/cases(_:of:)``.
  ///   - device: The device to check.
  ///   - withVariants: Whether its variants are checked too.
  public init(_ cases: [ConformanceCase], on device: any Device, withVariants: Bool = true) {
    self.device = device.description
    for operation in OperationGroup.allCases {
      let own = cases.filter { $0.operation == operation }
      if own.isEmpty { continue }
      var row = Row(operation: operation)
      for item in own {
        row.take(item, on: device)
        if item.coversVariants && withVariants {
          row.coversVariants = true
          for variant in device.variants {
            row.take(item, on: variant, note: " (\(variant.description.kernels))")
          }
        }
      }
      rows.append(row)
    }
  }

  /// Whether all cases passed.
  public var passed: Bool { rows.allSatisfy(\.passed) }

  /// Whether only operations with variants of a device failed.
  public var isWrongInVariants: Bool {
    !passed && rows.allSatisfy { $0.passed || $0.coversVariants }
  }

  /// The titles of the columns of a table.
  public static let header = ["operation", "cases", "error/bound", "worst error", "verdict"]

  /// The first failure in one line, for example as the reason why a device is not chosen.
  public var reason: String? {
    rows.first { !$0.passed }.flatMap { row in
      row.failures.first.map { "\(row.operation.rawValue) \($0)" }
    }
  }

  /// A table in plain text, with the cases that failed below their operation.
  public var table: String {
    let lines = [Self.header] + rows.map(\.cells)
    let widths = Self.header.indices.map { column in lines.map { $0[column].count }.max() ?? 0 }
    let text = lines.map { cells in
      let padded = cells.indices.map { column in
        let space = String(repeating: " ", count: widths[column] - cells[column].count)
        return switch column {
        case 0: cells[column] + space
        case 4: cells[column]
        default: space + cells[column]
        }
      }
      return padded.joined(separator: "  ")
    }
    let failures = [[]] + rows.map { row in row.failures.map { "  \($0)" } }
    return Swift.zip(text, failures).flatMap { [$0] + $1 }.joined(separator: "\n")
  }
}

extension ConformanceReport.Row {
  /// Runs a case and records its result.
  fileprivate mutating func take(
    _ item: ConformanceCase, on device: any Device, note: String = ""
  ) {
    cases += 1
    let label = item.label + note
    do {
      let deviation = try item.run(on: device)
      worst = max(worst, deviation.worst)
      worstError = max(worstError, deviation.worstError)
      if !deviation.passed {
        let reason = deviation.fault ?? "off by \(deviation.worst) times what is allowed"
        failures.append(.init(label: label, reason: reason))
      }
    } catch {
      worst = .infinity
      failures.append(.init(label: label, reason: "\(error)"))
    }
  }
}
