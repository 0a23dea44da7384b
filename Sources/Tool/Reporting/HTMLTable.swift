extension HTMLReport {
  /// A table, of numbers above all.
  public struct Table: Sendable {
    /// What it shows; none when empty.
    public var caption: String
    /// The columns.
    public var columns: [Column]
    /// The rows; each has a cell for each column.
    public var rows: [[Cell]]

    /// Makes a table; the first column holds the names of the rows.
    public init(caption: String = "", columns: [Column], rows: [[Cell]]) {
      precondition(
        rows.allSatisfy { $0.count == columns.count }, "a row without a cell for each column")
      self.caption = caption
      self.columns = columns
      self.rows = rows
    }
  }

  /// A column of a table.
  public struct Column: Sendable {
    /// The heading.
    public var title: String
    /// A heading over this and its neighbours of the same group, such as a measure whose columns are the
    /// paper's value and ours.
    public var group: String

    /// Makes a column.
    public init(_ title: String, group: String = "") {
      self.title = title
      self.group = group
    }
  }

  /// A cell of a table.
  public enum Cell: Sendable, ExpressibleByStringLiteral {
    /// Text, aligned to the left.
    case text(String)
    /// A number with its decimals and half its confidence interval, aligned at the point. One that
    /// isn't finite is shown as a dash.
    case number(Double, decimals: Int, margin: Double? = nil)
    /// Nothing to say.
    case none

    /// Makes a cell of text.
    public init(stringLiteral value: String) { self = .text(value) }
  }
}

extension HTMLReport.Table {
  var html: String {
    var text = "<div class=\"scroll\"><table>\n"
    if !caption.isEmpty { text += "<caption>\(markup(caption))</caption>\n" }
    text += "<thead>\n\(head)</thead>\n<tbody>\n"
    for row in rows {
      text += "<tr>"
      for (index, cell) in row.enumerated() { text += html(cell, index) }
      text += "</tr>\n"
    }
    return text + "</tbody>\n</table></div>"
  }

  /// Whether a column's numbers have intervals, which take a column of their own, so that both are aligned.
  private func hasMargins(_ column: Int) -> Bool {
    rows.contains { if case .number(_, _, .some) = $0[column] { true } else { false } }
  }

  private func isNumeric(_ column: Int) -> Bool {
    rows.contains { if case .number = $0[column] { true } else { false } }
  }

  private func span(_ columns: Range<Int>) -> Int {
    columns.reduce(0) { $0 + (hasMargins($1) ? 2 : 1) }
  }

  private var head: String {
    var groups: [(name: String, columns: Range<Int>)] = []
    for (index, column) in columns.enumerated() {
      if let last = groups.last, last.name == column.group {
        groups[groups.count - 1].columns = last.columns.lowerBound..<index + 1
      } else {
        groups.append((column.group, index..<index + 1))
      }
    }
    var text = ""
    if groups.contains(where: { !$0.name.isEmpty }) {
      text += "<tr>"
      for (name, columns) in groups {
        text +=
          name.isEmpty
          ? "<td colspan=\"\(span(columns))\"></td>"
          : "<th class=\"group\" colspan=\"\(span(columns))\" scope=\"colgroup\">\(escaped(name))</th>"
      }
      text += "</tr>\n"
    }
    text += "<tr>"
    for (index, column) in columns.enumerated() {
      let kind = isNumeric(index) ? " class=\"number\"" : ""
      text += "<th\(kind) scope=\"col\">\(escaped(column.title))</th>"
      if hasMargins(index) { text += "<td class=\"margin\"></td>" }
    }
    return text + "</tr>\n"
  }

  private func html(_ cell: HTMLReport.Cell, _ column: Int) -> String {
    let second = hasMargins(column) ? "<td class=\"margin\"></td>" : ""
    let kind = isNumeric(column) ? " class=\"number\"" : ""
    switch cell {
    case .text(let text) where column == 0: return "<th scope=\"row\">\(markup(text))</th>"
    // Text among numbers spans both of their columns.
    case .text(let text):
      let style = kind.isEmpty && text.count > 24 ? " class=\"long\"" : kind
      return "<td\(style)\(second.isEmpty ? "" : " colspan=\"2\"")>\(markup(text))</td>"
    case .none: return "<td\(kind)>\(isNumeric(column) ? "—" : "")</td>" + second
    case .number(let value, let decimals, let margin):
      let number = "<td\(kind)>\(minus(grouped(fixed(value, decimals: decimals))))</td>"
      guard let margin, margin.isFinite else { return number + second }
      return number + "<td class=\"margin\">± \(fixed(margin, decimals: decimals))</td>"
    }
  }
}
