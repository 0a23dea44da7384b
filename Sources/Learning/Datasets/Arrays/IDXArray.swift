import Files

extension NumberArray {
  /// Reads and checks an IDX file of any kind of numbers and up to eight dimensions, plain or packed by
  /// gzip.
  ///
  /// Its first bytes tell whether it is packed, and must agree with a name that ends in `.gz`.
  /// - Throws: `FileError` when the file is missing, unreadable, truncated, damaged, of another
  ///   kind, or longer than its dimensions say.
  static func idx(_ path: String, remedy: String) throws(FileError) -> NumberArray {
    var contents = try readFile(path)
    func problem(_ text: String) -> FileError { FileError(path, text, remedy: remedy) }

    if contents.isEmpty { throw problem("is empty") }
    let packed = isGzip(contents) ? contents : nil
    if let packed {
      // The header tells the unpacked size, before memory is allocated for it.
      contents = try gunzip(packed, path: path, remedy: remedy, first: IDXHeader.longest)
    } else if path.hasSuffix(".gz") {
      throw problem("is named .gz but starts with \(hexadecimal(contents.prefix(2))), not 0x1f8b")
    }
    let header = try IDXHeader(contents, path: path, remedy: remedy)
    guard let size = product(header.dimensions, header.type.size) else {
      throw problem("its dimensions \(header.extents) are absurd")
    }
    if let packed {
      // Deflate packs at most 1032 bytes into one.
      guard size <= 1032 * packed.count else {
        throw problem(
          "truncated: its dimensions \(header.extents) ask for \(size) bytes, which "
            + "\(packed.count) packed ones cannot hold")
      }
      // A few excess bytes are counted below; a flood of them is not unpacked.
      contents = try gunzip(
        packed, path: path, remedy: remedy, limit: min(header.length + size + 1024, 1 << 32))
    }
    // Memory of that size is allocated only now that the file is known to be as long as it claims.
    let count = contents.count - header.length
    guard count >= size else {
      throw problem(
        "truncated: its dimensions \(header.extents) ask for \(size) bytes, it has \(count)")
    }
    guard count == size else {
      let stray = count - size
      throw problem("\(stray) stray bytes follow its \(header.extents) elements")
    }
    contents.removeFirst(header.length)
    return NumberArray(
      path: path, dimensions: header.dimensions, type: header.type, isBigEndian: true,
      bytes: contents, remedy: remedy)
  }
}

/// The header of an IDX file.
struct IDXHeader {
  /// The size of the longest supported header.
  static let longest = 4 + 4 * 8

  var type: NumberType
  var dimensions: [Int]
  /// The size of the header.
  var length: Int { 4 + 4 * dimensions.count }
  /// The dimensions in text form, and the type of the numbers unless they are bytes.
  var extents: String {
    dimensions.map(String.init).joined(separator: " × ")
      + (type == .uint8 ? "" : " (\(type.text))")
  }

  private static let types: [UInt8: NumberType] = [
    0x08: .uint8, 0x09: .int8, 0x0b: .int16, 0x0c: .int32, 0x0d: .float32, 0x0e: .float64,
  ]

  /// Whether a file may be an IDX file by its first bytes.
  static func begins(_ start: some Collection<UInt8>) -> Bool {
    let start = Array(start.prefix(4))
    return start.count == 4 && start[0] == 0 && start[1] == 0 && types[start[2]] != nil
      && (1...8).contains(start[3])
  }

  /// Reads the header at the start of some bytes.
  init(_ contents: [UInt8], path: String, remedy: String) throws(FileError) {
    func problem(_ text: String) -> FileError { FileError(path, text, remedy: remedy) }
    guard contents.count >= 4 else { throw problem("truncated: \(contents.count) bytes in all") }
    guard contents[0] == 0, contents[1] == 0, let type = Self.types[contents[2]] else {
      throw problem(
        "starts with \(hexadecimal(contents.prefix(4))), not with 0x0000 and the kind of numbers "
          + "(08 for bytes) as an IDX file does")
    }
    let count = Int(contents[3])
    guard (1...8).contains(count) else { throw problem("has \(count) dimensions") }
    let length = 4 + 4 * count
    guard contents.count >= length else {
      throw problem("truncated: \(contents.count) bytes of a header of \(length)")
    }
    self.type = type
    dimensions = (1...count).map { index in
      contents[4 * index..<4 * index + 4].reduce(0) { $0 << 8 | Int($1) }
    }
  }
}

/// Bytes as one hexadecimal number, such as 0x00000803.
func hexadecimal(_ bytes: ArraySlice<UInt8>) -> String {
  bytes.reduce("0x") { text, byte in
    text + (byte < 16 ? "0" : "") + String(byte, radix: 16)
  }
}
