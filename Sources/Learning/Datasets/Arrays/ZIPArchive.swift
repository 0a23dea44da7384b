import CZlib
import Files
import Foundation

/// The members of a zip archive, from its central directory: stored or deflated, unencrypted, below 4 GiB
/// each.
struct ZIPArchive: Sendable {
  /// One member.
  struct Member: Sendable {
    var name: String
    var method: Int
    var isEncrypted: Bool
    var crc: UInt32
    var packedSize: Int
    var size: Int
    var offset: Int
  }

  let path: String
  /// The members in the order of the directory.
  let members: [Member]

  private let size: Int
  private let read: @Sendable (Range<Int>) throws(FileError) -> [UInt8]

  private static let remedy = "fetch the file again, or write it anew"

  /// Whether bytes begin as a zip archive does.
  static func begins(_ start: some Sequence<UInt8>) -> Bool {
    start.starts(with: [0x50, 0x4b, 3, 4]) || start.starts(with: [0x50, 0x4b, 5, 6])
  }

  /// Opens a file; members are read on demand.
  init(path: String) throws(FileError) {
    try self.init(path: path, size: try fileSize(path)) { (range) throws(FileError) in
      try readRange(range, of: path)
    }
  }

  /// Opens the bytes of a file.
  init(_ contents: [UInt8], of path: String) throws(FileError) {
    try self.init(path: path, size: contents.count) { Array(contents[$0]) }
  }

  private init(
    path: String, size: Int, read: @escaping @Sendable (Range<Int>) throws(FileError) -> [UInt8]
  ) throws(FileError) {
    (self.path, self.size, self.read) = (path, size, read)
    func problem(_ text: String) -> FileError { FileError(path, text, remedy: Self.remedy) }
    // The end of the directory is followed by a comment of at most 65,535 bytes.
    let tail = try read(max(0, size - 65_557)..<size)
    guard
      let end = Swift.stride(from: tail.count - 22, through: 0, by: -1)
        .first(where: { tail.number($0, 4) == 0x0605_4b50 })
    else { throw problem("is truncated: the directory of the zip archive is not at its end") }
    let count = tail.number(end + 10, 2)
    let (length, offset) = (tail.number(end + 12, 4), tail.number(end + 16, 4))
    guard offset + length <= size, length >= 46 * count else {
      throw problem(
        offset == 0xffff_ffff
          ? "is a zip archive of more than 4 GiB" : "has a damaged directory of its zip archive")
    }
    let directory = try read(offset..<offset + length)
    var members: [Member] = []
    var place = 0
    for _ in 0..<count {
      guard place + 46 <= directory.count, directory.number(place, 4) == 0x0201_4b50 else {
        throw problem("has a damaged directory of its zip archive")
      }
      let nameLength = directory.number(place + 28, 2)
      let next =
        place + 46 + nameLength + directory.number(place + 30, 2) + directory.number(place + 32, 2)
      guard next <= directory.count else {
        throw problem("has a damaged directory of its zip archive")
      }
      members.append(
        Member(
          name: String(decoding: directory[place + 46..<place + 46 + nameLength], as: UTF8.self),
          method: directory.number(place + 10, 2),
          isEncrypted: directory.number(place + 8, 2) & 1 == 1,
          crc: UInt32(directory.number(place + 16, 4)),
          packedSize: directory.number(place + 20, 4), size: directory.number(place + 24, 4),
          offset: directory.number(place + 42, 4)))
      place = next
    }
    self.members = members
  }

  /// The contents of a member.
  ///
  /// - Parameter first: How many bytes to read, without checking them; nil for all.
  /// - Throws: `FileError` when it is damaged or compressed by an unsupported method.
  func contents(of member: Member, first: Int? = nil) throws(FileError) -> [UInt8] {
    func problem(_ text: String, remedy: String = Self.remedy) -> FileError {
      FileError(path, "\(member.name) \(text)", remedy: remedy)
    }
    guard !member.isEncrypted else { throw problem("is encrypted", remedy: "decrypt the archive") }
    guard member.size < 0xffff_ffff, member.packedSize < 0xffff_ffff else {
      throw problem("has 4 GiB or more", remedy: "save fewer images in one array")
    }
    guard member.method == 0 || member.method == 8 else {
      throw problem(
        "is packed by method \(member.method)", remedy: "save it with numpy.savez_compressed")
    }
    guard member.offset + 30 <= size else { throw problem("lies beyond the end of the file") }
    let header = try read(member.offset..<member.offset + 30)
    guard header.number(0, 4) == 0x0403_4b50 else { throw problem("is not where it should be") }
    let start = member.offset + 30 + header.number(26, 2) + header.number(28, 2)
    guard start + member.packedSize <= size else {
      throw problem("is truncated: it lies beyond the end of the file")
    }
    let wanted = min(first ?? member.size, member.size)
    if member.method == 0 {
      guard member.size == member.packedSize else { throw problem("has two sizes") }
      let contents = try read(start..<start + wanted)
      guard first != nil || crc(contents) == member.crc else {
        throw problem("is damaged (its CRC is wrong)")
      }
      return contents
    }
    // Deflate packs at most 1032 bytes into one.
    guard member.size <= 1032 * member.packedSize else {
      throw problem("cannot unpack to \(member.size) bytes from \(member.packedSize)")
    }
    // No more bytes than the first ones can be packed into.
    let most = first.map { min(member.packedSize, 2 * $0 + 1024) } ?? member.packedSize
    let packed = try read(start..<start + most)
    guard let contents = inflated(packed, count: wanted) else {
      throw problem("is damaged (its packed bytes are not \(member.size) others)")
    }
    guard first != nil || crc(contents) == member.crc else {
      throw problem("is damaged (its CRC is wrong)")
    }
    return contents
  }
}

extension Array where Element == UInt8 {
  /// The little-endian number at an offset.
  fileprivate func number(_ place: Int, _ count: Int) -> Int {
    self[place..<place + count].reversed().reduce(0) { $0 << 8 | Int($1) }
  }
}

/// The CRC-32 of bytes.
func crc(_ bytes: [UInt8]) -> UInt32 { UInt32(crc32_z(0, bytes, bytes.count)) }

/// The first bytes that deflated data unpacks to; nil if there are fewer, or it is damaged.
private func inflated(_ packed: [UInt8], count: Int) -> [UInt8]? {
  var stream = z_stream()
  let isRaw = -MAX_WBITS  // zlib's way to ask for no header
  guard inflateInit2_(&stream, isRaw, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK
  else { return nil }
  defer { inflateEnd(&stream) }
  var written = 0
  let contents = [UInt8](unsafeUninitializedCapacity: count) { target, initialized in
    packed.withUnsafeBufferPointer { source in
      // zlib counts in 32 bits, enough for any member; it only reads the input.
      stream.next_in = UnsafeMutablePointer(mutating: source.baseAddress)
      stream.avail_in = UInt32(source.count)
      stream.next_out = target.baseAddress
      stream.avail_out = UInt32(count)
      _ = inflate(&stream, Z_FINISH)
      written = count - Int(stream.avail_out)
    }
    initialized = written
  }
  return written == count ? contents : nil
}

/// Some bytes of a file.
private func readRange(_ range: Range<Int>, of path: String) throws(FileError) -> [UInt8] {
  let file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
  func failure(_ code: Int32) -> FileError {
    FileError(
      path, "cannot read the file: \(String(cString: strerror(code)))",
      remedy: "check its permissions")
  }
  guard file >= 0 else { throw failure(errno) }
  defer { close(file) }
  var code: Int32?
  let bytes = [UInt8](unsafeUninitializedCapacity: range.count) { storage, count in
    while count < range.count, let start = storage.baseAddress {
      let part = pread(file, start + count, range.count - count, off_t(range.lowerBound + count))
      if part < 0 && errno == EINTR { continue }
      if part < 0 { code = errno }
      if part <= 0 { return }
      count += part
    }
  }
  if let code { throw failure(code) }
  guard bytes.count == range.count else {
    throw FileError(path, "became shorter while it was read", remedy: "try again")
  }
  return bytes
}
