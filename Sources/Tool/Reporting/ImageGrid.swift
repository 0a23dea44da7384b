/// Many images of one size, laid out in rows and columns as one picture.
public struct ImageGrid: Sendable {
  /// The picture.
  public let image: Picture
  /// The images in a row.
  public let columns: Int
  /// The rows, of which the last may be partly empty.
  public let rows: Int

  /// Lays out images of intensities, row by row from the top left.
  /// - Parameters:
  ///   - images: n × imageHeight × imageWidth × channels, n ≥ 1, in [0, 1]. Values outside are clamped; a
  ///     NaN is drawn black, since a picture must not stop a run.
  ///   - imageWidth: the width of an image in pixels.
  ///   - imageHeight: the height of an image in pixels.
  ///   - channels: 1 for gray, 3 for red, green and blue.
  ///   - columns: the images in a row; fewer when there are fewer images.
  ///   - scale: the side, in pixels of the picture, of the square that shows one pixel.
  ///   - gap: the space between neighbours, in pixels of an image (it is scaled too).
  ///   - background: the gray of the gaps and of places without an image.
  public init(
    images: [Float], imageWidth: Int, imageHeight: Int, channels: Int = 1, columns: Int,
    scale: Int = 1, gap: Int = 1, background: UInt8 = 96
  ) {
    self.init(
      bytes: images.map(byte), imageWidth: imageWidth, imageHeight: imageHeight,
      channels: channels, columns: columns, scale: scale, gap: gap, background: background)
  }

  /// Lays out images of bytes, 0 (black) to 255, such as those of a data set.
  ///
  /// - Parameters:
  ///   - bytes: n × imageHeight × imageWidth × channels, n ≥ 1. The others are as above.
  ///   - imageWidth: the width of an image in pixels.
  ///   - imageHeight: the height of an image in pixels.
  ///   - channels: 1 for gray, 3 for red, green and blue.
  ///   - columns: the images in a row; fewer when there are fewer images.
  ///   - scale: the side, in pixels of the picture, of the square that shows one pixel.
  ///   - gap: the space between neighbours, in pixels of an image (it is scaled too).
  ///   - background: the gray of the gaps and of places without an image.
  public init(
    bytes: [UInt8], imageWidth: Int, imageHeight: Int, channels: Int = 1, columns: Int,
    scale: Int = 1, gap: Int = 1, background: UInt8 = 96
  ) {
    precondition(imageWidth > 0 && imageHeight > 0 && columns > 0 && scale > 0 && gap >= 0)
    let size = imageWidth * imageHeight * channels
    precondition(
      !bytes.isEmpty && bytes.count % size == 0,
      "\(bytes.count) bytes are not whole images of \(imageWidth) × \(imageHeight) × \(channels)")
    let count = bytes.count / size
    self.columns = min(columns, count)
    self.rows = (count + columns - 1) / columns

    let (cellWidth, cellHeight) = (imageWidth + gap, imageHeight + gap)
    let width = (self.columns * cellWidth - gap) * scale
    let height = (self.rows * cellHeight - gap) * scale
    var picture = [UInt8](repeating: background, count: width * height * channels)
    for index in 0..<count {
      let left = index % self.columns * cellWidth * scale
      let top = index / self.columns * cellHeight * scale
      for y in 0..<imageHeight * scale {
        let source = index * size + y / scale * imageWidth * channels
        let target = ((top + y) * width + left) * channels
        for x in 0..<imageWidth * scale {
          for channel in 0..<channels {
            picture[target + x * channels + channel] =
              bytes[source + x / scale * channels + channel]
          }
        }
      }
    }
    image = Picture(width: width, height: height, channels: channels, pixels: picture)
  }
}
