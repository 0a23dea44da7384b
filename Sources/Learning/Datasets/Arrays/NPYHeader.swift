import Files

/// The header of an `.npy` file: a magic number, the length of a text, and that text, a Python dictionary
/// such as `{'descr': '<f4', 'fortran_order': False, 'shape': (60000, 28, 28), }`.
struct NPYHeader {
  var type = NumberType.uint8
  var isBigEndian = false
  /// Whether the first dimension changes fastest.
  var isFortran = false
  var dimensions: [Int] = []
  /// The number of bytes before the numbers.
  var length = 0

  private static let magic: [UInt8] = [0x93] + Array("NUMPY".utf8)
  /// The maximum length of the text that anybody writes.
  private static let longestText = 1 << 16
  private static let remedy = "save it anew with numpy.save"

  /// Whether bytes begin as every `.npy` file does.
  static func begins(_ start: some Sequence<UInt8>) -> Bool { start.starts(with: magic) }

  /// Whether bytes, however few, may be the first ones of an `.npy` file.
  static func mayBegin(with bytes: [UInt8]) -> Bool { begins(bytes) || magic.starts(with: bytes) }

  /// Whether the bytes so far are enough to read a header, or to refuse it.
  static func isWhole(_ bytes: [UInt8]) -> Bool {
    guard mayBegin(with: bytes) else { return true }
    guard bytes.count >= 12 else { return false }
    let start = bytes[6] == 1 ? 10 : 12
    let textLength = bytes[8..<start].reversed().reduce(0) { $0 << 8 | Int($1) }
    return !(1...3).contains(bytes[6]) || textLength > longestText
      || bytes.count >= start + textLength
  }

  /// Reads and checks the header of a file.
  init(_ contents: [UInt8], path: String, name: String? = nil) throws(FileError) {
    func problem(_ text: String, _ remedy: String = Self.remedy) -> FileError {
      FileError(path, (name.map { "\($0) " } ?? "") + text, remedy: remedy)
    }
    if contents.isEmpty { throw problem("is empty") }
    guard Self.begins(contents) else {
      throw problem("starts with \(hexadecimal(contents.prefix(6))), not as an .npy file does")
    }
    guard contents.count >= 12 else {
      throw problem("is truncated: \(contents.count) bytes in all")
    }
    guard (1...3).contains(contents[6]) else {
      throw problem("has version \(contents[6]) of the format, not 1, 2 or 3")
    }
    let start = contents[6] == 1 ? 10 : 12
    let textLength = contents[8..<start].reversed().reduce(0) { $0 << 8 | Int($1) }
    guard textLength <= Self.longestText else {
      throw problem("has an absurd header of \(textLength) bytes")
    }
    length = start + textLength
    guard contents.count >= length else {
      throw problem("is truncated: \(contents.count) bytes of a header of \(length)")
    }
    let text = String(decoding: contents[start..<length], as: UTF8.self)
    guard let fields = PythonText.dictionary(text), case .tuple(let dimensions)? = fields["shape"],
      case .truth(let isFortran)? = fields["fortran_order"], let kind = fields["descr"]
    else { throw problem("has a header that is none: \(text.prefix(80))") }
    guard dimensions.count <= 32 else { throw problem("has \(dimensions.count) dimensions") }
    self.dimensions = dimensions
    self.isFortran = isFortran
    guard case .text(let kind) = kind else {
      throw problem("holds records of several fields", "save each field as an array of its own")
    }
    guard let (type, isBigEndian) = Self.type(kind) else {
      throw problem("holds \(Self.meaning(kind))", Self.cure(kind))
    }
    self.type = type
    self.isBigEndian = isBigEndian
  }

  /// The number type that a `descr` such as `<f4` means, and its byte order.
  private static func type(_ kind: String) -> (NumberType, isBigEndian: Bool)? {
    let types: [Substring: NumberType] = [
      "b1": .bool, "u1": .uint8, "i1": .int8, "u2": .uint16, "i2": .int16, "u4": .uint32,
      "i4": .int32, "u8": .uint64, "i8": .int64, "f2": .float16, "f4": .float32, "f8": .float64,
    ]
    guard let order = kind.first, "<>|=".contains(order), let type = types[kind.dropFirst()] else {
      return nil
    }
    return (type, order == ">")
  }

  private static func meaning(_ kind: String) -> String {
    switch kind.drop(while: { "<>|=".contains($0) }).first {
    case "O": "Python objects (a pickle), which could run any program"
    case "U", "S": "texts (\(kind)) and not numbers"
    case "c": "complex numbers (\(kind))"
    case "M", "m": "times (\(kind)) and not numbers"
    default: "numbers of the kind \(kind), which is not known here"
    }
  }

  private static func cure(_ kind: String) -> String {
    switch kind.drop(while: { "<>|=".contains($0) }).first {
    case "O": "save an array of one kind of numbers"
    case "U", "S": "number the classes"
    default: "save it as uint8 or float32"
    }
  }

  /// The header of an array's file, padded so that the numbers start at a multiple of 64.
  static func contents(of array: NumberArray) -> [UInt8] {
    let letter = array.type.size == 1 ? "|" : array.isBigEndian ? ">" : "<"
    let kind =
      array.type == .bool
      ? "b" : array.type.isFloat ? "f" : array.type.rawValue.hasPrefix("u") ? "u" : "i"
    let comma = array.dimensions.count == 1 ? "," : ""
    let shape = array.dimensions.map(String.init).joined(separator: ", ") + comma
    var text = "{'descr': '\(letter)\(kind)\(array.type.size)', 'fortran_order': False, "
    text += "'shape': (\(shape)), }"
    text += String(repeating: " ", count: 63 - (10 + text.utf8.count) % 64) + "\n"
    let length = text.utf8.count
    return magic + [
      1, 0, UInt8(truncatingIfNeeded: length), UInt8(truncatingIfNeeded: length >> 8),
    ]
      + Array(text.utf8)
  }
}
