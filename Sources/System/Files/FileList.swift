import Foundation

/// The tool's own files in a folder, by a list kept there: `files.json`.
///
/// Only listed files are ever replaced or removed. A name is added before its file is written, so that the
/// list is complete however the program ends.
public struct FileList: Sendable {
  /// The name of the list itself.
  public static let name = "files.json"

  /// The folder.
  public let folder: String

  private var path: String { "\(folder)/\(Self.name)" }

  private struct Contents: Codable {
    var program = "digitalis"
    var files: Set<String>

    enum CodingKeys: CodingKey { case program, files }

    func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(program, forKey: .program)
      try container.encode(files.sorted(), forKey: .files)
    }
  }

  /// The list of a folder, which need not exist yet.
  public init(of folder: String) { self.folder = folder }

  /// The names on the list; nil if there is none.
  /// - Throws: ``FileError`` when a file of that name is not such a list.
  public func names() throws(FileError) -> Set<String>? {
    guard exists(path) else { return nil }
    let bytes = try readFile(path, limit: 1 << 24)
    guard let contents = try? JSONDecoder().decode(Contents.self, from: Data(bytes)),
      contents.program == Contents(files: []).program
    else {
      throw FileError(
        path, "is not a list of files that digitalis made",
        remedy: "move it away, or name another folder")
    }
    return contents.files
  }

  /// Claims names for the tool, before their files are written.
  ///
  /// - Parameters:
  ///   - wanted: The names.
  ///   - known: The names on the list if there is none yet.
  /// - Throws: ``FileError`` when a name not on the list is already taken; the folder is unchanged.
  public func claim(
    _ wanted: [String], known: () throws(FileError) -> Set<String> = { [] }
  ) throws(FileError) {
    let listed = try names()
    if let listed, listed.isSuperset(of: wanted) { return }
    let owned = if let listed { listed } else { try known() }
    try check(wanted, among: owned)
    do {
      try writeAtomically(try jsonText(Contents(files: owned.union(wanted))), to: path)
    } catch let error as FileError {
      throw error
    } catch {
      preconditionFailure("names are text: \(error)")
    }
  }

  /// Checks that names can be claimed, and writes nothing.
  /// - Throws: As ``claim(_:known:)``.
  public func check(_ wanted: [String]) throws(FileError) {
    try check(wanted, among: try names() ?? [])
  }

  private func check(_ wanted: [String], among owned: Set<String>) throws(FileError) {
    let foreign = wanted.filter { !owned.contains($0) && exists("\(folder)/\($0)") }.sorted()
    guard foreign.isEmpty else {
      throw FileError(
        folder, "holds \(enumeration(foreign)), which digitalis did not write there",
        remedy: "move it away, or name another folder")
    }
  }

  /// Refuses a folder with anything in it.
  /// - Throws: ``FileError`` saying what is there.
  public func checkEmpty() throws(FileError) {
    let names = try contents(of: folder)
    guard names.isEmpty else {
      throw FileError(
        folder, "holds \(enumeration(names)), and no run",
        remedy: "name a new or an empty folder")
    }
  }
}

/// Whether anything exists at a path, even a dangling link.
package func exists(_ path: String) -> Bool {
  var status = stat()
  return lstat(path, &status) == 0
}

/// Names as an enumeration, only the first three of many.
private func enumeration(_ names: [String]) -> String {
  switch names.count {
  case 1: names[0]
  case 2: "\(names[0]) and \(names[1])"
  case 3: "\(names[0]), \(names[1]) and \(names[2])"
  default: "\(names[0]), \(names[1]), \(names[2]) and \(names.count - 3) more"
  }
}
