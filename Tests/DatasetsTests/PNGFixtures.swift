import CZlib

/// A chunk of a PNG file.
func pngChunk(_ name: String, _ contents: [UInt8]) -> [UInt8] {
  let body = Array(name.utf8) + contents
  return bigEndian(UInt32(contents.count)) + body
    + bigEndian(UInt32(crc32_z(0, body, body.count)))
}

/// A PNG file of rows of samples as they stand there.
///
/// - Parameters:
///   - depth: The bits of a sample.
///   - colour: PNG's number: 0 gray, 2 colours, 3 a palette; 4 more for alpha.
///   - more: Chunks before the pixels.
func png(
  _ width: Int, _ height: Int, depth: UInt8 = 8, colour: UInt8 = 0, _ rows: [[UInt8]],
  more: [UInt8] = [], interlaced: Bool = false
) -> [UInt8] {
  let header = bigEndian(UInt32(width)) + bigEndian(UInt32(height))
  return [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
    + pngChunk("IHDR", header + [depth, colour, 0, 0, interlaced ? 1 : 0]) + more
    + pngChunk("IDAT", deflated(rows.flatMap { [0] + $0 })) + pngChunk("IEND", [])
}

/// A gray PNG file of one row.
func png(_ row: [UInt8]) -> [UInt8] { png(row.count, 1, [row]) }

private func bigEndian(_ number: UInt32) -> [UInt8] {
  [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: number >> $0) }
}

private func deflated(_ bytes: [UInt8]) -> [UInt8] {
  var count = compressBound(UInt(bytes.count))
  var packed = [UInt8](repeating: 0, count: Int(count))
  compress(&packed, &count, bytes, UInt(bytes.count))
  return Array(packed.prefix(Int(count)))
}
