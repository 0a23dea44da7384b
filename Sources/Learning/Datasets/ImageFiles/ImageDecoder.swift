import CImageFiles
import Files

/// The kinds of picture files, identified by their first bytes.
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

  /// The number of bytes that identify them.
  static let startCount = 8

  /// Whether a file is a picture by its name, of this or another kind.
  static func isNamed(_ path: some StringProtocol) -> Bool {
    guard let ending = fileEnding(of: path) else { return false }
    return endings.contains(ending)
  }

  private static let endings: Set<String> = [
    "png", "jpg", "jpeg", "jpe", "jfif", "gif", "bmp", "webp", "tif", "tiff", "heic", "heif",
    "avif", "jp2", "jxl", "ppm", "pgm", "pbm", "pnm", "tga", "ico",
  ]
}

/// The file name's extension in lower case; nil if there is none.
func fileEnding(of path: some StringProtocol) -> String? {
  let name = Array(path.utf8).suffix(while: { $0 != UInt8(ascii: "/") })
  let ending = name.suffix(while: { $0 != UInt8(ascii: ".") })
  return name.count - ending.count > 1 ? String(decoding: ending, as: UTF8.self).lowercased() : nil
}

extension BidirectionalCollection {
  /// The longest suffix whose elements all satisfy a predicate.
  fileprivate func suffix(while isSo: (Element) -> Bool) -> SubSequence {
    var start = endIndex
    while start > startIndex, isSo(self[index(before: start)]) { formIndex(before: &start) }
    return self[start...]
  }
}

/// Why an image cannot be read.
struct ImageProblem: Error {
  let text: String
  /// What to do about it, if not to repair the image.
  var remedy: String?
}

/// Decodes pictures into pixels, one after another.
final class ImageDecoder {
  private let decoder: OpaquePointer

  /// Makes a decoder.
  /// - Throws: ``ImageProblem`` if there is no memory.
  init() throws(ImageProblem) {
    guard let decoder = image_decoder_create() else {
      throw ImageProblem(text: "there is no memory to read it", remedy: "free some memory")
    }
    self.decoder = decoder
  }

  deinit { image_decoder_destroy(decoder) }

  /// Decodes a picture, and passes on its shape and its pixels, which are valid only during the call.
  func read<Result>(
    _ file: [UInt8], _ body: (ImageShape, UnsafeBufferPointer<UInt8>) -> Result
  ) throws(ImageProblem) -> Result {
    let image = try decode(file, extentsOnly: false)
    let shape = Self.shape(of: image)
    return body(shape, UnsafeBufferPointer(start: image.pixels, count: shape.count))
  }

  /// The shape of a picture, from its header.
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

/// The first bytes of a file, as text if they are text.
private func start(of file: [UInt8]) -> String {
  let bytes = file.prefix(8)
  if bytes.allSatisfy({ (32...126).contains($0) }) {
    return "\"\(String(decoding: bytes, as: UTF8.self))\""
  }
  return bytes.reduce("0x") { $0 + ($1 < 16 ? "0" : "") + String($1, radix: 16) }
}
