import CArchive
import Files
import Foundation

/// Reads the entries of a `.zip` or a `.tar`, packed by gzip, xz, bzip2 or zstd, in order.
///
/// The format is detected from the content. Nothing is unpacked to disk.
final class ArchiveReader {
  /// An entry of an archive.
  struct Entry {
    enum Kind {
      case file, folder
      /// A link, with its target path, and whether that is relative to the link.
      case link(String, isSymbolic: Bool)
      case other
    }

    /// Its path as stored.
    let path: String
    let kind: Kind
    /// Its size in bytes, if the archive tells in advance.
    let size: Int?
  }

  let path: String
  private let archive: OpaquePointer
  private let locale: locale_t?

  /// Opens an archive.
  /// - Throws: `FileError` when it cannot be read.
  init(_ path: String) throws(FileError) {
    // Our error messages are better; and a pipe would block.
    _ = try readStart(1, of: path)
    guard let archive = archive_read_new() else {
      throw FileError(path, "libarchive does not start", remedy: "free some memory")
    }
    self.path = path
    self.archive = archive
    // It converts names to the locale's characters, which in the C locale are ASCII only.
    locale = newlocale(1 << LC_CTYPE, "C.UTF-8", nil)
    archive_read_support_format_zip(archive)
    archive_read_support_format_tar(archive)
    archive_read_support_filter_gzip(archive)
    archive_read_support_filter_xz(archive)
    archive_read_support_filter_bzip2(archive)
    archive_read_support_filter_zstd(archive)
    isOpen = archive_read_open_filename(archive, path, 1 << 18) == ARCHIVE_OK
  }

  deinit {
    archive_read_free(archive)
    if let locale { freelocale(locale) }
  }

  private let isOpen: Bool
  private var count = 0

  /// The next entry; nil at the end, and for a file that is not an archive.
  /// - Throws: `FileError` when the archive is damaged.
  func next() throws(FileError) -> Entry? {
    guard isOpen else { return nil }
    let previous = locale.map { uselocale($0) }
    defer { if let previous { uselocale(previous) } }
    var entry: OpaquePointer?
    var status = archive_read_next_header(archive, &entry)
    while status == ARCHIVE_RETRY { status = archive_read_next_header(archive, &entry) }
    if status == ARCHIVE_EOF { return nil }
    guard status >= ARCHIVE_WARN, let entry else {
      // The format is unknown, and not because the file is truncated.
      if archive_format(archive) == 0, reason.hasPrefix("Unrecognized") { return nil }
      throw damaged()
    }
    count += 1
    guard count <= 10_000_000 else {
      throw FileError(path, "holds more than 10 million files", remedy: "split it")
    }
    let size = archive_entry_size_is_set(entry) != 0 ? Int(archive_entry_size(entry)) : nil
    return Entry(
      path: text(archive_entry_pathname_utf8(entry) ?? archive_entry_pathname(entry)),
      kind: kind(of: entry), size: size)
  }

  private func kind(of entry: OpaquePointer) -> Entry.Kind {
    if let target = archive_entry_hardlink_utf8(entry) ?? archive_entry_hardlink(entry) {
      return .link(text(target), isSymbolic: false)
    }
    switch archive_entry_filetype(entry) & S_IFMT {
    case S_IFREG: return .file
    case S_IFDIR: return .folder
    case S_IFLNK:
      return .link(
        text(archive_entry_symlink_utf8(entry) ?? archive_entry_symlink(entry)), isSymbolic: true)
    default: return .other
    }
  }

  /// The bytes of the last entry.
  ///
  /// - Parameters:
  ///   - limit: The maximum size in bytes; some tiny archives unpack to gigabytes.
  ///   - first: How many bytes to read; nil for all.
  /// - Throws: ``ImageProblem`` when it is damaged or too large, `FileError` when the archive is.
  func contents(of entry: Entry, limit: Int = imageFileLimit, first: Int? = nil) throws -> [UInt8] {
    let tooLarge = ImageProblem(text: "has more than \(limit) bytes")
    if first == nil, let size = entry.size, size > limit { throw tooLarge }
    // One more, to see that it ends there. A false size gets no more memory than there are bytes.
    let expected = first ?? min(entry.size.map { $0 + 1 } ?? 1 << 16, 1 << 20)
    var bytes = [UInt8](repeating: 0, count: expected)
    var count = 0
    while true {
      if count == bytes.count {
        if count == first { return bytes }
        bytes += [UInt8](repeating: 0, count: max(count, 1))
      }
      let part = bytes.withUnsafeMutableBytes { [count] in
        archive_read_data(archive, $0.baseAddress.map { $0 + count }, $0.count - count)
      }
      if part == ARCHIVE_RETRY { continue }
      if part == ARCHIVE_FATAL { throw damaged() }
      if part < 0 { throw ImageProblem(text: "its packed data is damaged (\(reason))") }
      if part == 0 { break }
      count += part
      if count > limit { throw tooLarge }
    }
    bytes.removeLast(bytes.count - count)
    if first == nil, let size = entry.size, size != count {
      throw ImageProblem(text: "has \(count) bytes instead of \(size)")
    }
    return bytes
  }

  private func damaged() -> FileError {
    FileError(
      path, "the archive is damaged after \(count) entries (\(reason))",
      remedy: "fetch or pack it again")
  }

  private var reason: String {
    archive_error_string(archive).map { String(cString: $0) } ?? "libarchive does not say why"
  }

  private func text(_ string: UnsafePointer<CChar>?) -> String {
    string.map { String(cString: $0) } ?? ""
  }
}

/// The maximum size of an image file in bytes.
let imageFileLimit = 1 << 28
