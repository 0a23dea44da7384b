import Foundation

/// An invalid word of the command line, in one line with a remedy.
public struct ArgumentError: Error, CustomStringConvertible, Equatable {
  public let description: String
}

/// The words of the command line, which the system passes as arbitrary bytes.
public enum Arguments {
  /// The words after the name of the program.
  /// - Throws: ``ArgumentError`` showing an invalid word.
  public static func checked() throws(ArgumentError) -> [String] {
    let pointers = (0..<Int(CommandLine.argc)).compactMap { CommandLine.unsafeArgv[$0] }
    return try check(
      pointers.dropFirst().map { Array(UnsafeBufferPointer(start: $0, count: strlen($0))) })
  }

  /// Swift would replace bytes that are not UTF-8, and so name other files; an empty word is a script's
  /// unset variable.
  static func check(_ words: [[CChar]]) throws(ArgumentError) -> [String] {
    var texts: [String] = []
    for word in words {
      let bytes = word.map { UInt8(bitPattern: $0) }
      guard let text = String(validating: bytes, as: UTF8.self) else {
        throw ArgumentError(
          description:
            "\(escaped(bytes)): is not UTF-8; rename the file, or name a symbolic link to it")
      }
      if let name = nameOfEmpty(text, after: texts.last) {
        throw ArgumentError(description: "\(name) '': must not be empty; give it a value")
      }
      texts.append(text)
    }
    return texts
  }

  /// What an empty word is the value of: an option, or an unnamed argument.
  private static func nameOfEmpty(_ word: String, after previous: String?) -> String? {
    if word.isEmpty {
      return previous.flatMap { $0.hasPrefix("--") ? $0 : nil } ?? "an argument"
    }
    let isEmptied = word.hasPrefix("--") && word.firstIndex(of: "=") == word.indices.last
    return isEmptied ? String(word.dropLast()) : nil
  }

  /// A word in shell quoting: `$'p\xff.png'`.
  static func escaped(_ bytes: [UInt8]) -> String {
    let text = bytes.map { byte in
      switch byte {
      case UInt8(ascii: "'"), UInt8(ascii: "\\"): "\\" + String(UnicodeScalar(byte))
      case 0x20..<0x7F: String(UnicodeScalar(byte))
      default: String(format: "\\x%02x", byte)
      }
    }
    return "$'\(text.joined())'"
  }
}
