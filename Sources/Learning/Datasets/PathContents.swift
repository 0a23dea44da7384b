import Files
import Foundation

/// Checks that a path exists and is accessible.
/// - Throws: `FileError` saying which fails.
func checkThere(
  _ path: String, _ problem: String = "no such file or folder",
  remedy: String = DatasetSource.understood
) throws(FileError) {
  if access(path, F_OK) == 0 { return }
  try checkAccess(path)
  throw FileError(path, problem, remedy: remedy)
}

/// Checks that permissions block none of some paths, the first of which is named in errors.
func checkAccess(_ paths: String...) throws(FileError) {
  for path in paths where access(path, F_OK) != 0 && errno == EACCES {
    throw FileError(
      paths[0], "cannot be read: Permission denied", remedy: "check its permissions")
  }
}

/// The error for a path that leads to no images; it says what there is, and what is supported.
func nothingUsable(_ path: String) throws -> FileError {
  var error = try ImageFiles.noImages(path)
  error.remedy = DatasetSource.understood
  if isFolder(path) { return error }
  if try FileListing(archive: path) != nil { return error }
  let start = try readStart(8, of: path)
  error.problem =
    start.isEmpty
    ? "is empty"
    : start[0] == 0x80 && (2...5).contains(start.dropFirst().first ?? 0)
      ? "is a Python pickle, which could run any program"
      : "is nothing that is understood (it starts with \(hexadecimal(start[...])))"
  return error
}
