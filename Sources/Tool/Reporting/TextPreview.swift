/// A picture as text, to look at in a terminal.
public struct TextPreview: Sendable {
  /// The picture.
  public let image: Picture

  /// Makes a preview of a picture.
  public init(_ image: Picture) { self.image = image }

  /// Renders the picture, scaled down to fit the width; it is never scaled up.
  ///
  /// A character is about twice as tall as wide, so each shows two pixels, one above the other:
  /// as a half block in two of the terminal's 256 colours, or as one ASCII character of
  /// their mean brightness.
  /// - Parameters:
  ///   - width: the maximum number of characters in a line.
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

extension Picture {
  /// The picture scaled down to at most `limit` pixels wide, by averaging; the aspect ratio is kept.
  fileprivate func shrunk(toWidth limit: Int) -> Picture {
    guard width > limit else { return self }
    let newHeight = max(1, (height * limit + width / 2) / width)
    var small: [UInt8] = []
    small.reserveCapacity(limit * newHeight * channels)
    for y in 0..<newHeight {
      let rows = part(y, of: newHeight, over: height)
      for x in 0..<limit {
        let columns = part(x, of: limit, over: width)
        for channel in 0..<channels {
          var sum = 0
          for row in rows {
            for column in columns {
              sum += Int(pixels[(row * width + column) * channels + channel])
            }
          }
          small.append(UInt8(sum / (rows.count * columns.count)))
        }
      }
    }
    return Picture(width: limit, height: newHeight, channels: channels, pixels: small)
  }

  /// The channels of a pixel: one, or red, green and blue.
  private func pixel(_ x: Int, _ y: Int) -> ArraySlice<UInt8> {
    let start = (y * width + x) * channels
    return pixels[start..<start + min(channels, 3)]
  }

  /// A line of upper half blocks: the upper pixel in the foreground, the lower behind it.
  fileprivate func blocks(_ top: Int, _ bottom: Int?) -> String {
    var line = ""
    var last: (Int, Int?)?
    for x in 0..<width {
      let colors = (terminalColor(pixel(x, top)), bottom.map { terminalColor(pixel(x, $0)) })
      if last.map({ $0 != colors }) ?? true {
        line += "\u{1b}[38;5;\(colors.0)" + (colors.1.map { ";48;5;\($0)m" } ?? "m")
      }
      last = colors
      line += "▀"
    }
    return line + "\u{1b}[0m"
  }

  /// A line of ASCII characters, denser where brighter, for a dark terminal.
  fileprivate func ramp(_ top: Int, _ bottom: Int?) -> String {
    func brightness(_ x: Int, _ y: Int) -> Int {
      let pixel = pixel(x, y)
      return pixel.reduce(0) { $0 + Int($1) } / pixel.count
    }
    let characters = Array(" .:-=+*#%@")
    return String(
      (0..<width).map { x in
        let mean = (brightness(x, top) + brightness(x, bottom ?? top)) / 2
        return characters[mean * characters.count / 256]
      })
  }
}

/// The pixels covered by the `index`th of `count` equal parts; at least one.
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

/// The number of the nearest of the 256 colours: a gray, or one of the cube of 6 × 6 × 6.
private func terminalColor(_ pixel: ArraySlice<UInt8>) -> Int {
  guard let first = pixel.first, pixel.contains(where: { $0 != first }) else {
    return terminalColor(pixel.first ?? 0)
  }
  // The levels of the cube are 0, 95, 135, 175, 215 and 255.
  return pixel.reduce(0) { $0 * 6 + ($1 < 48 ? 0 : $1 < 115 ? 1 : (Int($1) - 35) / 40) } + 16
}
