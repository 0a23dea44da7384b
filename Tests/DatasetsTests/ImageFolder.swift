import CArchive
import Files
import Foundation

@testable import Datasets

/// A folder with images that goes away with the test, and a cache of its own.
struct ImageFolder {
  let folder: TemporaryFolder
  var path: String { "\(folder.path)/set" }
  var environment: [String: String] { ["XDG_CACHE_HOME": "\(folder.path)/cache"] }

  init() throws {
    folder = try TemporaryFolder()
    try makeFolder("\(folder.path)/set")
  }

  /// Writes a file, and the folders around it.
  func write(_ bytes: [UInt8], _ name: String) throws {
    try makeFolder("\(path)/\(name)".split(separator: "/").dropLast().reduce("") { "\($0)/\($1)" })
    try Data(bytes).write(to: URL(fileURLWithPath: "\(path)/\(name)"))
  }

  func write(_ text: String, _ name: String) throws { try write(Array(text.utf8), name) }

  /// Writes gray images of 1 × 2 pixels: the number of each, and zero.
  func writeImages(_ names: String...) throws {
    for (index, name) in names.enumerated() { try write(png([UInt8(index + 1), 0]), name) }
  }

  func link(_ name: String, to target: String) {
    symlink(target, "\(path)/\(name)")
  }

  func read(
    _ preparation: Preparation = Preparation(), progress: (Int, Int) throws -> Void = { _, _ in }
  ) throws -> RawDataset? {
    try ImageFiles(path: path)?.read(
      preparation, environment: environment, cachesFrom: 1, progress: progress)
  }

  /// The line of the error, with the folder's path as `set`.
  func problem(_ preparation: Preparation = Preparation()) -> String {
    Self.problem(path) { try read(preparation) }
  }

  static func problem(_ path: String, _ body: () throws -> RawDataset?) -> String {
    do {
      let result = try body()
      return "no error, \(String(describing: result?.leftOut))"
    } catch let error as FileError {
      return error.description.replacingOccurrences(of: path, with: "set")
    } catch {
      return "an error of another kind: \(error)"
    }
  }
}

/// What an archive holds: a file, or a link to another.
enum ArchiveMember {
  case file(String, [UInt8])
  case link(String, String)
}

/// Writes an archive: by `format` and `filter`, libarchive's names such as `zip` and `gzip`.
func writeArchive(
  _ members: [ArchiveMember], to path: String, _ format: String, filter: String? = nil
) {
  // libarchive turns names into the characters of the locale.
  let locale = newlocale(1 << LC_CTYPE, "C.UTF-8", nil)
  let previous = uselocale(locale)
  defer {
    uselocale(previous)
    freelocale(locale)
  }
  let archive = archive_write_new()
  archive_write_set_format_by_name(archive, format)
  if let filter { archive_write_add_filter_by_name(archive, filter) }
  archive_write_open_filename(archive, path)
  for member in members {
    let entry = archive_entry_new()
    archive_entry_set_perm(entry, 0o644)
    switch member {
    case .file(let name, let bytes):
      archive_entry_update_pathname_utf8(entry, name)
      archive_entry_set_filetype(entry, 0o100000)
      archive_entry_set_size(entry, la_int64_t(bytes.count))
      archive_write_header(archive, entry)
      archive_write_data(archive, bytes, bytes.count)
    case .link(let name, let target):
      archive_entry_update_pathname_utf8(entry, name)
      archive_entry_set_filetype(entry, 0o120000)
      archive_entry_update_symlink_utf8(entry, target)
      archive_write_header(archive, entry)
    }
    archive_entry_free(entry)
  }
  archive_write_free(archive)
}
