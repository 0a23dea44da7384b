/// A transparent picture on which discs are painted, one over another.
struct Canvas {
  private let side: Int
  /// Red, green, blue and alpha of each pixel in [0, 1], with premultiplied alpha.
  private var pixels: [SIMD4<Float>]

  init(side: Int) {
    precondition(side > 0, "a picture of \(side) pixels")
    self.side = side
    pixels = [SIMD4<Float>](repeating: .zero, count: side * side)
  }

  /// Paints a disc with a soft edge of one pixel, clipped to the picture.
  mutating func disc(
    x: Float, y: Float, radius: Float, opacity: Float, color: (Float, Float, Float)
  ) {
    let solid = SIMD4<Float>(color.0 / 255, color.1 / 255, color.2 / 255, 1)
    let (left, right) = (Int((x - radius).rounded(.down)), Int((x + radius).rounded(.up)))
    let (top, bottom) = (Int((y - radius).rounded(.down)), Int((y + radius).rounded(.up)))
    for row in max(0, top)..<max(0, top, min(side, bottom)) {
      for column in max(0, left)..<max(0, left, min(side, right)) {
        let (dx, dy) = (Float(column) + 0.5 - x, Float(row) + 0.5 - y)
        let coverage = min(max(radius + 0.5 - (dx * dx + dy * dy).squareRoot(), 0), 1) * opacity
        let pixel = row * side + column
        pixels[pixel] = solid * coverage + pixels[pixel] * (1 - coverage)
      }
    }
  }

  func image() -> Picture {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(pixels.count * 4)
    for pixel in pixels {
      let alpha = pixel.w
      guard alpha > 0 else {
        bytes += [0, 0, 0, 0]
        continue
      }
      for part in [pixel.x / alpha, pixel.y / alpha, pixel.z / alpha, alpha] {
        bytes.append(byte(part))
      }
    }
    return Picture(width: side, height: side, channels: 4, pixels: bytes)
  }
}
