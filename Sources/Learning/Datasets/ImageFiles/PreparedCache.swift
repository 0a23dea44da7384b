import Files
import Foundation

/// A cache of prepared images in files; if it can't be written, nothing is kept.
///
/// A file holds: a magic number with the format version, a checksum of everything after the next 8 bytes,
/// which are the header's length, the header as JSON, and the images of each part.
struct PreparedCache {
  private let folder: String

  /// The limits of the cache.
  private static let limit = (files: 10, bytes: 20 << 30)
  /// It changes with the format, and whenever the preparation of images changes.
  private static let mark = Array("digiprp1".utf8)

  private struct Header: Codable {
    var shape: ImageShape
    var counts: [Int]
    var problems: [Int: String]
  }

  /// The cache of a user.
  init(environment: [String: String]) {
    folder = "\(cacheFolder(environment))/digitalis/prepared"
  }

  /// A key of some files and their preparation: their location, names, sizes and times, or those of the
  /// archive.
  /// - Throws: `FileError` when the archive is gone.
  static func key(
    path: String, isArchive: Bool, _ images: [FileListing.Image], _ preparation: Preparation
  ) throws -> String {
    var hash = Hash()
    hash.add(mark)
    hash.add(try jsonText(preparation).utf8)
    guard let real = realpath(path, nil) else {
      throw FileError(path, "no such file", remedy: "check the path")
    }
    defer { free(real) }
    hash.add(UnsafeRawBufferPointer(start: real, count: strlen(real) + 1))
    var status = stat()
    if isArchive, stat(path, &status) == 0 {
      hash.add(Int(status.st_size))
      for time in [status.st_mtim, status.st_ctim] {
        hash.add(time.tv_sec * 1_000_000_000 + time.tv_nsec)
      }
    }
    for image in images {
      hash.add(image.path.utf8)
      hash.add(image.size)
      for time in image.times { hash.add(time) }
    }
    return hash.text
  }

  private func path(of key: String) -> String { "\(folder)/\(key)" }

  /// Loads images from the cache.
  /// - Returns: Whether they were found; damaged ones don't count.
  func load(_ key: String, into prepared: inout PreparedImages) -> Bool {
    let path = path(of: key)
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return false }
    defer { close(file) }
    var status = stat()
    let start = 2 * Self.mark.count + 8
    guard fstat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG,
      let head = bytes(start, of: file), head.starts(with: Self.mark)
    else { return false }
    let length = head.suffix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    guard length <= UInt64(status.st_size), let header = bytes(Int(length), of: file),
      let contents = try? JSONDecoder().decode(Header.self, from: Data(header)),
      contents.counts.count == 3, contents.counts.allSatisfy({ 0...Int(status.st_size) ~= $0 }),
      start + header.count + contents.counts.reduce(0, +) == status.st_size
    else { return false }
    var parts: [[UInt8]] = []
    for count in contents.counts {
      guard let part = bytes(count, of: file) else { return false }
      parts.append(part)
    }
    // Before the sizes are trusted.
    let sum = Array(checksum(header, parts[0], parts[1], parts[2]).utf8)
    guard sum[...] == head[Self.mark.count..<2 * Self.mark.count],
      prepared.restore(
        parts, contents.shape, contents.problems.mapValues { ImageProblem(text: $0) })
    else { return false }
    utimensat(AT_FDCWD, path, nil, 0)  // For least-recently-used eviction.
    return true
  }

  private func bytes(_ count: Int, of file: Int32) -> [UInt8]? {
    let bytes = [UInt8](unsafeUninitializedCapacity: count) { storage, done in
      while done < count, let start = storage.baseAddress {
        let part = read(file, start + done, count - done)
        if part < 0 && errno == EINTR { continue }
        if part <= 0 { return }
        done += part
      }
    }
    return bytes.count == count ? bytes : nil
  }

  /// Stores images, and evicts the least recently used if there is too much.
  func store(_ prepared: PreparedImages, _ key: String) {
    guard let shape = prepared.shape, prepared.parts.count == 3,
      (try? makeFolder(folder)) != nil
    else { return }
    let header = Header(
      shape: shape, counts: prepared.parts.map(\.count),
      problems: prepared.problems.mapValues(\.text))
    guard let text = try? jsonText(header), header.counts.reduce(0, +) < Self.limit.bytes else {
      return
    }
    let (bytes, parts) = (Array(text.utf8), prepared.parts)
    let length = (0..<8).map { UInt8(truncatingIfNeeded: bytes.count >> (56 - 8 * $0)) }
    let sum = Array(checksum(bytes, parts[0], parts[1], parts[2]).utf8)
    try? writeAtomically([Self.mark + sum + length + bytes] + parts, to: path(of: key))
    removeOldest(in: folder, beyond: Self.limit)
  }
}

/// A 128-bit hash of texts: FNV-1a, twice, with different multipliers.
private struct Hash {
  private var first: UInt64 = 0xcbf2_9ce4_8422_2325
  private var second: UInt64 = 0x6c62_272e_07bb_0142

  mutating func add(_ bytes: some Sequence<UInt8>) {
    for byte in bytes { add(byte) }
    add(0 as UInt8)
  }

  mutating func add(_ number: Int) {
    for shift in stride(from: 0, to: 64, by: 8) { add(UInt8(truncatingIfNeeded: number >> shift)) }
  }

  private mutating func add(_ byte: UInt8) {
    first = (first ^ UInt64(byte)) &* 0x100_0000_01b3
    second = (second ^ UInt64(byte)) &* 0x9e37_79b9_7f4a_7c15
    second ^= second >> 29
  }

  var text: String {
    [first, second].map { number in
      let digits = String(number, radix: 16)
      return String(repeating: "0", count: 16 - digits.count) + digits
    }.joined()
  }
}
