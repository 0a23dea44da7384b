import CZlib
import Files

/// An `.npz` file: named NumPy arrays in a zip archive.
public struct NPZFile: Sendable {
  /// The names of the arrays, without `.npy`, in the order of the file.
  public let names: [String]

  private let archive: ZIPArchive
  private let members: [String: ZIPArchive.Member]

  /// Opens a file; arrays are read on demand.
  /// - Throws: `FileError` when it is missing, unreadable, or not a zip archive.
  public init(path: String) throws(FileError) { self.init(try ZIPArchive(path: path)) }

  /// Opens the bytes of a file.
  /// - Parameters:
  ///   - contents: The bytes of the file.
  ///   - path: What an error calls the file.
  /// - Throws: As ``init(path:)``.
  public init(_ contents: [UInt8], of path: String) throws(FileError) {
    self.init(try ZIPArchive(contents, of: path))
  }

  private init(_ archive: ZIPArchive) {
    self.archive = archive
    var names: [String] = []
    var members: [String: ZIPArchive.Member] = [:]
    for member in archive.members where member.name.hasSuffix(".npy") {
      let name = String(member.name.dropLast(4))
      if members.updateValue(member, forKey: name) == nil { names.append(name) }
    }
    (self.names, self.members) = (names, members)
  }

  /// Reads an array.
  /// - Throws: `FileError` when there is none of that name, or it is damaged or not of numbers.
  public func array(_ name: String) throws(FileError) -> NPYArray {
    let contents = try archive.contents(of: try member(name))
    return try NPYArray(contents, of: archive.path, name: name)
  }

  /// The header of an array.
  func header(_ name: String) throws(FileError) -> NPYHeader {
    let start = try archive.contents(of: try member(name), first: 1 << 16)
    return try NPYHeader(start, path: archive.path, name: name)
  }

  private func member(_ name: String) throws(FileError) -> ZIPArchive.Member {
    guard let member = members[name] else {
      throw FileError(
        archive.path, "holds no array \(name) (but \(names.joined(separator: ", ")))",
        remedy: "save it under that name")
    }
    return member
  }

  /// The bytes of a file of arrays; the same arrays give the same bytes, since there are no time stamps.
  /// - Parameters:
  ///   - arrays: The arrays under their names, in order.
  ///   - classNames: The names of the classes, for `classes.txt` in the archive; NumPy ignores it.
  ///   - isDeflated: Whether to compress them.
  public static func contents(
    _ arrays: [(name: String, array: NPYArray)], classNames: [String]? = nil,
    isDeflated: Bool = true
  ) -> [UInt8] {
    var writer = ZIPWriter()
    for (name, array) in arrays {
      writer.append("\(name).npy", array.contents, isDeflated: isDeflated)
    }
    if let classNames {
      writer.append(
        ClassNames.fileName, ClassNames.contents(classNames), isDeflated: isDeflated)
    }
    return writer.finished()
  }

  /// The class names in the archive; nil if it has none.
  /// - Throws: `FileError` when they are damaged or invalid.
  public func classNames() throws(FileError) -> [String]? {
    guard let member = archive.members.first(where: { $0.name == ClassNames.fileName }) else {
      return nil
    }
    guard member.size <= 1 << 20 else {
      throw FileError(
        archive.path, "has \(member.size) bytes of \(ClassNames.fileName)",
        remedy: "write it without that file")
    }
    return try ClassNames.read(try archive.contents(of: member), of: archive.path)
  }

  /// Writes a file of arrays atomically.
  /// - Throws: `FileError` when it would be larger than a zip archive can be, or with the system's reason.
  public static func write(
    _ arrays: [(name: String, array: NPYArray)], classNames: [String]? = nil,
    isDeflated: Bool = true, to path: String
  ) throws(FileError) {
    let size = arrays.reduce(0) { $0 + $1.array.count * $1.array.type.size }
    guard size < 0xf000_0000 else {
      throw FileError(
        path, "cannot hold \(size) bytes, for a zip archive ends at 4 GiB",
        remedy: "write fewer images")
    }
    try writeAtomically(
      contents(arrays, classNames: classNames, isDeflated: isDeflated), to: path)
  }
}

/// Assembles a zip archive.
struct ZIPWriter {
  private var bytes: [UInt8] = []
  private var directory: [UInt8] = []
  private var count = 0

  /// Adds a member.
  mutating func append(_ name: String, _ contents: [UInt8], isDeflated: Bool) {
    let packed = isDeflated ? deflated(contents, windowBits: -MAX_WBITS) : contents
    // Both headers share this part: version 2.0, names in UTF-8, the method, the DOS epoch.
    var shared: [UInt8] = []
    shared.append(number: 20, 2)
    shared.append(number: 0x800, 2)
    shared.append(number: isDeflated ? 8 : 0, 2)
    shared.append(number: 0, 2)
    shared.append(number: 1 << 5 | 1, 2)
    shared.append(number: Int(crc(contents)), 4)
    shared.append(number: packed.count, 4)
    shared.append(number: contents.count, 4)
    shared.append(number: name.utf8.count, 2)
    shared.append(number: 0, 2)

    directory.append(number: 0x0201_4b50, 4)
    directory.append(number: 20, 2)
    directory += shared
    directory += [UInt8](repeating: 0, count: 10)  // No comment, disk or attributes.
    directory.append(number: bytes.count, 4)
    directory += Array(name.utf8)

    bytes.append(number: 0x0403_4b50, 4)
    bytes += shared
    bytes += Array(name.utf8)
    bytes += packed
    count += 1
  }

  /// The bytes of the archive.
  consuming func finished() -> [UInt8] {
    let start = bytes.count
    bytes += directory
    bytes.append(number: 0x0605_4b50, 4)
    bytes.append(number: 0, 4)
    bytes.append(number: count, 2)
    bytes.append(number: count, 2)
    bytes.append(number: directory.count, 4)
    bytes.append(number: start, 4)
    bytes.append(number: 0, 2)
    return bytes
  }
}

extension [UInt8] {
  fileprivate mutating func append(number: Int, _ count: Int) {
    for byte in 0..<count { append(UInt8(truncatingIfNeeded: number >> (8 * byte))) }
  }
}
