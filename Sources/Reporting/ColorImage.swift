/// A picture of 8-bit colours with transparency, for what must look well on any background.
public struct ColorImage: Sendable, Equatable {
  /// The width in pixels.
  public let width: Int
  /// The height in pixels.
  public let height: Int
  /// Red, green, blue and alpha (255 is opaque; the colours aren't multiplied by it), row by row
  /// from the top.
  public var pixels: [UInt8]

  /// Makes a picture of height × width × 4 bytes.
  public init(width: Int, height: Int, pixels: [UInt8]) {
    precondition(
      width > 0 && height > 0 && pixels.count == 4 * width * height,
      "\(pixels.count) bytes are not a colour picture of \(width) × \(height)")
    self.width = width
    self.height = height
    self.pixels = pixels
  }
}
