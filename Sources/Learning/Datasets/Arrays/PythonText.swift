/// A Python literal, of the kinds in the header of an `.npy` file.
enum PythonText: Equatable {
  case text(String)
  case truth(Bool)
  case tuple([Int])
  /// A list, which describes records; its contents don't matter.
  case list

  /// Parses a dictionary whose keys are strings; nil if the text is none.
  static func dictionary(_ text: String) -> [String: PythonText]? {
    var reader = Reader(rest: text.utf8[...])
    guard reader.take("{") else { return nil }
    var fields: [String: PythonText] = [:]
    while !reader.take("}") {
      guard let key = reader.quoted(), reader.take(":"), let value = reader.value() else {
        return nil
      }
      fields[key] = value
      guard reader.take(",") || reader.next == UInt8(ascii: "}") else { return nil }
    }
    return reader.next == nil ? fields : nil
  }

  private struct Reader {
    var rest: Substring.UTF8View

    /// The next byte that is no space.
    var next: UInt8? {
      mutating get {
        rest = rest.drop { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\n") }
        return rest.first
      }
    }

    mutating func take(_ character: Unicode.Scalar) -> Bool {
      guard next == UInt8(ascii: character) else { return false }
      rest.removeFirst()
      return true
    }

    mutating func quoted() -> String? {
      guard let quote = next, quote == UInt8(ascii: "'") || quote == UInt8(ascii: "\"") else {
        return nil
      }
      rest.removeFirst()
      guard let end = rest.firstIndex(of: quote) else { return nil }
      defer { rest = rest[end...].dropFirst() }
      return String(rest[..<end])
    }

    mutating func value() -> PythonText? {
      switch next {
      case UInt8(ascii: "T"): return take(word: "True") ? .truth(true) : nil
      case UInt8(ascii: "F"): return take(word: "False") ? .truth(false) : nil
      case UInt8(ascii: "("): return tuple()
      case UInt8(ascii: "["): return list()
      default: return quoted().map { .text($0) }
      }
    }

    private mutating func take(word: String) -> Bool {
      guard rest.starts(with: word.utf8) else { return false }
      rest = rest.dropFirst(word.utf8.count)
      return true
    }

    private mutating func tuple() -> PythonText? {
      guard take("(") else { return nil }
      var numbers: [Int] = []
      while !take(")") {
        _ = next
        let digits = rest.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        guard let number = Int(String(digits) ?? "") else { return nil }
        rest = rest.dropFirst(digits.count)
        // Python 2 wrote 3L.
        _ = take("L")
        numbers.append(number)
        guard take(",") || next == UInt8(ascii: ")") else { return nil }
      }
      return .tuple(numbers)
    }

    private mutating func list() -> PythonText? {
      var depth = 0
      while let byte = next {
        rest.removeFirst()
        if byte == UInt8(ascii: "[") { depth += 1 }
        if byte == UInt8(ascii: "]") { depth -= 1 }
        if depth == 0 { return .list }
      }
      return nil
    }
  }
}
