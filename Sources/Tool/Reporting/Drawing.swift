/// A vector drawing, for a file of its own or for a page whose scheme colours it.
public struct Drawing: Sendable {
  /// The width in CSS pixels.
  public let width: Double
  /// The height in CSS pixels.
  public let height: Double
  /// What the drawing shows, in a sentence, for those who can't see it.
  public let summary: String
  let elements: [Element]

  /// The drawing as an SVG file: on white, in fixed colours, so that every program renders it.
  public func svg() -> String {
    let paper = Element(
      "rect", [("width", .number(width)), ("height", .number(height)), ("fill", .ink(.paper))])
    return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
      + root([paper] + elements).text { $0.light } + "\n"
  }

  /// The drawing as a part of an HTML page, in the colours of the page's scheme.
  func inlineSVG() -> String { root(elements).text { "var(\($0.variable))" } }

  private func root(_ elements: [Element]) -> Element {
    Element(
      "svg",
      [
        ("xmlns", "http://www.w3.org/2000/svg"), ("width", .number(width)),
        ("height", .number(height)),
        ("viewBox", .text("0 0 \(coordinate(width)) \(coordinate(height))")), ("role", "img"),
        ("aria-label", .text(summary)),
        ("font-family", "system-ui, Helvetica, Arial, 'Liberation Sans', sans-serif"),
      ], children: elements)
  }
}

/// An element of an SVG drawing.
struct Element: Sendable {
  /// The value of an attribute.
  enum Value: Sendable, ExpressibleByStringLiteral {
    case text(String)
    case number(Double)
    case ink(Ink)

    init(stringLiteral value: String) { self = .text(value) }
  }

  let name: String
  let attributes: [(name: String, value: Value)]
  let children: [Element]
  let content: String

  init(
    _ name: String, _ attributes: [(String, Value)], children: [Element] = [], content: String = ""
  ) {
    self.name = name
    self.attributes = attributes
    self.children = children
    self.content = content
  }

  /// The element as SVG text, with colours by `color`.
  func text(color: (Ink) -> String) -> String {
    var result = "<" + name
    for (name, value) in attributes {
      let value =
        switch value {
        case .text(let text): escaped(text)
        case .number(let number): coordinate(number)
        case .ink(let ink): color(ink)
        }
      result += " \(name)=\"\(value)\""
    }
    guard !children.isEmpty || !content.isEmpty else { return result + "/>" }
    result += ">" + escaped(content)
    for child in children { result += "\n" + child.text(color: color) }
    return result + (children.isEmpty ? "" : "\n") + "</\(name)>"
  }
}

extension Element {
  /// A straight line.
  static func line(
    _ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, _ ink: Ink, width: Double = 1,
    dash: String = ""
  ) -> Element {
    Element(
      "line",
      [
        ("x1", .number(x1)), ("y1", .number(y1)), ("x2", .number(x2)), ("y2", .number(y2)),
        ("stroke", .ink(ink)), ("stroke-width", .number(width)),
      ] + (dash.isEmpty ? [] : [("stroke-dasharray", .text(dash))]))
  }

  /// A line of text; `anchor` is start, middle or end, and `y` its baseline.
  static func text(
    _ text: String, x: Double, y: Double, size: Double, ink: Ink, anchor: String = "start",
    weight: String = "", halo: Bool = false, turned: Bool = false
  ) -> Element {
    var attributes: [(String, Value)] = [
      ("x", .number(x)), ("y", .number(y)), ("font-size", .number(size)), ("fill", .ink(ink)),
    ]
    if anchor != "start" { attributes.append(("text-anchor", .text(anchor))) }
    if !weight.isEmpty { attributes.append(("font-weight", .text(weight))) }
    if halo {
      attributes += [
        ("stroke", .ink(.paper)), ("stroke-width", "3"), ("stroke-linejoin", "round"),
        ("paint-order", "stroke"),
      ]
    }
    if turned {
      attributes.append(("transform", .text("rotate(-90 \(coordinate(x)) \(coordinate(y)))")))
    }
    return Element("text", attributes, content: text)
  }
}

/// The approximate width of a line of text, erring on the wide side, since fonts differ.
func textWidth(_ text: String, size: Double) -> Double {
  text.reduce(0) { width, character in
    let part =
      switch character {
      case "i", "j", "l", "t", "f", "I", " ", ".", ",", ":", ";", "|", "'", "’", "(", ")", "[", "]":
        0.36
      case "m", "w", "M", "W", "@", "%", "—": 0.92
      case "A"..."Z": 0.68
      case "0"..."9": 0.62
      default: character.isASCII ? 0.58 : 0.66
      }
    return width + part * size
  }
}
