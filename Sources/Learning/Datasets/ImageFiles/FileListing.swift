import Files
import Foundation

/// The contents of a folder or an archive.
struct FileListing {
  /// A file that is, or by its name should be, a picture.
  struct Image {
    /// Its path below the folder.
    var path: String
    /// Its size in bytes.
    var size: Int
    /// Its modification times; none in an archive.
    var times: [Int] = []
    /// Its target in an archive if it's a link.
    var content: String?
  }

  /// The modification and change times of a file, in nanoseconds.
  static func times(_ status: stat) -> [Int] {
    [status.st_mtim, status.st_ctim].map { $0.tv_sec * 1_000_000_000 + $0.tv_nsec }
  }

  /// A file of comma- or tab-separated values.
  struct Table {
    var path: String
    /// Its contents, if already read.
    var bytes: [UInt8]?
  }

  /// Sorted by the bytes of their paths.
  private(set) var images: [Image] = []
  private(set) var tables: [Table] = []
  /// Paths that should hold images, and why they can't be read.
  private(set) var problems: [(path: String, problem: ImageProblem)] = []
  /// The topmost folders without a single image in or below them.
  private(set) var emptyFolders: [String] = []
  /// The number of other files by extension.
  private(set) var others: [String: Int] = [:]

  /// Adds a file that is an image or named like one.
  mutating func add(_ image: Image) { images.append(image) }

  /// Adds a path that can't be read.
  mutating func add(_ path: String, _ text: String, remedy: String? = nil) {
    problems.append((path, ImageProblem(text: text, remedy: remedy)))
  }

  /// Adds a folder without images.
  mutating func add(emptyFolder path: String) {
    emptyFolders.removeAll { $0.hasPrefix(path + "/") }
    emptyFolders.append(path)
  }

  /// Adds a file that holds no image.
  mutating func addOther(_ path: String, bytes: [UInt8]? = nil) {
    if Self.isTable(path) { tables.append(Table(path: path, bytes: bytes)) }
    others[fileEnding(of: path).map { "." + $0 } ?? "", default: 0] += 1
  }

  /// Whether a file is a table by its name.
  static func isTable(_ path: String) -> Bool {
    ["csv", "tsv"].contains(fileEnding(of: path) ?? "")
  }

  /// Sorts the findings, so that nothing depends on their order.
  mutating func finish() {
    images.sort { $0.path.utf8.lexicographicallyPrecedes($1.path.utf8) }
    tables.sort { $0.path.utf8.lexicographicallyPrecedes($1.path.utf8) }
    problems.sort { $0.path.utf8.lexicographicallyPrecedes($1.path.utf8) }
    emptyFolders.sort { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }

  /// Whether there is nothing to make a data set of.
  var isEmpty: Bool { images.isEmpty && problems.isEmpty }

  /// The other files, in a few words: `3 .txt files and 1 .csv file`.
  var description: String {
    let groups = others.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { ending, count in
      "\(count) \(ending.isEmpty ? "other" : ending) file\(count == 1 ? "" : "s")"
    }
    switch groups.count {
    case 0: return "no files"
    case 1...3: return groups.joined(separator: " and ")
    default:
      let rest = others.values.reduce(0, +)
      return "\(groups[0]) and \(groups[1]) among \(rest) files"
    }
  }
}

/// Whether a file or folder is not the user's: hidden, or a system file.
func isIgnored(_ name: some StringProtocol) -> Bool {
  name.utf8.first == UInt8(ascii: ".")
    || ["__macosx", "thumbs.db", "desktop.ini"].contains(name.lowercased())
}
