import Files

/// An array of bytes in the IDX format of MNIST, plain or packed by gzip.
///
/// The format: two zero bytes, the type of the elements (8 for unsigned bytes), the number of
/// dimensions, each dimension as a big-endian 32-bit number, then the elements in row-major order.
public struct IDXFile: Sendable {
  /// The extents, the slowest-changing first.
  public let dimensions: [Int]
  /// The elements in row-major order, as many as the product of the dimensions.
  public let bytes: [UInt8]

  /// Reads and checks a file.
  ///
  /// Its first bytes tell whether it is packed, but a name that ends in `.gz` must not lie.
  /// - Parameters:
  ///   - path: the file.
  ///   - dimensionCount: the number of dimensions that it must have: 3 for images, 1 for labels.
  ///   - remedy: what an error tells the user to do about a broken file.
  /// - Throws: ``FileError`` when the file is missing, unreadable, truncated, damaged, of another
  ///   kind, or longer than its dimensions say.
  public init(
    path: String, dimensionCount: Int, remedy: String = "fetch the file again"
  ) throws(FileError) {
    var contents = try readFile(path)
    func problem(_ text: String) -> FileError { FileError(path, text, remedy: remedy) }

    if contents.isEmpty { throw problem("is empty") }
    let packed = isGzip(contents) ? contents : nil
    let header = 4 + 4 * dimensionCount
    if let packed {
      // The header tells how much there is to unpack, before memory is taken for it.
      contents = try gunzip(packed, path: path, remedy: remedy, first: header)
    } else if path.hasSuffix(".gz") {
      throw problem("is named .gz but starts with \(hexadecimal(contents.prefix(2))), not 0x1f8b")
    }

    guard contents.count >= 4 else { throw problem("truncated: \(contents.count) bytes in all") }
    guard contents[0] == 0, contents[1] == 0, contents[2] == 8 else {
      let expected: [UInt8] = [0, 0, 8, UInt8(dimensionCount)]
      throw problem(
        "starts with \(hexadecimal(contents.prefix(4))), not with \(hexadecimal(expected[...]))"
          + " as an IDX file of bytes does")
    }
    guard Int(contents[3]) == dimensionCount else {
      throw problem("has \(contents[3]) dimensions instead of \(dimensionCount)")
    }
    guard contents.count >= header else {
      throw problem("truncated: \(contents.count) bytes of a header of \(header)")
    }

    let dimensions = (1...dimensionCount).map { index in
      contents[4 * index..<4 * index + 4].reduce(0) { $0 << 8 | Int($1) }
    }
    self.dimensions = dimensions
    let extents = dimensions.map(String.init).joined(separator: " × ")
    var size = 1
    for dimension in dimensions {
      let (product, overflow) = size.multipliedReportingOverflow(by: dimension)
      if overflow { throw problem("its dimensions \(extents) are absurd") }
      size = product
    }
    if let packed {
      // Deflate packs at most 1032 bytes into one.
      guard size <= 1032 * packed.count else {
        throw problem(
          "truncated: its dimensions \(extents) ask for \(size) bytes, which \(packed.count) packed "
            + "ones cannot hold")
      }
      // A few bytes too many are counted below; a flood of them is not waited for.
      contents = try gunzip(
        packed, path: path, remedy: remedy, limit: min(header + size + 1024, 1 << 30))
    }
    // Only now, when the file is known to be as long as it says, is anything that large made.
    let count = contents.count - header
    guard count >= size else {
      throw problem("truncated: its dimensions \(extents) ask for \(size) bytes, it has \(count)")
    }
    guard count == size else {
      throw problem("\(count - size) stray bytes follow its \(extents) elements")
    }
    contents.removeFirst(header)
    bytes = contents
  }
}

/// Bytes as one number, such as 0x00000803.
private func hexadecimal(_ bytes: ArraySlice<UInt8>) -> String {
  bytes.reduce("0x") { text, byte in
    text + (byte < 16 ? "0" : "") + String(byte, radix: 16)
  }
}
