import Files

/// What a program is built from, as text, and the name that follows from it.
struct ProgramKey: Sendable, Hashable {
  /// All that can change the built program.
  let text: String
  /// The SHA-256 of the text.
  let name: String

  /// A key.
  /// - Parameters:
  ///   - identity: The compiler and the device, as ``ProgramIdentity`` has them.
  ///   - options: The options of the build.
  ///   - source: The source with its includes.
  init(identity: String, options: String, source: String) {
    text = "\(identity)options \(options.debugDescription)\n\n\(source)"
    name = sha256(Array(text.utf8))
  }
}

/// A built program and its key as the bytes of a file.
///
/// They are: a mark with the number of the format, the SHA-256 of all that follows, the lengths of key and binary in
/// eight bytes each, the key, the binary.
struct ProgramEntry {
  private static let mark = Array("digiprg1".utf8)
  private static let start = mark.count + 64

  /// The bytes of an entry.
  static func bytes(_ key: ProgramKey, _ binary: [UInt8]) -> [UInt8] {
    let text = Array(key.text.utf8)
    let rest = number(text.count) + number(binary.count) + text + binary
    return mark + Array(sha256(rest).utf8) + rest
  }

  /// The binary in an entry; nil unless the entry is whole and has this key.
  static func binary(in bytes: [UInt8], _ key: ProgramKey) -> [UInt8]? {
    let text = Array(key.text.utf8)
    let header = start + 16 + text.count
    guard bytes.count > header, bytes.starts(with: mark) else { return nil }
    let rest = Array(bytes[start...])
    guard rest.starts(with: number(text.count) + number(bytes.count - header) + text),
      bytes[mark.count..<start].elementsEqual(sha256(rest).utf8)
    else { return nil }
    return Array(bytes[header...])
  }

  private static func number(_ value: Int) -> [UInt8] {
    (0..<8).map { UInt8(truncatingIfNeeded: value >> (56 - 8 * $0)) }
  }
}
