/// A picture of 8-bit gray pixels.
public struct GrayImage: Sendable, Equatable {
  /// The width in pixels.
  public let width: Int
  /// The height in pixels.
  public let height: Int
  /// The intensities, 0 (black) to 255 (white), row by row from the top.
  public var pixels: [UInt8]

  /// Makes a picture of height × width pixels.
  public init(width: Int, height: Int, pixels: [UInt8]) {
    precondition(
      width > 0 && height > 0 && pixels.count == width * height,
      "\(pixels.count) pixels are not a picture of \(width) × \(height)")
    self.width = width
    self.height = height
    self.pixels = pixels
  }

  /// The pixel of column `x`, row `y`.
  public subscript(x: Int, y: Int) -> UInt8 {
    get { pixels[y * width + x] }
    set { pixels[y * width + x] = newValue }
  }
}

/// The gray of an intensity in [0, 1], rounded; what lies outside is clamped, and NaN is black.
func gray(_ intensity: Float) -> UInt8 {
  // min and max would let a NaN through to the conversion, which traps.
  guard intensity > 0 else { return 0 }
  return intensity < 1 ? UInt8((intensity * 255).rounded()) : 255
}
