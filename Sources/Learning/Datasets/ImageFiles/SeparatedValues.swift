import Files

/// The records of a text of comma-, tab- or semicolon-separated values, after RFC 4180: a quoted value may
/// contain separators, line breaks and doubled quotes.
struct SeparatedValues {
  /// A line, or several if a value has line breaks.
  struct Record {
    /// The number of its first line.
    let line: Int
    let values: [String]
  }

  /// A problem, and its line.
  struct Problem: Error {
    let text: String
  }

  /// All records except empty lines, including the header.
  private(set) var records: [Record] = []

  /// Reads a text.
  /// - Parameter separator: The separator; nil to detect it from the first line.
  /// - Throws: ``Problem`` for unterminated or misplaced quotes, and for a byte that no text has.
  init(_ bytes: [UInt8], separator: UInt8? = nil) throws(Problem) {
    let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
    var position = bytes.starts(with: mark) ? mark.count : 0
    let separator = separator ?? Self.separator(of: bytes[position...])
    var line = 1
    while position < bytes.count {
      let first = line
      var values: [String] = []
      var isLast = false
      while !isLast {
        let value = try Self.value(bytes, &position, &line, separator)
        values.append(value.trimmingSpaces())
        isLast = position >= bytes.count || bytes[position] != separator
        position += 1  // the separator, or a line break
        if isLast, position < bytes.count, bytes[position - 1] == .carriageReturn,
          bytes[position] == .lineFeed
        {
          position += 1
        }
      }
      line += 1
      if values != [""] { records.append(Record(line: first, values: values)) }
    }
  }

  /// The most frequent separator of the first line.
  private static func separator(of bytes: ArraySlice<UInt8>) -> UInt8 {
    let line = bytes.prefix { $0 != .lineFeed && $0 != .carriageReturn }
    func count(_ separator: UInt8) -> Int { line.count { $0 == separator } }
    let candidates = [UInt8(ascii: ","), UInt8(ascii: "\t"), UInt8(ascii: ";")]
    return candidates.max { count($0) < count($1) || count($0) == count($1) && $0 != .comma }
      ?? .comma
  }

  /// Reads one value, up to what follows it.
  private static func value(
    _ bytes: [UInt8], _ position: inout Int, _ line: inout Int, _ separator: UInt8
  ) throws(Problem) -> String {
    var text: [UInt8] = []
    func isEnd(_ byte: UInt8) -> Bool {
      byte == separator || byte == .lineFeed || byte == .carriageReturn
    }
    if position < bytes.count, bytes[position] == .quote {
      let first = line
      position += 1
      while true {
        guard position < bytes.count else {
          throw Problem(text: "line \(first): its quotes do not end")
        }
        let byte = bytes[position]
        position += 1
        if byte == .quote {
          guard position < bytes.count, bytes[position] == .quote else { break }
          position += 1
        }
        if byte == .lineFeed { line += 1 }
        text.append(byte)
      }
      guard position >= bytes.count || isEnd(bytes[position]) else {
        throw Problem(text: "line \(line): more follows a value in quotes")
      }
    } else {
      let start = position
      while position < bytes.count, !isEnd(bytes[position]) { position += 1 }
      text = Array(bytes[start..<position])
    }
    guard !text.contains(0), let value = String(validating: text, as: UTF8.self) else {
      throw Problem(text: "line \(line): holds bytes that are no text in UTF-8")
    }
    return value
  }
}

extension UInt8 {
  fileprivate static let comma = UInt8(ascii: ",")
  fileprivate static let quote = UInt8(ascii: "\"")
  fileprivate static let lineFeed = UInt8(ascii: "\n")
  fileprivate static let carriageReturn = UInt8(ascii: "\r")
}

extension String {
  /// The text without spaces and tabs around it.
  fileprivate func trimmingSpaces() -> String {
    func isSpace(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }
    guard let first = utf8.first, let last = utf8.last, isSpace(first) || isSpace(last) else {
      return self
    }
    let start = utf8.drop(while: isSpace)
    guard let end = start.lastIndex(where: { !isSpace($0) }) else { return "" }
    return String(self[start.startIndex...end])
  }
}

/// The records of a table file, each with the number of its line.
/// - Throws: `FileError` when the file is missing or is not a table.
package func separatedValues(_ path: String, remedy: String) throws(FileError) -> [(
  line: Int, values: [String]
)] {
  let bytes = try readFile(path, limit: 1 << 28)
  do throws(SeparatedValues.Problem) {
    return try SeparatedValues(bytes).records.map { ($0.line, $0.values) }
  } catch {
    throw FileError(path, error.text, remedy: remedy)
  }
}
