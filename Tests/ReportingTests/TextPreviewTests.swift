import Testing

@testable import Reporting

@Suite struct TextPreviewTests {
  @Test func usesARampWithoutColour() {
    let image = Picture(width: 3, height: 3, pixels: [0, 255, 255, 0, 255, 0, 255, 0, 128])
    #expect(TextPreview(image).text(width: 80, color: false) == " @=\n@ +\n")
  }

  @Test func usesHalfBlocksWithColour() {
    let image = Picture(width: 3, height: 3, pixels: [0, 0, 255, 255, 255, 128, 8, 8, 8])
    #expect(
      TextPreview(image).text(width: 80, color: true)
        == "\u{1b}[38;5;16;48;5;231m▀▀\u{1b}[38;5;231;48;5;244m▀\u{1b}[0m\n"
        + "\u{1b}[38;5;232m▀▀▀\u{1b}[0m\n")
  }

  @Test func takesTheNearestGray() {
    let grays = [16: 0, 231: 255].merging((0..<24).map { (232 + $0, 8 + 10 * $0) }) { $1 }
    for gray in 0...255 {
      let nearest = grays.values.map { abs($0 - gray) }.min()
      #expect(grays[terminalColor(UInt8(gray))].map { abs($0 - gray) } == nearest, "gray \(gray)")
    }
  }

  @Test(arguments: [1, 7, 40, 99, 100, 200], [false, true])
  func fitsTheWidth(width: Int, color: Bool) {
    let image = Picture(
      width: 100, height: 60, pixels: [UInt8](repeating: 200, count: 6000))
    let lines = TextPreview(image).text(width: width, color: color).split(separator: "\n")
    let columns = min(width, 100)
    let height = max(1, (60 * columns + 50) / 100)
    #expect(lines.count == (height + 1) / 2)
    for line in lines {
      #expect(line.count { color ? $0 == "▀" : true } == columns)
      // Shrinking an even picture leaves it even: one colour for the whole line.
      #expect(Set(line.filter { "▀ .:-=+*#%@".contains($0) }).count == 1)
    }
  }

  @Test func shrinksToMeans() {
    let image = Picture(
      width: 4, height: 4,
      pixels: [
        0, 0, 255, 255, 0, 0, 255, 255,
        255, 255, 0, 0, 255, 255, 0, 0,
      ])
    #expect(TextPreview(image).text(width: 2, color: false) == "==\n")
    #expect(
      TextPreview(image).text(width: 2, color: true)
        == "\u{1b}[38;5;16;48;5;231m▀\u{1b}[38;5;231;48;5;16m▀\u{1b}[0m\n")
  }

  @Test func coloursOnlyWhereWelcome() {
    func color(_ isTerminal: Bool, _ environment: [String: String]) -> Bool {
      Terminal(isTerminal: isTerminal, width: 80, environment: environment).allowsColor
    }
    #expect(color(true, ["TERM": "xterm"]))
    #expect(color(true, ["TERM": "xterm", "NO_COLOR": ""]))
    #expect(!color(true, ["TERM": "xterm", "NO_COLOR": "1"]))
    #expect(!color(true, ["TERM": "dumb"]))
    #expect(!color(true, [:]))
    #expect(!color(false, ["TERM": "xterm"]))
    #expect(Terminal.standardOutput().width > 0)
  }

  @Test func coloursAreOfTheCube() {
    let image = Picture(
      width: 2, height: 1, channels: 3, pixels: [255, 0, 0, 0, 135, 255])
    let text = TextPreview(image).text(width: 10, color: true)
    // 16 + 36·5, and 16 + 6·2 + 5.
    #expect(text == "\u{1b}[38;5;196m▀\u{1b}[38;5;33m▀\u{1b}[0m\n")
    #expect(TextPreview(image).text(width: 10, color: false) == "-+\n")
  }
}
