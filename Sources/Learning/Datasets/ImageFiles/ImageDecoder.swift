import CImageFiles
import Files

/// The kinds of files that hold a picture, told by how they begin.
enum ImageKind {
  case png, jpeg

  init?(_ start: some Collection<UInt8>) {
    if start.starts(with: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]) {
      self = .png
    } else if start.starts(with: [0xFF, 0xD8, 0xFF]) {
      self = .jpeg
    } else {
      return nil
    }
  }

  /// The bytes that tell.
  static let startCount = 8

  /// Whether a file's name says that it holds a picture, of this or another kind.
  static func isNamed(_ path: some StringProtocol) -> Bool {
    guard let ending = fileEnding(of: path) else { return false }
    return endings.contains(ending)
  }

  private static let endings: Set<String> = [
    "png", "jpg", "jpeg", "jpe", "jfif", "gif", "bmp", "webp", "tif", "tiff", "heic", "heif",
    "avif", "jp2", "jxl", "ppm", "pgm", "pbm", "pnm", "tga", "ico",
  ]
}

/// What follows the last dot of a file's name, in small letters; nil where there is no dot.
func fileEnding(of path: some StringProtocol) -> String? {
  let name = Array(path.utf8).suffix(while: { $0 != UInt8(ascii: "/") })
  let ending = name.suffix(while: { $0 != UInt8(ascii: ".") })
  return name.count - ending.count > 1 ? String(decoding: ending, as: UTF8.self).lowercased() : nil
}

extension BidirectionalCollection {
  /// The longest end of which all elements are so.
  fileprivate func suffix(while isSo: (Element) -> Bool) -> SubSequence {
    var start = endIndex
    while start > startIndex, isSo(self[index(before: start)]) { formIndex(before: &start) }
    return self[start...]
  }
}

/// Why an image cannot be read.
struct ImageProblem: Error {
  let text: String
  /// What to do about it, where it isn't the image that must be repaired.
  var remedy: String?
}

/// Reads pictures into pixels, one after the other.
final class ImageDecoder {
  private let decoder: OpaquePointer

  /// Makes a decoder.
  /// - Throws: ``ImageProblem`` where there is no memory.
  init() throws(ImageProblem) {
    guard let decoder = image_decoder_create() else {
      throw ImageProblem(text: "there is no memory to read it", remedy: "free some memory")
    }
    self.decoder = decoder
  }

  deinit { image_decoder_destroy(decoder) }

  /// Reads a picture, and hands over its extents and its pixels, which are gone afterwards.
  func read<Result>(
    _ file: [UInt8], _ body: (ImageShape, UnsafeBufferPointer<UInt8>) -> Result
  ) throws(ImageProblem) -> Result {
    let image = try decode(file, extentsOnly: false)
    let shape = Self.shape(of: image)
    return body(shape, UnsafeBufferPointer(start: image.pixels, count: shape.count))
  }

  /// The extents of a picture, by its header.
  func shape(of file: [UInt8]) throws(ImageProblem) -> ImageShape {
    Self.shape(of: try decode(file, extentsOnly: true))
  }

  private static func shape(of image: DecodedImage) -> ImageShape {
    ImageShape(
      rows: Int(image.height), columns: Int(image.width), channels: Int(image.channels))
  }

  private func decode(_ file: [UInt8], extentsOnly: Bool) throws(ImageProblem) -> DecodedImage {
    guard !file.isEmpty else { throw ImageProblem(text: "is empty") }
    var image = DecodedImage()
    let done =
      switch ImageKind(file.prefix(ImageKind.startCount)) {
      case .png: png_read_pixels(decoder, file, file.count, extentsOnly, &image)
      case .jpeg: jpeg_read_pixels(decoder, file, file.count, extentsOnly, &image)
      case nil:
        throw ImageProblem(
          text: "is neither a PNG nor a JPEG file: it starts with \(start(of: file))")
      }
    guard done else {
      throw ImageProblem(
        text: withUnsafeBytes(of: image.reason) { reason in
          String(decoding: reason.prefix { $0 != 0 }, as: UTF8.self)
        })
    }
    return image
  }
}

/// The first bytes of a file, as text where they are text.
private func start(of file: [UInt8]) -> String {
  let bytes = file.prefix(8)
  if bytes.allSatisfy({ (32...126).contains($0) }) {
    return "\"\(String(decoding: bytes, as: UTF8.self))\""
  }
  return bytes.reduce("0x") { $0 + ($1 < 16 ? "0" : "") + String($1, radix: 16) }
}
