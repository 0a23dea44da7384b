/// A colour by its role, defined by the page's scheme.
enum Ink: Sendable, Equatable {
  /// Text and marks that must be read.
  case text
  /// Axis titles, ticks, captions.
  case muted
  /// Lines that only guide the eye.
  case grid
  /// The background.
  case paper
  /// The background of highlighted parts, such as a table's head.
  case shade
  /// The colour of a series; the colours repeat after ``seriesCount``.
  case series(Int)

  /// The number of series colours.
  static let seriesCount = 6

  /// All of them, for the page's style sheet.
  static var all: [Ink] {
    [.text, .muted, .grid, .paper, .shade] + (0..<seriesCount).map(Ink.series)
  }

  /// The name of the style sheet's variable.
  var variable: String {
    switch self {
    case .text: "--text"
    case .muted: "--muted"
    case .grid: "--grid"
    case .paper: "--paper"
    case .shade: "--shade"
    case .series(let index): "--series-\(index % Ink.seriesCount)"
    }
  }

  /// The colour on white; series use Okabe and Ito's palette, safe for all kinds of colour blindness, with
  /// the light ones darkened enough for thin lines.
  var light: String {
    switch self {
    case .text: "#1b1f24"
    case .muted: "#57606a"
    case .grid: "#dfe3e8"
    case .paper: "#ffffff"
    case .shade: "#f5f6f8"
    case .series(let index):
      ["#0072b2", "#d55e00", "#008f68", "#b5558c", "#a87a00", "#4b5560"][index % Ink.seriesCount]
    }
  }

  /// The colour on a dark page.
  var dark: String {
    switch self {
    case .text: "#e6e8eb"
    case .muted: "#a3abb5"
    case .grid: "#343a43"
    case .paper: "#14171b"
    case .shade: "#1e2228"
    case .series(let index):
      ["#56b4e9", "#ff8c4a", "#35c79b", "#e692c0", "#e6b93c", "#b4bcc6"][index % Ink.seriesCount]
    }
  }
}
