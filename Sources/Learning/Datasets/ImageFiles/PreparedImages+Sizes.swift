extension PreparedImages {
  /// The sizes in words, the most frequent first.
  var sizesText: String {
    let sorted = sizes.sorted {
      ($1.value, $0.key.rows, $0.key.columns) < ($0.value, $1.key.rows, $1.key.columns)
    }
    let shown = sorted.prefix(sorted.count == 4 ? 4 : 3).map { "\($0.value) of \($0.key)" }
    let rest = sorted.dropFirst(shown.count).reduce(0) { $0 + $1.value }
    guard rest > 0 else {
      return shown.dropLast().joined(separator: ", ") + " and " + (shown.last ?? "")
    }
    return shown.joined(separator: ", ")
      + " and \(rest) of \(sorted.count - shown.count) other sizes"
  }
}
