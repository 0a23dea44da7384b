import Benchmark
import Compute
import Foundation
import Profiling
import Reporting

extension Profile {
  /// The most operations that have a row of their own.
  private static let mostRows = 40

  /// The table of operations, and what there is to say besides.
  ///
  /// - Parameters:
  ///   - path: The file of the trace.
  ///   - peaks: What each device can do at best; empty if it was not measured.
  func text(_ path: String, _ peaks: [Peak?]) -> String {
    let all = devices.indices.flatMap { index in
      devices[index].operations.map { (index, $0) }
    }.sorted { $0.1.nanoseconds > $1.1.nanoseconds }
    // Which of several devices, and launches where there are any.
    let namesDevices = devices.count { !$0.operations.isEmpty } > 1
    let hasCommands = devices.contains { $0.commands > 0 }
    func cells(_ name: String, _ calls: Int?, _ commands: Int?, _ time: UInt64) -> [String] {
      [name, calls.map(String.init) ?? "-"]
        + (hasCommands ? [commands.map(String.init) ?? "-"] : [])
        + [
          readable(briefSeconds: Double(time) / 1e9), share(Double(time), of: Double(nanoseconds)),
        ]
    }
    var rows = [
      ["operation", "calls"] + (hasCommands ? ["launches"] : [])
        + ["time", "share", "GFLOP/s", "of peak", "GB/s", "of peak"]
    ]
    let shown = all.prefix(Self.mostRows)
    rows += shown.map { index, operation in
      let name = (namesDevices ? "\(devices[index].label): " : "") + operation.name
      let peak = index < peaks.count ? peaks[index] : nil
      return cells(name, operation.calls, operation.commands, operation.nanoseconds)
        + operation.speeds(peak)
    }
    let others = all.dropFirst(Self.mostRows).map(\.1)
    if !others.isEmpty {
      rows.append(
        cells(
          "\(others.count) others", others.reduce(0) { $0 + $1.calls },
          others.reduce(0) { $0 + $1.commands }, others.reduce(0) { $0 + $1.nanoseconds }))
    }
    let idle = nanoseconds - min(nanoseconds, operationNanoseconds)
    rows.append(cells("in no operation", nil, nil, idle))
    rows.append(cells("all", nil, nil, nanoseconds))
    let notes = devices.filter { !$0.operations.isEmpty }.map(\.note)
    return (["profile: \(path)", table(rows)] + notes).joined(separator: "\n")
  }
}

extension Profile.Operation {
  /// The speeds, and after each its share of the peak.
  fileprivate func speeds(_ peak: Peak?) -> [String] {
    func cells(_ amount: Double, _ best: Double?, _ format: String) -> [String] {
      guard amount > 0, seconds > 0 else { return ["-", "-"] }
      let speed = amount / seconds / 1e9
      return [
        String(format: format, speed), best.map { $0 > 0 ? share(speed, of: $0) : "-" } ?? "-",
      ]
    }
    return cells(cost.operations, peak?.gigaflops, "%.1f")
      + cells(cost.bytes, peak?.gigabytesPerSecond, "%.2f")
  }
}

extension Profile.DeviceUse {
  /// Launches, waits, transfers and memory, in one line.
  fileprivate var note: String {
    var parts: [String] = []
    if commands > 0 { parts.append("\(commands) launches and copies") }
    if waits > 0 {
      parts.append(
        "\(waits) waits of \(readable(briefSeconds: Double(waitNanoseconds) / 1e9)) in all")
    }
    parts.append("\(readable(bytes: bytesWritten)) written and \(readable(bytes: bytesRead)) read")
    parts.append("at most \(readable(bytes: mostMemory)) in buffers")
    if let clockError {
      parts.append(String(format: "clocks aligned within %.1f µs", Double(clockError) / 1e3))
    }
    if untimedCommands > 0 { parts.append("\(untimedCommands) commands without times") }
    return "\(label): \(parts.joined(separator: ", "))"
  }
}

private func share(_ part: Double, of whole: Double) -> String {
  whole > 0 ? String(format: "%.1f %%", 100 * part / whole) : "-"
}
