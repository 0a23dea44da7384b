import Foundation

/// A human-readable duration: `8 s`, `1:05`, `2:03:00`.
public func readable(seconds: Double) -> String {
  guard seconds.isFinite, seconds < 1e9 else { return "?" }
  let whole = Int(seconds.rounded())
  if whole < 60 { return "\(whole) s" }
  if whole < 3600 { return String(format: "%d:%02d", whole / 60, whole % 60) }
  return String(format: "%d:%02d:%02d", whole / 3600, whole / 60 % 60, whole % 60)
}

/// A human-readable memory size: `16.0 GiB`.
public func readable(bytes: Int) -> String {
  bytes < 1 << 30
    ? String(format: "%.0f MiB", Double(bytes) / Double(1 << 20))
    : String(format: "%.1f GiB", Double(bytes) / Double(1 << 30))
}

/// Rows of cells as aligned columns; the first row is the header.
public func table(_ rows: [[String]]) -> String {
  let columns = rows.map(\.count).max() ?? 0
  let widths = (0..<columns).map { column in
    rows.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0
  }
  return rows.map { row in
    let cells = row.enumerated().map { column, cell in
      column == row.count - 1
        ? cell : cell + String(repeating: " ", count: widths[column] - cell.count)
    }
    return cells.joined(separator: "  ")
  }.joined(separator: "\n")
}
