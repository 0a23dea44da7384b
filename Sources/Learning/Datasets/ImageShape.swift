/// The shape of an image.
public struct ImageShape: Sendable, Hashable, Codable, CustomStringConvertible {
  /// The height in pixels.
  public var rows: Int
  /// The width in pixels.
  public var columns: Int
  /// 1 for gray, 3 for red, green and blue; channels are interleaved.
  public var channels: Int

  /// Describes images.
  public init(rows: Int, columns: Int, channels: Int = 1) {
    precondition(rows > 0 && columns > 0 && channels > 0, "extents must be positive")
    self.rows = rows
    self.columns = columns
    self.channels = channels
  }

  /// The number of elements of an image: one for each pixel and channel.
  public var count: Int { rows * columns * channels }

  /// The shape in text form: `28 × 28`, or `32 × 32 × 3`.
  public var description: String {
    "\(rows) × \(columns)" + (channels == 1 ? "" : " × \(channels)")
  }
}
