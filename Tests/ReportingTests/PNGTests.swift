import CPNG
import Files
import Foundation
import Testing

@testable import Reporting

@Suite struct PNGTests {
  let image = Picture(width: 37, height: 11, pixels: (0..<37 * 11).map { UInt8($0 * 7 & 255) })

  @Test func libpngReadsItBack() throws {
    #expect(try decode(image.png()) == image)
    #expect(try decode(image.png(text: [("Software", "digitalis")])) == image)
  }

  @Test func readsBackALargePicture() throws {
    let noise = (0..<1000 * 700).map { UInt8(truncatingIfNeeded: ($0 &* 2_654_435_761) >> 13) }
    let large = Picture(width: 1000, height: 700, pixels: noise)
    #expect(try decode(large.png()) == large)
  }

  @Test func libpngReadsColoursBack() throws {
    let image = Picture(
      width: 5, height: 3, channels: 4, pixels: (0..<60).map { UInt8($0 % 4 == 3 ? 255 : $0 * 4) })
    let bytes = try image.png()
    var header = png_image()
    header.version = UInt32(PNG_IMAGE_VERSION)
    defer { png_image_free(&header) }
    // libpng reads from the bytes until it has finished.
    defer { withExtendedLifetime(bytes) {} }
    try #require(png_image_begin_read_from_memory(&header, bytes, bytes.count) != 0)
    #expect(header.width == 5 && header.height == 3)
    header.format = UInt32(PNG_FORMAT_FLAG_COLOR | PNG_FORMAT_FLAG_ALPHA)
    var pixels = [UInt8](repeating: 0, count: 60)
    try #require(png_image_finish_read(&header, nil, &pixels, 20, nil) != 0)
    #expect(pixels == image.pixels)
  }

  @Test func keepsNotesInOrder() throws {
    let bytes = try image.png(text: [
      ("Software", "digitalis"), ("Comment", "two\nlines"), ("Author", "θ = 0.6"), ("Empty", ""),
    ])
    let chunks = chunks(bytes)
    #expect(chunks.map(\.type) == ["IHDR", "tEXt", "tEXt", "iTXt", "tEXt", "IDAT", "IEND"])
    #expect(chunks[1].data == Array("Software\0digitalis".utf8))
    #expect(chunks[2].data == Array("Comment\0two\nlines".utf8))
    // Keyword, not compressed, no language, no translated keyword, the text.
    #expect(chunks[3].data == Array("Author\0\0\0\0\0θ = 0.6".utf8))
    #expect(chunks[4].data == Array("Empty\0".utf8))
    #expect(
      try bytes
        == image.png(text: [
          ("Software", "digitalis"), ("Comment", "two\nlines"), ("Author", "θ = 0.6"),
          ("Empty", ""),
        ]))
  }

  @Test(arguments: ["", " a", "a ", "a  b", "ключ", "a\nb", String(repeating: "k", count: 80)])
  func refusesKeyword(key: String) {
    #expect(throws: PNGError.self) { try image.png(text: [(key, "value")]) }
  }

  @Test func refusesNul() {
    #expect(throws: PNGError.self) { try image.png(text: [("Comment", "a\0b")]) }
  }

  @Test func reportsWhatLibpngRefuses() {
    // Wider than libpng's own limit of a million pixels: its error comes back by longjmp.
    let wide = Picture(
      width: 1_000_001, height: 1, pixels: [UInt8](repeating: 0, count: 1_000_001))
    let error = #expect(throws: PNGError.self) { try wide.png() }
    #expect(error?.description.contains("IHDR") == true, "\(String(describing: error))")
  }

  @Test func writesAFile() throws {
    let path = "\(NSTemporaryDirectory())/digitalis-\(UUID().uuidString).png"
    defer { unlink(path) }
    try image.writePNG(to: path, text: [("Software", "digitalis")])
    #expect(try decode(readFile(path)) == image)
  }

  @Test func saysWhyItCannotWrite() {
    let error = #expect(throws: FileError.self) { try image.writePNG(to: "/nowhere/a.png") }
    #expect(error?.description.hasPrefix("/nowhere/a.png: cannot create the file") == true)
    let noted = #expect(throws: FileError.self) {
      try image.writePNG(to: "/nowhere/a.png", text: [("", "value")])
    }
    #expect(noted?.description.contains("cannot be the keyword") == true)
  }

  /// Reads a PNG with libpng's simplified interface, which shares nothing with the writer.
  func decode(_ bytes: [UInt8]) throws -> Picture {
    var header = png_image()
    header.version = UInt32(PNG_IMAGE_VERSION)
    defer { png_image_free(&header) }
    // libpng reads from the bytes until it has finished.
    defer { withExtendedLifetime(bytes) {} }
    try #require(png_image_begin_read_from_memory(&header, bytes, bytes.count) != 0)
    header.format = 0  // 8-bit gray
    var pixels = [UInt8](repeating: 0, count: Int(header.width * header.height))
    try #require(png_image_finish_read(&header, nil, &pixels, Int32(header.width), nil) != 0)
    return Picture(width: Int(header.width), height: Int(header.height), pixels: pixels)
  }

  /// The chunks of a PNG file, IDAT only once.
  func chunks(_ bytes: [UInt8]) -> [(type: String, data: [UInt8])] {
    var result: [(type: String, data: [UInt8])] = []
    var position = 8
    while position < bytes.count {
      let length = bytes[position..<position + 4].reduce(0) { $0 << 8 | Int($1) }
      let type = String(decoding: bytes[position + 4..<position + 8], as: UTF8.self)
      if type != "IDAT" || result.last?.type != "IDAT" {
        result.append((type, Array(bytes[position + 8..<position + 8 + length])))
      }
      position += 12 + length
    }
    return result
  }
}
