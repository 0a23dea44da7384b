import Foundation
import Testing

@testable import Reporting

#if canImport(FoundationXML)
  import FoundationXML
#endif

/// Whether a text is well-formed XML, as SVG files must be, and the report is meant to be.
func isWellFormed(_ text: String) -> Bool {
  /// Foundation's parser here does not mind a file that ends too early: this counts what is open.
  final class Depth: NSObject, XMLParserDelegate {
    var open = 0
    func parser(
      _ parser: XMLParser, didStartElement name: String, namespaceURI: String?,
      qualifiedName: String?, attributes: [String: String]
    ) { open += 1 }
    func parser(
      _ parser: XMLParser, didEndElement name: String, namespaceURI: String?, qualifiedName: String?
    ) { open -= 1 }
  }
  let parser = XMLParser(data: Data(text.utf8))
  let depth = Depth()
  parser.delegate = depth
  return parser.parse() && depth.open == 0
}

/// The number of times that a text holds another.
func count(_ part: String, in text: String) -> Int { text.components(separatedBy: part).count - 1 }

@Suite struct ChartTests {
  func chart(_ series: [Chart.Series], x: Chart.Axis = .init("x"), y: Chart.Axis = .init("y"))
    -> Chart
  {
    Chart(title: "A & B", summary: "\"a\" < b", x: x, y: y, series: series)
  }

  @Test func isWellFormedWhateverTheNames() {
    let chart = Chart(
      title: "<b>&amp;\u{7}", summary: "\"'>", x: .init("a<b"), y: .init("&"),
      series: [.init("]]>", [.init(1, 2, label: "<&>")], form: .markedLine)],
      references: [.x(1, "</svg>"), .y(2, "\"")])
    let svg = chart.drawing().svg()
    #expect(isWellFormed(svg))
    #expect(svg.contains("&lt;b&gt;&amp;amp;\u{FFFD}"))
    #expect(!svg.contains("<b>"))
    // The check itself can fail.
    #expect(!isWellFormed(svg.replacingOccurrences(of: "</svg>", with: "")))
    #expect(!isWellFormed(svg.replacingOccurrences(of: "&lt;", with: "<")))
  }

  @Test func drawsEveryKindOfValue() {
    let odd: [Double] = [
      .nan, .infinity, -.infinity, 0, -0.0, 1e300, -1e300, .leastNonzeroMagnitude,
      .greatestFiniteMagnitude, 1, -1,
    ]
    for x in odd {
      for y in odd {
        let odd = Chart.Point(x, y, xMargin: y, yMargin: x, label: "p")
        for isLogarithmic in [false, true] {
          for form in [Chart.Form.line, .markedLine, .steps, .markers] {
            let svg = chart(
              [
                .init("s", [odd, .init(2, 3)], form: form)
              ],
              x: .init("x", isLogarithmic: isLogarithmic),
              y: .init("y", isLogarithmic: isLogarithmic)
            ).drawing().svg()
            #expect(!svg.contains("nan") && !svg.contains("inf"), "\(x) \(y)")
          }
        }
      }
    }
  }

  @Test func saysThatThereIsNoData() {
    for series in [[], [Chart.Series("s", [])], [.init("s", values: [.nan, .nan])]] {
      let svg = chart(series).drawing().svg()
      #expect(isWellFormed(svg))
      #expect(svg.contains(">no data<"))
    }
    #expect(!chart([.init("s", values: [1])]).drawing().svg().contains("no data"))
  }

  @Test func breaksTheLineWhereAValueIsMissing() throws {
    let series = Chart.Series("s", values: [1, 2, .nan, 4, 5])
    let axis = Chart.Axis("", range: 0...10)
    let scale = Scale(axis, values: [], from: 0, to: 100)
    let parts = series.parts(scale, scale)
    #expect(parts.map { $0.map(\.x) } == [[10, 20], [40, 50]])
    #expect(parts.map { $0.map(\.y) } == [[10, 20], [40, 50]])
  }

  @Test func stepsKeepTheirValue() {
    let series = Chart.Series("s", [.init(0, 5), .init(4, 3)], form: .steps)
    let scale = Scale(.init("", range: 0...10), values: [], from: 0, to: 10)
    let part = series.parts(scale, scale)[0]
    #expect(part.map(\.x) == [0, 4, 4])
    #expect(part.map(\.y) == [5, 5, 3])
  }

  @Test func placesValues() throws {
    let linear = Scale(.init("", range: 2...4), values: [], from: 100, to: 0)
    #expect(linear(2) == 100 && linear(3) == 50 && linear(4) == 0 && linear(.nan) == nil)
    let logarithmic = Scale(
      .init("", range: 1...100, isLogarithmic: true), values: [], from: 0, to: 10)
    #expect(try abs(#require(logarithmic(10)) - 5) < 1e-12)
    #expect(logarithmic(0) == nil && logarithmic(-1) == nil)
    // By default all values fit, with room.
    let fitted = Scale(.init(""), values: [1, .nan, 3], from: 0, to: 1)
    #expect(fitted.range.lowerBound < 1 && fitted.range.upperBound > 3)
    #expect(fitted.range.lowerBound > 0.8 && fitted.range.upperBound < 3.2)
  }

  @Test func namesSeriesInTheLegendOnly() {
    let svg = chart([.init("first", values: [1, 2]), .init("", values: [2, 1])]).drawing().svg()
    #expect(count(">first<", in: svg) == 1)
    #expect(svg.contains("stroke-dasharray=\"7 4\""), "the second line differs by its dash too")
  }

  @Test func namesPointsAndReferences() {
    let points = [Chart.Point(1, 1, label: "here"), .init(2, 2), .init(9, 9, label: "outside")]
    var chart = chart([.init("s", points, form: .markers)])
    chart.references = [.x(1.5, "between"), .y(-20, "far below")]
    for part in ["here", "outside", "between", "far below"] {
      #expect(count(">\(part)<", in: chart.drawing().svg()) == 1)
    }
    // What a given range leaves out has no name either.
    chart.x.range = 0...3
    chart.y.range = 0...3
    let svg = chart.drawing().svg()
    #expect(svg.contains(">here<") && svg.contains(">between<"))
    #expect(!svg.contains(">outside<") && !svg.contains(">far below<"))
  }

  @Test func drawsConfidenceIntervals() {
    let plain = chart([.init("s", [.init(1, 1), .init(2, 2)], form: .markers)])
    var barred = plain
    barred.x.range = 0...3
    barred.y.range = 0...3
    var bare = barred
    barred.series[0].points[0] = .init(1, 1, xMargin: 0.1, yMargin: 0.2)
    #expect(
      count("<line", in: barred.drawing().svg()) == count("<line", in: bare.drawing().svg()) + 6)
    bare.series[0].points[0].yMargin = .nan
    #expect(isWellFormed(bare.drawing().svg()))
    // By default the axis has room for the bars.
    bare.y.range = nil
    bare.series[0].points[0].yMargin = 100
    #expect(bare.drawing().svg().contains(">−100<"))
  }

  @Test func isTheSameEachTime() {
    let points = (0..<2000).map { Chart.Point(Double($0 * 7919 % 1000), Double($0 % 131)) }
    let chart = chart([.init("s", points, form: .markers), .init("t", values: [1, 100])])
    #expect(chart.drawing().svg() == chart.drawing().svg())
    // A cloud is one element, and not a long one.
    #expect(chart.drawing().svg().utf8.count < 60_000)
  }

  @Test func takesTheColoursOfThePageOrItsOwn() {
    let drawing = chart([.init("s", values: [1, 2])]).drawing()
    #expect(drawing.inlineSVG().contains("var(--series-0)"))
    #expect(!drawing.inlineSVG().contains("\"#"))
    #expect(!drawing.svg().contains("var("))
    #expect(drawing.svg().contains("fill=\"#ffffff\""), "a white background of its own")
  }

  @Test func keepsLabelsApart() {
    let placer = LabelPlacer(bounds: Box(x: 0, y: 0, width: 600, height: 300))
    let requests = [300.0, 310, 320, 330].map {
      LabelPlacer.Request(width: 90, height: 16, around: $0, 8)
    }
    let boxes = placer.place(requests)
    for (index, box) in boxes.enumerated() {
      #expect(box.overlap(with: placer.bounds) == 90 * 16, "inside")
      for other in boxes[(index + 1)...] { #expect(box.overlap(with: other) == 0) }
    }
  }
}

@Suite struct TicksTests {
  @Test(arguments: [
    (0.0...1.0, 5, ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]),
    (0.5...1.0, 5, ["0.5", "0.6", "0.7", "0.8", "0.9", "1.0"]),
    (-0.2...0.2, 4, ["−0.2", "−0.1", "0.0", "0.1", "0.2"]),
    (0.9713...0.9989, 5, ["0.98", "0.99"]),
    (71.0...203.0, 4, ["100", "150", "200"]),
    (0.0...20000.0, 4, ["0", "5,000", "10,000", "15,000", "20,000"]),
    (1e8...3e8, 2, ["1e+08", "2e+08", "3e+08"]),
  ])
  func areRound(range: ClosedRange<Double>, count: Int, labels: [String]) {
    let ticks = Ticks(in: range, count: count)
    #expect(ticks.labels == labels)
    #expect(ticks.values.allSatisfy { range.contains($0) })
  }

  @Test func haveExactValues() {
    #expect(
      Ticks(in: 0...1, count: 10).values == [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1])
  }

  @Test func areAboutAsManyAsAsked() {
    for exponent in -9...9 {
      for start in [-3.3, 0, 0.123, 71] {
        for span in [1, 1.7, 2.5, 4.9, 9.99] {
          let unit = pow(10, Double(exponent))
          let ticks = Ticks(in: start * unit...(start + span) * unit, count: 6)
          #expect((2...13).contains(ticks.values.count), "\(start) \(span) \(unit)")
          #expect(Set(ticks.labels).count == ticks.labels.count, "\(ticks.labels)")
        }
      }
    }
  }

  @Test func areFiniteWhereRoundingDrownsThem() {
    for range in [
      1e17...1e17 + 64, 1.0...1.0, 0.0...Double.leastNonzeroMagnitude, -1e308...0.7e308,
    ] {
      let ticks = Ticks(in: range, count: 5)
      #expect(!ticks.values.isEmpty && ticks.values.allSatisfy(\.isFinite), "\(range)")
    }
  }

  @Test func arePowersOfTenWhereLogarithmic() {
    #expect(
      Ticks(logarithmicIn: 1...1e6).labels.joined(separator: " ")
        == "1 10 100 1,000 10,000 100,000 1,000,000")
    #expect(Ticks(logarithmicIn: 0.1...10).labels == ["0.1", "0.2", "0.5", "1", "2", "5", "10"])
    #expect(Ticks(logarithmicIn: 1.1...1.9).values.count > 1)
  }
}
