import Files
import Foundation

/// What a folder or an archive holds.
struct FileListing {
  /// A file that is, or by its name should be, a picture.
  struct Image {
    /// Its path below the folder.
    var path: String
    /// Its bytes.
    var size: Int
    /// When it was changed; none in an archive.
    var times: [Int] = []
    /// What stands for it in an archive where it's a link.
    var content: String?
  }

  /// When a file was changed, in its contents and at all, in nanoseconds.
  static func times(_ status: stat) -> [Int] {
    [status.st_mtim, status.st_ctim].map { $0.tv_sec * 1_000_000_000 + $0.tv_nsec }
  }

  /// A file of values that commas or tabs separate.
  struct Table {
    var path: String
    /// Its bytes, where they were read already.
    var bytes: [UInt8]?
  }

  /// Sorted by the bytes of their paths.
  private(set) var images: [Image] = []
  private(set) var tables: [Table] = []
  /// What should hold images, and why it can't be looked at.
  private(set) var problems: [(path: String, problem: ImageProblem)] = []
  /// The folders without a single image in or below them, of which no one is inside of another.
  private(set) var emptyFolders: [String] = []
  /// How many other files there are of each ending.
  private(set) var others: [String: Int] = [:]

  /// Takes up a file that is an image or named like one.
  mutating func add(_ image: Image) { images.append(image) }

  /// Takes up what can't be looked at.
  mutating func add(_ path: String, _ text: String, remedy: String? = nil) {
    problems.append((path, ImageProblem(text: text, remedy: remedy)))
  }

  /// Takes up a folder without images.
  mutating func add(emptyFolder path: String) {
    emptyFolders.removeAll { $0.hasPrefix(path + "/") }
    emptyFolders.append(path)
  }

  /// Takes up a file that holds no image.
  mutating func addOther(_ path: String, bytes: [UInt8]? = nil) {
    if Self.isTable(path) { tables.append(Table(path: path, bytes: bytes)) }
    others[fileEnding(of: path).map { "." + $0 } ?? "", default: 0] += 1
  }

  /// Whether a file's name says that it holds a table.
  static func isTable(_ path: String) -> Bool {
    ["csv", "tsv"].contains(fileEnding(of: path) ?? "")
  }

  /// Sorts what has been found, so that nothing depends on the order in which it was.
  mutating func finish() {
    images.sort { $0.path.utf8.lexicographicallyPrecedes($1.path.utf8) }
    tables.sort { $0.path.utf8.lexicographicallyPrecedes($1.path.utf8) }
    problems.sort { $0.path.utf8.lexicographicallyPrecedes($1.path.utf8) }
    emptyFolders.sort { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }

  /// Whether there is nothing of which a data set could be made.
  var isEmpty: Bool { images.isEmpty && problems.isEmpty }

  /// What there is besides images, in a few words: `3 .txt files and 1 .csv file`.
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

/// Whether a file or a folder is none of the user's: hidden, or kept by a system.
func isIgnored(_ name: some StringProtocol) -> Bool {
  name.utf8.first == UInt8(ascii: ".")
    || ["__macosx", "thumbs.db", "desktop.ini"].contains(name.lowercased())
}
