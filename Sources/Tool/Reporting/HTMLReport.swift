import Files

/// A report as one HTML file: no network and no script, light and dark, for screen and A4.
///
/// All text is escaped. In paragraphs, lists, definitions, notes and captions, text between backticks is
/// set as code.
public struct HTMLReport: Sendable {
  /// The title.
  public var title: String
  /// A sentence below it; none when empty.
  public var subtitle: String
  /// The facts at its head: the date, device, seed, total time.
  public var facts: [Definition]
  /// The content, in order.
  public private(set) var blocks: [Block]

  /// Makes a report.
  public init(title: String, subtitle: String = "", facts: [Definition] = [], blocks: [Block] = [])
  {
    self.title = title
    self.subtitle = subtitle
    self.facts = facts
    self.blocks = blocks
  }

  /// Adds content at the end.
  public mutating func add(_ blocks: Block...) { self.blocks += blocks }

  /// A part of the report.
  public enum Block: Sendable {
    /// The title of a section.
    case heading(String)
    /// The title of a part of a section.
    case subheading(String)
    /// A paragraph.
    case paragraph(String)
    /// A list with bullets.
    case list([String])
    /// Terms and their definitions, such as the choices where the paper is silent.
    case definitions([Definition])
    /// What the reader must not miss, such as a classifier below its target.
    case note(String)
    /// Text as it is, line by line, such as a command.
    case code(String)
    /// A table.
    case table(Table)
    /// A figure over the full width.
    case figure(Figure)
    /// Figures side by side, where there is room.
    case figures([Figure])
  }

  /// A term and its definition.
  public struct Definition: Sendable {
    /// The term.
    public var term: String
    /// The definition.
    public var text: String

    /// Makes a definition.
    public init(_ term: String, _ text: String) {
      self.term = term
      self.text = text
    }
  }

  /// Writes the report atomically.
  /// - Throws: `FileError` when the file can't be written.
  public func write(to path: String) throws(FileError) { try writeAtomically(html(), to: path) }

  /// The report as the text of an HTML file, which is well-formed XML too. The same report gives
  /// the same text.
  public func html() -> String {
    var body = "<header>\n<h1>\(escaped(title))</h1>\n"
    if !subtitle.isEmpty { body += "<p class=\"subtitle\">\(markup(subtitle))</p>\n" }
    if !facts.isEmpty {
      let items = facts.map {
        "<div><dt>\(escaped($0.term))</dt><dd>\(markup($0.text))</dd></div>"
      }
      body += "<dl class=\"facts\">\n\(items.joined(separator: "\n"))\n</dl>\n"
    }
    body += "</header>\n" + contents + "<main>\n"
    var section = 0
    for block in blocks {
      if case .heading = block { section += 1 }
      body += block.html(section: section) + "\n"
    }
    return """
      <!DOCTYPE html>
      <html lang="en">
      <head>
      <meta charset="utf-8"/>
      <meta name="viewport" content="width=device-width, initial-scale=1"/>
      <meta name="color-scheme" content="light dark"/>
      <title>\(escaped(title))</title>
      <style>
      \(styleSheet)</style>
      </head>
      <body>
      \(body)</main>
      </body>
      </html>

      """
  }

  /// Links to the sections, where there are enough to get lost in.
  private var contents: String {
    let headings = blocks.compactMap { if case .heading(let text) = $0 { text } else { nil } }
    guard headings.count >= 4 else { return "" }
    let links = headings.enumerated().map {
      "<a href=\"#section-\($0.offset + 1)\">\(escaped($0.element))</a>"
    }
    return "<nav aria-label=\"Contents\">\n\(links.joined(separator: "\n"))\n</nav>\n"
  }
}

extension HTMLReport.Block {
  fileprivate func html(section: Int) -> String {
    switch self {
    case .heading(let text): "<h2 id=\"section-\(section)\">\(escaped(text))</h2>"
    case .subheading(let text): "<h3>\(escaped(text))</h3>"
    case .paragraph(let text): "<p>\(markup(text))</p>"
    case .list(let items):
      "<ul>\n\(items.map { "<li>\(markup($0))</li>" }.joined(separator: "\n"))\n</ul>"
    case .definitions(let items):
      "<dl class=\"definitions\">\n"
        + items.map { "<dt>\(escaped($0.term))</dt><dd>\(markup($0.text))</dd>" }
        .joined(separator: "\n") + "\n</dl>"
    case .note(let text): "<p class=\"note\">\(markup(text))</p>"
    case .code(let text): "<pre><code>\(escaped(text))</code></pre>"
    case .table(let table): table.html
    case .figure(let figure): figure.html
    case .figures(let figures):
      "<div class=\"figures\">\n\(figures.map(\.html).joined(separator: "\n"))\n</div>"
    }
  }
}

/// Escaped text, with code between backticks.
func markup(_ text: String) -> String {
  let parts = text.split(separator: "`", omittingEmptySubsequences: false)
  var result = ""
  for (index, part) in parts.enumerated() {
    if index % 2 == 0 {
      result += escaped(String(part))
    } else if index == parts.count - 1 {
      result += "`" + escaped(String(part))  // an unpaired backtick
    } else {
      result += "<code>\(escaped(String(part)))</code>"
    }
  }
  return result
}
