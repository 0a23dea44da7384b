/// A picture as text, to look at in a terminal.
public struct TextPreview: Sendable {
  /// The picture.
  public let image: GrayImage

  /// Makes a preview of a picture.
  public init(_ image: GrayImage) { self.image = image }

  /// Renders the picture, scaled down to fit the width; it is never scaled up.
  ///
  /// A character is about twice as high as wide, so each shows two pixels, one above the other:
  /// as a half block in two of the terminal's 256 colours, or as one ASCII character of
  /// their mean brightness.
  /// - Parameters:
  ///   - width: the most characters in a line.
  ///   - color: whether escape sequences for colours may be used.
  /// - Returns: lines, each ended by a newline.
  public func text(width: Int, color: Bool) -> String {
    precondition(width > 0, "a preview of \(width) characters")
    let small = image.shrunk(toWidth: width)
    var text = ""
    for top in stride(from: 0, to: small.height, by: 2) {
      let bottom = top + 1 < small.height ? top + 1 : nil
      text += color ? small.blocks(top, bottom) : small.ramp(top, bottom)
      text += "\n"
    }
    return text
  }
}

extension GrayImage {
  /// The picture at most `limit` pixels wide, in its proportions; each pixel is a mean.
  fileprivate func shrunk(toWidth limit: Int) -> GrayImage {
    guard width > limit else { return self }
    let newHeight = max(1, (height * limit + width / 2) / width)
    var result = GrayImage(
      width: limit, height: newHeight, pixels: [UInt8](repeating: 0, count: limit * newHeight))
    for y in 0..<newHeight {
      let rows = part(y, of: newHeight, over: height)
      for x in 0..<limit {
        let columns = part(x, of: limit, over: width)
        var sum = 0
        for row in rows {
          for column in columns { sum += Int(self[column, row]) }
        }
        result[x, y] = UInt8(sum / (rows.count * columns.count))
      }
    }
    return result
  }

  /// A line of upper half blocks: the upper pixel in the foreground, the lower behind it.
  fileprivate func blocks(_ top: Int, _ bottom: Int?) -> String {
    var line = ""
    var last: (Int, Int?)?
    for x in 0..<width {
      let colors = (terminalColor(self[x, top]), bottom.map { terminalColor(self[x, $0]) })
      if last.map({ $0 != colors }) ?? true {
        line += "\u{1b}[38;5;\(colors.0)" + (colors.1.map { ";48;5;\($0)m" } ?? "m")
      }
      last = colors
      line += "▀"
    }
    return line + "\u{1b}[0m"
  }

  /// A line of ASCII characters, the brighter the denser, as for a dark terminal.
  fileprivate func ramp(_ top: Int, _ bottom: Int?) -> String {
    let characters = Array(" .:-=+*#%@")
    return String(
      (0..<width).map { x in
        let mean = (Int(self[x, top]) + Int(self[x, bottom ?? top])) / 2
        return characters[mean * characters.count / 256]
      })
  }
}

/// The pixels that the `index`th of `count` equal parts covers; at least one.
private func part(_ index: Int, of count: Int, over total: Int) -> Range<Int> {
  let start = index * total / count
  return start..<max(start + 1, (index + 1) * total / count)
}

/// The number of the nearest gray of the 256 colours: black 16, then 232 to 255, white 231.
func terminalColor(_ gray: UInt8) -> Int {
  switch gray {
  case 0..<4: 16
  case 247...: 231
  default: 232 + min(23, (Int(gray) - 3) / 10)  // those grays are 8, 18, … 238
  }
}
