/// The names of a chart's series, each beside a sample, in as many rows as they need.
struct Legend: Sendable {
  struct Entry: Sendable {
    let name: String
    let form: Chart.Form
    let look: Chart.Look

    /// The width of the sample before the name.
    var sample: Double { form == .markers ? 12 : 28 }
    var width: Double { sample + 7 + textWidth(name, size: TextSize.label) + 20 }
  }

  private let rows: [[Entry]]

  init(entries: [Entry], width: Double) {
    var rows: [[Entry]] = []
    var used = Double.infinity
    for entry in entries {
      if used + entry.width > width {
        rows.append([])
        used = 0
      }
      rows[rows.count - 1].append(entry)
      used += entry.width
    }
    self.rows = rows
  }

  /// The height of all rows.
  var height: Double { Double(rows.count) * 21 }

  func elements(x left: Double, y top: Double) -> [Element] {
    rows.enumerated().flatMap { row, entries in
      let middle = top + Double(row) * 21 + 10
      var x = left
      return entries.flatMap { entry in
        defer { x += entry.width }
        var elements: [Element] = []
        if entry.form != .markers {
          elements.append(entry.look.element(through: [[(x, middle), (x + entry.sample, middle)]]))
        }
        if entry.form == .markers || entry.form == .markedLine {
          elements.append(entry.look.element(x + entry.sample / 2, middle, radius: 4))
        }
        elements.append(
          .text(
            entry.name, x: x + entry.sample + 7, y: middle + 4.5, size: TextSize.label, ink: .text))
        return elements
      }
    }
  }
}
