/// Images with a number above each: a sheet for reference.
public struct NumberedSheet: Sendable {
  /// The picture.
  public let image: Picture

  /// The digits, three pixels wide and five high, each row a three-bit number.
  private static let digits: [[UInt8]] = [
    [7, 5, 5, 5, 7], [2, 6, 2, 2, 7], [7, 1, 7, 4, 7], [7, 1, 7, 1, 7], [5, 5, 7, 1, 1],
    [7, 4, 7, 1, 7], [7, 4, 7, 5, 7], [7, 1, 2, 2, 2], [7, 5, 7, 5, 7], [7, 5, 7, 1, 7],
  ]
  private static let ground: UInt8 = 32

  /// Lays out images, numbered from 1, row by row from the top left.
  /// - Parameters:
  ///   - bytes: n × imageHeight × imageWidth × channels, n ≥ 1.
  ///   - imageWidth: The width of an image in pixels.
  ///   - imageHeight: The height of an image in pixels.
  ///   - channels: 1 for gray, 3 for red, green and blue.
  ///   - columns: The images in a row.
  ///   - scale: The side, in pixels of the picture, of the square that shows one pixel of an image.
  public init(
    bytes: [UInt8], imageWidth: Int, imageHeight: Int, channels: Int, columns: Int, scale: Int
  ) {
    let size = imageWidth * imageHeight * channels
    precondition(
      !bytes.isEmpty && bytes.count % size == 0 && columns > 0 && scale > 0,
      "\(bytes.count) bytes are not whole images")
    let count = bytes.count / size
    let (dot, margin) = (2, 4)
    let strip = 5 * dot + 2 * margin
    let (cellWidth, cellHeight) = (
      max(imageWidth * scale, 4 * 4 * dot) + margin, imageHeight * scale + strip
    )
    let rows = (count + columns - 1) / columns
    let width = min(columns, count) * cellWidth + margin
    var pixels = [UInt8](repeating: Self.ground, count: width * (rows * cellHeight) * channels)
    func set(_ x: Int, _ y: Int, _ value: (Int) -> UInt8) {
      for channel in 0..<channels { pixels[(y * width + x) * channels + channel] = value(channel) }
    }
    for index in 0..<count {
      let (left, top) = (margin + index % columns * cellWidth, index / columns * cellHeight)
      for (place, character) in String(index + 1).enumerated() {
        for (y, row) in Self.digits[character.wholeNumberValue ?? 0].enumerated() {
          for x in 0..<3 where row >> (2 - x) & 1 == 1 {
            for (dx, dy) in [(0, 0), (1, 0), (0, 1), (1, 1)] {
              set(left + (place * 4 + x) * dot + dx, top + margin + y * dot + dy) { _ in 230 }
            }
          }
        }
      }
      for y in 0..<imageHeight * scale {
        for x in 0..<imageWidth * scale {
          let source = index * size + (y / scale * imageWidth + x / scale) * channels
          set(left + x, top + strip + y) { bytes[source + $0] }
        }
      }
    }
    image = Picture(width: width, height: rows * cellHeight, channels: channels, pixels: pixels)
  }
}
