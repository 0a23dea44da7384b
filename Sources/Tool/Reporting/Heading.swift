/// A drawing's title, in as many lines as it needs.
struct Heading: Sendable {
  private let lines: [String]

  init(_ title: String, width: Double) {
    var lines: [String] = []
    for word in title.split(separator: " ") {
      let longer = (lines.last.map { $0 + " " } ?? "") + word
      // Bold letters are wider.
      if !lines.isEmpty, textWidth(longer, size: TextSize.title * 1.1) <= width {
        lines[lines.count - 1] = longer
      } else {
        lines.append(String(word))
      }
    }
    self.lines = lines
  }

  /// The height of all lines; 0 without a title.
  var height: Double { lines.isEmpty ? 0 : Double(lines.count) * 19 + 7 }

  func elements(x: Double) -> [Element] {
    lines.enumerated().map { index, line in
      .text(
        line, x: x, y: 20 + Double(index) * 19, size: TextSize.title, ink: .text, weight: "600")
    }
  }
}
