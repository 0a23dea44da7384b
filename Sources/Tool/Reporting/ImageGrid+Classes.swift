extension ImageGrid {
  /// Lays out images class by class, a row for each; many classes are split into blocks side by side, so
  /// that the picture is no strip.
  ///
  /// - Parameters:
  ///   - classes: The bytes of each class: up to `perRow` images of imageHeight × imageWidth × channels.
  ///   - perRow: The images of a row, n ≥ 1.
  ///   - imageWidth: The width of an image in pixels.
  ///   - imageHeight: The height of an image in pixels.
  ///   - channels: 1 for gray, 3 for red, green and blue.
  ///   - scale: The side, in pixels of the picture, of the square that shows one pixel;
  ///     ``scale(width:height:)`` unless given.
  public init(
    classes: [[UInt8]], perRow: Int, imageWidth: Int, imageHeight: Int, channels: Int = 1,
    scale: Int? = nil
  ) {
    let size = imageWidth * imageHeight * channels
    let background: UInt8 = 96
    let blocks = Self.blocks(classes: classes.count, perRow: perRow)
    let rows = (classes.count + blocks - 1) / blocks
    // An empty place separates the blocks.
    let columns = blocks * (perRow + 1) - 1
    var bytes: [UInt8] = []
    for row in 0..<rows {
      for block in 0..<blocks {
        let label = block * rows + row
        let images = label < classes.count ? classes[label] : []
        let places = perRow + (block + 1 < blocks ? 1 : 0)
        bytes += images
        bytes += [UInt8](repeating: background, count: places * size - images.count)
      }
    }
    self.init(
      bytes: bytes, imageWidth: imageWidth, imageHeight: imageHeight, channels: channels,
      columns: columns, scale: scale ?? Self.scale(width: imageWidth, height: imageHeight),
      background: background)
  }

  /// The number of blocks that makes the picture roughly square.
  static func blocks(classes: Int, perRow: Int) -> Int {
    guard classes > 20 else { return 1 }
    return max(1, Int((Double(classes) / Double(perRow + 1)).squareRoot().rounded()))
  }

  /// The side of the square that shows one pixel, so that images of any size are visible: 2 for 28 × 28.
  public static func scale(width: Int, height: Int) -> Int {
    let side = max(width, height)
    return side <= 28 ? 56 / side : side <= 48 ? 2 : 1
  }
}
