/// Images to learn from, wherever they come from: an ``ImageDataset``, or a source of your own that makes or
/// reads them when they are asked for.
public protocol SampleSource: Sendable {
  /// What errors call it.
  var name: String { get }
  /// The number of images.
  var count: Int { get }
  /// The extents of an image.
  var shape: ImageShape { get }
  /// The names of the classes, in the order of their labels; none where no image has a label.
  var classNames: [String] { get }

  /// Writes an image, rows × columns × channels, 0 (black) to 255. May be called from several threads.
  /// - Throws: What keeps it from being read.
  func image(_ index: Int, into pixels: UnsafeMutableBufferPointer<UInt8>) throws
  /// The class of an image, or ``ImageDataset/unlabelled``.
  func label(_ index: Int) -> UInt8
}

extension ImageDataset: SampleSource {
  /// Copies an image.
  public func image(_ index: Int, into pixels: UnsafeMutableBufferPointer<UInt8>) {
    let start = index * self.pixels
    _ = pixels.update(fromContentsOf: images[start..<start + self.pixels])
  }

  /// The class of an image.
  public func label(_ index: Int) -> UInt8 { labels[index] }
}
