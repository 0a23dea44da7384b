import CImageFiles
import Files
import Foundation

/// Why a picture could not be made into a PNG file.
public struct PNGError: Error, Sendable, CustomStringConvertible {
  /// The reason, in one line.
  public let description: String
}

extension Picture {
  /// The picture as the bytes of a PNG file: 8 bits a channel, with notes.
  ///
  /// The same picture and notes give the same bytes: there is no time stamp.
  /// - Parameter text: keywords and values in order, such as `("Software", "digitalis")`. A keyword
  ///   is 1 to 79 printable ASCII characters. An ASCII value becomes a tEXt chunk, any other an iTXt chunk
  ///   in UTF-8.
  /// - Throws: ``PNGError`` for a keyword that PNG does not allow, a picture too large for it, or
  ///   when memory runs out.
  public func png(text: [(key: String, value: String)] = []) throws(PNGError) -> [UInt8] {
    try packPNG(pixels, width: width, height: height, channels: channels, text: text)
  }

  /// Writes the picture as a PNG file, atomically.
  /// - Parameters:
  ///   - path: the file; an existing one is replaced.
  ///   - text: notes, as for ``png(text:)``.
  /// - Throws: `FileError` when the picture cannot be packed or the file cannot be written.
  public func writePNG(
    to path: String, text: [(key: String, value: String)] = []
  ) throws(FileError) {
    let bytes: [UInt8]
    do {
      bytes = try png(text: text)
    } catch {
      throw FileError(
        path, "cannot make the PNG: \(error)", remedy: "change the picture's notes or size")
    }
    try writeAtomically(bytes, to: path)
  }
}

/// Packs rows of pixels of 1, 3 or 4 channels.
private func packPNG(
  _ pixels: [UInt8], width: Int, height: Int, channels: Int, text: [(key: String, value: String)]
) throws(PNGError) -> [UInt8] {
  for (key, value) in text {
    guard (1...79).contains(key.utf8.count), key.utf8.allSatisfy({ (32...126).contains($0) }),
      key.first != " ", key.last != " ", !key.contains("  ")
    else { throw PNGError(description: "\"\(key)\" cannot be the keyword of a PNG note") }
    guard !value.utf8.contains(0) else {
      throw PNGError(description: "the note \"\(key)\" holds a NUL character, which PNG forbids")
    }
  }
  guard width <= UInt32.max, height <= UInt32.max else {
    throw PNGError(description: "\(width) × \(height) pixels are too many for PNG")
  }

  // Copies that outlive the call: the notes hold pointers to them.
  let strings = text.map { (strdup($0.key), strdup($0.value)) }
  var file = PNGFile()
  defer {
    for (key, value) in strings {
      free(key)
      free(value)
    }
    free(file.bytes)
  }
  let notes = zip(strings, text).map { pointers, note in
    PNGNote(
      keyword: pointers.0, value: pointers.1, ascii: note.value.utf8.allSatisfy { $0 < 128 })
  }
  guard
    png_write_pixels(
      pixels, UInt32(width), UInt32(height), UInt32(channels), notes, notes.count, &file)
  else {
    throw PNGError(
      description: withUnsafeBytes(of: file.reason) { reason in
        String(decoding: reason.prefix { $0 != 0 }, as: UTF8.self)
      })
  }
  return Array(UnsafeBufferPointer(start: file.bytes, count: file.count))
}
