import Files
import Foundation
import Testing

@testable import Reporting

@Suite struct HTMLReportTests {
  func sample(_ text: String) throws -> HTMLReport {
    let image = ImageGrid(
      images: [Float](repeating: 0.5, count: 16), imageWidth: 2, imageHeight: 2, columns: 2
    ).image
    let chart = Chart(
      summary: text, x: .init(text), y: .init(text), series: [.init(text, values: [1, 2])])
    var report = HTMLReport(title: text, subtitle: text, facts: [.init(text, text)])
    report.add(
      .heading(text), .heading(text), .heading(text), .heading(text), .subheading(text),
      .paragraph(text), .list([text, text]), .definitions([.init(text, text)]), .note(text),
      .code(text),
      .table(
        .init(
          caption: text, columns: [.init(text), .init(text, group: text)],
          rows: [
            [.text(text), .number(1, decimals: 2)]
          ])), .figure(.init(chart.drawing(), caption: text)),
      .figures([try .init(image, alt: text, caption: text)]))
    return report
  }

  @Test(arguments: [
    "a", "<script>alert('x')</script>", "&\u{301}\"'`", "a `b < c` d", "\u{0}\u{1b}", "]]>",
  ])
  func escapesEverything(text: String) throws {
    let html = try sample(text).html()
    #expect(isWellFormed(html))
    #expect(!html.contains("<script"))
  }

  @Test func needsNoNetwork() throws {
    let html = try sample("a").html()
    // The only address is the name of SVG's own namespace.
    #expect(count("http", in: html) == count("http://www.w3.org/2000/svg", in: html))
    #expect(!html.contains("url(") && !html.contains("@import") && !html.contains("<link"))
  }

  @Test func isTheSameEachTime() throws { #expect(try sample("a").html() == sample("a").html()) }

  @Test func escapesScalarsRatherThanCharacters() {
    #expect(escaped("&\u{301}<\u{301}") == "&amp;\u{301}&lt;\u{301}")
    #expect(escaped("a\tb\nc\u{b}") == "a\tb\nc\u{FFFD}")
  }

  @Test func setsCode() {
    #expect(markup("run `a < b` now") == "run <code>a &lt; b</code> now")
    #expect(markup("one ` alone") == "one ` alone")
    #expect(markup("`a` and `b`") == "<code>a</code> and <code>b</code>")
  }

  @Test func alignsNumbersAndIntervals() {
    let table = HTMLReport.Table(
      columns: [.init("name"), .init("paper", group: "cosine"), .init("ours", group: "cosine")],
      rows: [
        ["a", .number(0.92, decimals: 4), .number(0.91999, decimals: 4, margin: 0.00042)],
        ["b", .none, .number(-1234, decimals: 0)], ["c", .number(.nan, decimals: 2), "none"],
      ])
    let html = table.html
    #expect(
      html.contains(
        "<td class=\"number\">0.9200</td><td class=\"number\">0.9200</td><td class=\"margin\">± 0.0004</td>"
      ))
    #expect(
      html.contains(
        "<td class=\"number\">—</td><td class=\"number\">−1,234</td><td class=\"margin\"></td>"))
    #expect(
      html.contains("<td class=\"number\">—</td><td class=\"number\" colspan=\"2\">none</td>"))
    #expect(html.contains("<th class=\"group\" colspan=\"3\" scope=\"colgroup\">cosine</th>"))
    // Each row fills the same number of columns.
    for row in html.components(separatedBy: "<tr>").dropFirst() {
      let cells = count("<td", in: row) + count("<th", in: row)
      let extra = [2, 3].reduce(0) { $0 + count("colspan=\"\($1)\"", in: row) * ($1 - 1) }
      #expect(cells + extra == 4, "\(row)")
    }
  }

  @Test func printsNumbersPlainly() {
    #expect(fixed(-0.00001, decimals: 2) == "0.00")
    #expect(fixed(.infinity, decimals: 2) == "—")
    #expect(grouped("1234567") == "1,234,567")
    #expect(grouped("-123") == "-123")
    #expect(grouped("1234.5") == "1234.5")
    #expect(coordinate(-0.001) == "0" && coordinate(1.25) == "1.25" && coordinate(-0.5) == "-0.5")
    #expect(coordinate(2.07) == "2.07" && coordinate(.nan) == "0")
  }

  @Test func darkIsForScreensOnly() {
    #expect(count("prefers-color-scheme: dark", in: styleSheet) == 1)
    #expect(styleSheet.contains("@media screen and (prefers-color-scheme: dark)"))
    for ink in Ink.all { #expect(count("\(ink.variable):", in: styleSheet) == 2, "\(ink)") }
  }

  @Test func textCanBeReadInBothSchemes() {
    // WCAG asks 4.5 of text, and 3 of what graphics need.
    for (ink, least) in [(Ink.text, 7.0), (.muted, 4.5)]
      + (0..<Ink.seriesCount).map({ (.series($0), 3) })
    {
      #expect(contrast(ink.light, Ink.paper.light) >= least, "\(ink)")
      #expect(contrast(ink.dark, Ink.paper.dark) >= least, "\(ink)")
    }
  }

  @Test func saysWhyItCannotWrite() {
    #expect(throws: FileError.self) { try HTMLReport(title: "a").write(to: "/nowhere/report.html") }
  }

  func contrast(_ a: String, _ b: String) -> Double {
    let (x, y) = (luminance(a), luminance(b))
    return (max(x, y) + 0.05) / (min(x, y) + 0.05)
  }

  func luminance(_ color: String) -> Double {
    let value = Int(color.dropFirst(), radix: 16) ?? 0
    let parts = [16, 8, 0].map { shift -> Double in
      let part = Double(value >> shift & 255) / 255
      return part <= 0.04045 ? part / 12.92 : pow((part + 0.055) / 1.055, 2.4)
    }
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]
  }
}
