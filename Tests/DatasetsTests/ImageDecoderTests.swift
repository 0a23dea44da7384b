import CImageFiles
import Foundation
import Testing

@testable import Datasets

@Suite struct ImageDecoderTests {
  let decoder: ImageDecoder

  init() throws { decoder = try ImageDecoder() }

  func decode(_ file: [UInt8]) throws -> (shape: ImageShape, pixels: [UInt8]) {
    let result = try decoder.read(file) { ($0, Array($1)) }
    #expect(try decoder.shape(of: file) == result.0)
    return (result.0, result.1)
  }

  func pixels(_ file: [UInt8], _ channels: Int = 1) throws -> [UInt8] {
    let image = try decode(file)
    #expect(image.shape.channels == channels)
    return image.pixels
  }

  func problem(_ file: [UInt8]) throws -> String {
    let error = #expect(throws: ImageProblem.self) { try decoder.read(file) { $1.count } }
    // The decoder is as good as new.
    #expect(try decoder.read(png([7])) { Array($1) } == [7])
    #expect(try decoder.shape(of: JPEGFixtures.gray).rows == 3)
    return try #require(error).text
  }

  @Test func readsGrayOfAnyDepth() throws {
    #expect(
      try pixels(png(8, 2, depth: 1, [[0b1011_0000], [1]])) == [
        255, 0, 255, 255, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255,
      ])
    #expect(try pixels(png(4, 1, depth: 2, [[0b0001_1011]])) == [0, 85, 170, 255])
    #expect(try pixels(png(4, 1, depth: 4, [[0x01, 0x8F]])) == [0, 17, 136, 255])
    #expect(try pixels(png(3, 2, [[0, 1, 2], [253, 254, 255]])) == [0, 1, 2, 253, 254, 255])
    // 0x7FFF is 127.498 of 255.
    #expect(
      try pixels(png(4, 1, depth: 16, [[0, 0, 0x7F, 0xFF, 0x80, 0x80, 0xFF, 0xFF]]))
        == [0, 127, 128, 255])
  }

  @Test func readsColours() throws {
    #expect(
      try pixels(png(2, 1, colour: 2, [[1, 2, 3, 250, 251, 252]]), 3) == [1, 2, 3, 250, 251, 252])
    #expect(
      try pixels(png(1, 1, depth: 16, colour: 2, [[1, 1, 0x80, 0, 0xFE, 0xFE]]), 3)
        == [1, 128, 254])
  }

  @Test func readsPalettes() throws {
    let colours = pngChunk("PLTE", [255, 0, 0, 0, 255, 0, 0, 0, 255, 9, 8, 7])
    #expect(
      try pixels(png(4, 1, depth: 2, colour: 3, [[0b0001_1011]], more: colours), 3)
        == [255, 0, 0, 0, 255, 0, 0, 0, 255, 9, 8, 7])
    let grays = pngChunk("PLTE", [255, 255, 255, 3, 3, 3])
    #expect(
      try pixels(png(3, 1, depth: 1, colour: 3, [[0b0100_0000]], more: grays)) == [255, 3, 255])
  }

  @Test func setsTransparentBeforeWhite() throws {
    #expect(try pixels(png(3, 1, colour: 4, [[10, 255, 10, 0, 0, 128]])) == [10, 255, 127])
    #expect(
      try pixels(png(3, 1, colour: 6, [[1, 2, 3, 255, 1, 2, 3, 0, 0, 100, 200, 51]]), 3)
        == [1, 2, 3, 255, 255, 255, 204, 224, 244])
    #expect(
      try pixels(
        png(1, 1, depth: 16, colour: 6, [[0, 0, 0xFF, 0xFF, 0x80, 0x80, 0x80, 0x80]]), 3)
        == [127, 255, 191])
    let palette =
      pngChunk("PLTE", [255, 0, 0, 0, 255, 0, 0, 0, 255]) + pngChunk("tRNS", [255, 0, 51])
    #expect(
      try pixels(png(3, 1, colour: 3, [[0, 1, 2]], more: palette), 3)
        == [255, 0, 0, 255, 255, 255, 204, 204, 255])
    #expect(try pixels(png(3, 1, [[5, 6, 7]], more: pngChunk("tRNS", [0, 6]))) == [5, 255, 7])
    let key = pngChunk("tRNS", [0, 1, 0, 2, 0, 3])
    #expect(
      try pixels(png(2, 1, colour: 2, [[1, 2, 3, 4, 5, 6]], more: key), 3)
        == [255, 255, 255, 4, 5, 6])
  }

  @Test func readsInterlacedRows() throws {
    // The passes of Adam7, of 5 × 4 pixels that tell where they are.
    let passes =
      [(0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4), (2, 0, 4, 2), (0, 1, 2, 2)]
      + [(1, 0, 2, 1)]
    let rows = passes.flatMap { top, left, down, right in
      stride(from: top, to: 4, by: down).map { y in
        stride(from: left, to: 5, by: right).map { x in UInt8(10 * y + x) }
      }
    }
    let expected = (0..<4).flatMap { y in (0..<5).map { x in UInt8(10 * y + x) } }
    #expect(try pixels(png(5, 4, rows, interlaced: true)) == expected)
  }

  @Test func readsJPEG() throws {
    let gray = try decode(JPEGFixtures.gray)
    #expect(gray.shape == ImageShape(rows: 3, columns: 5))
    #expect(
      gray.pixels == [0, 17, 34, 51, 68, 85, 102, 119, 136, 153, 171, 187, 205, 221, 239])
    for file in [JPEGFixtures.colours, JPEGFixtures.progressive] {
      let colours = try decode(file)
      #expect(colours.shape == ImageShape(rows: 2, columns: 3, channels: 3))
      #expect(
        colours.pixels == [
          254, 0, 3, 2, 255, 0, 0, 2, 249, 255, 253, 255, 2, 4, 3, 115, 127, 139,
        ])
    }
  }

  @Test(arguments: [1, 3])
  func readsWhatIsWritten(channels: UInt32) throws {
    let samples: [UInt8] = [0, 1, 2, 127, 128, 129, 253, 254, 255, 7, 8, 9]
    var file = PNGFile()
    defer { free(file.bytes) }
    let width = UInt32(samples.count) / channels / 2
    try #require(png_write_pixels(samples, width, 2, channels, nil, 0, &file))
    let bytes = Array(UnsafeBufferPointer(start: file.bytes, count: file.count))
    #expect(try pixels(bytes, Int(channels)) == samples)
  }

  @Test func mixesInks() throws {
    let file = JPEGFixtures.inks
    let image = try decode(file)
    #expect(image.shape == ImageShape(rows: 2, columns: 4, channels: 3))
    #expect(image.pixels == (0..<8).flatMap { _ in [183, 137, 92] as [UInt8] })
    // Without Adobe's mark the numbers are inks, and not what is missing of them.
    let mark = try #require(file.indices.first { file[$0...].starts(with: [0xFF, 0xEE]) })
    let plain = Array(file[..<mark] + file[(mark + 16)...])
    #expect(try pixels(plain, 3) == (0..<8).flatMap { _ in [5, 10, 16] as [UInt8] })
  }

  private static let corners: [(UInt8, [UInt8])] = [
    (1, [0, 80, 160, 240]), (2, [80, 0, 240, 160]), (3, [240, 160, 80, 0]),
    (4, [160, 240, 0, 80]), (5, [0, 160, 80, 240]), (6, [160, 0, 240, 80]),
    (7, [240, 80, 160, 0]), (8, [80, 240, 0, 160]),
  ]

  @Test(arguments: corners)
  func turnsUpright(orientation: UInt8, tones: [UInt8]) throws {
    var file = JPEGFixtures.turned
    let tag = try #require(file.indices.first { file[$0...].starts(with: [1, 0x12, 0, 3]) })
    #expect(file[tag + 9] == 2)
    file[tag + 9] = orientation
    let (shape, pixels) = try decode(file)
    let (rows, columns) = orientation > 4 ? (16, 8) : (8, 16)
    #expect(shape == ImageShape(rows: rows, columns: columns))
    let corners = [(0, 0), (0, columns - 1), (rows - 1, 0), (rows - 1, columns - 1)]
    #expect(corners.map { pixels[$0.0 * columns + $0.1] } == tones)
  }

  @Test func refusesGiants() throws {
    let giant = png(100_000, 100_000, [[0]])
    #expect(try problem(giant) == "has 100000 × 100000 pixels, more than 64 million")
    #expect(
      try problem(png(1_000_001, 1, [[0]])) == "has 1 × 1000001 pixels, more than 1000000 in a line"
    )
    var jpeg = JPEGFixtures.gray
    let frame = try #require(jpeg.indices.first { jpeg[$0...].starts(with: [0xFF, 0xC0]) })
    jpeg.replaceSubrange(frame + 5..<frame + 9, with: [0xFF, 0x00, 0xFF, 0x00])
    #expect(try problem(jpeg) == "has 65280 × 65280 pixels, more than 64 million")
  }

  @Test func refusesWhatIsCutOff() throws {
    for file in [png(3, 2, [[0, 1, 2], [3, 4, 5]]), JPEGFixtures.gray, JPEGFixtures.progressive] {
      for count in 0..<file.count { _ = try problem(Array(file.prefix(count))) }
    }
    #expect(try problem([]) == "is empty")
    #expect(
      try problem(Array(png([1]).dropLast(4))) == "its PNG data is damaged (it is cut off)")
    #expect(try problem(Array(JPEGFixtures.gray.dropLast(2))).contains("Premature end"))
  }

  @Test func refusesDamage() throws {
    // A PNG file has a checksum for each chunk, so that no bit may differ.
    let file = png(3, 2, [[0, 1, 2], [3, 4, 5]])
    for bit in 0..<8 * file.count {
      var damaged = file
      damaged[bit / 8] ^= 1 << (bit % 8)
      _ = try problem(damaged)
    }
    // Of a JPEG file it's enough that it does no harm.
    for file in [JPEGFixtures.colours, JPEGFixtures.progressive, JPEGFixtures.inks] {
      for bit in 0..<8 * file.count {
        var damaged = file
        damaged[bit / 8] ^= 1 << (bit % 8)
        _ = try? decoder.read(damaged) { $1.count }
      }
    }
    #expect(try pixels(JPEGFixtures.gray).count == 15)
  }

  @Test func refusesOtherFiles() throws {
    #expect(
      try problem(Array("GIF89a, and more".utf8))
        == "is neither a PNG nor a JPEG file: it starts with \"GIF89a, \"")
    #expect(
      try problem([0, 1, 255]) == "is neither a PNG nor a JPEG file: it starts with 0x0001ff")
    #expect(try problem(png(0, 3, [[]])).contains("damaged"))
    #expect(try problem([0xFF, 0xD8, 0xFF]).contains("cannot be read"))
  }
}
