/// A picture of 8 bits a channel.
public struct Picture: Sendable, Equatable {
  /// The width in pixels.
  public let width: Int
  /// The height in pixels.
  public let height: Int
  /// 1 for gray, 3 for red, green and blue, 4 with alpha (255 is opaque; not premultiplied).
  public let channels: Int
  /// The intensities, 0 (black) to 255, row by row from the top, with interleaved channels.
  public var pixels: [UInt8]

  /// Makes a picture of height × width × channels bytes.
  public init(width: Int, height: Int, channels: Int = 1, pixels: [UInt8]) {
    precondition(
      width > 0 && height > 0 && [1, 3, 4].contains(channels)
        && pixels.count == width * height * channels,
      "\(pixels.count) bytes are not a picture of \(width) × \(height) × \(channels)")
    self.width = width
    self.height = height
    self.channels = channels
    self.pixels = pixels
  }
}

/// The byte of an intensity in [0, 1], rounded; values outside are clamped, and NaN is black.
func byte(_ intensity: Float) -> UInt8 {
  // min and max would let a NaN through to the conversion, which traps.
  guard intensity > 0 else { return 0 }
  return intensity < 1 ? UInt8((intensity * 255).rounded()) : 255
}
