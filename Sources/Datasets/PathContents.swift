import Files
import Foundation

/// Checks that something stands at a path and may be looked at.
/// - Throws: ``FileError`` that says which is not so.
func checkThere(
  _ path: String, _ problem: String = "no such file or folder",
  remedy: String = DatasetSource.understood
) throws(FileError) {
  if access(path, F_OK) == 0 { return }
  try checkAccess(path)
  throw FileError(path, problem, remedy: remedy)
}

/// Checks that none of some paths, the first of which an error names, is shut by its permissions.
func checkAccess(_ paths: String...) throws(FileError) {
  for path in paths where access(path, F_OK) != 0 && errno == EACCES {
    throw FileError(
      paths[0], "cannot be read: Permission denied", remedy: "check its permissions")
  }
}

/// What stands at a path that leads to no images, for an error: `2 folders, 3 .txt and a .mat`.
func whatIsThere(_ path: String) -> String {
  guard isFolder(path) else {
    let start = (try? readStart(8, of: path)) ?? []
    if start.isEmpty { return "nothing" }
    if start[0] == 0x80 && (2...5).contains(start.dropFirst().first ?? 0) {
      return "a Python pickle, which could run any program"
    }
    return "something else (it starts with \(hexadecimal(start[...])))"
  }
  var counts: [String: Int] = [:]
  for name in (try? contents(of: path)) ?? [] where !name.hasPrefix(".") {
    let isFolder = isFolder("\(path)/\(name)")
    let parts = name.split(separator: ".", omittingEmptySubsequences: false)
    let kind = isFolder ? "folder" : parts.count > 1 ? ".\(parts.last ?? "")" : "file"
    counts[kind, default: 0] += 1
  }
  if counts.isEmpty { return "nothing" }
  let kinds = counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
  return enumeration(
    kinds.map { kind, count in
      "\(count) \(kind)" + (count > 1 && !kind.hasPrefix(".") ? "s" : "")
    })
}
