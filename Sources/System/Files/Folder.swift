import Foundation

/// Makes a folder and its parents.
/// - Throws: ``FileError`` when it cannot be made or cannot be written to.
public func makeFolder(_ path: String) throws(FileError) {
  try create(path)
  guard access(path, W_OK | X_OK) == 0 else {
    throw FileError(path, cannot: "write to the folder", errno)
  }
}

private func create(_ path: String) throws(FileError) {
  func isFolder() -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }
  if mkdir(path, 0o777) == 0 { return }
  switch errno {
  case EEXIST:
    if isFolder() { return }
    var status = stat()
    if stat(path, &status) == 0 {
      throw FileError(path, "is not a folder", remedy: "name another path")
    }
    let code = errno
    if code == ENOENT {
      throw FileError(
        path, "is a link to \(try destination(of: path)), which is not there",
        remedy: "make that folder, or name another path")
    }
    throw FileError(path, cannot: "make the folder", code)
  case ENOENT where containingFolder(of: path) != path && !path.isEmpty:
    try create(containingFolder(of: path))
    if mkdir(path, 0o777) == 0 || errno == EEXIST && isFolder() { return }
    throw FileError(path, cannot: "make the folder", errno)
  case let code:
    throw FileError(path, cannot: "make the folder", code)
  }
}

/// The sorted contents of a folder, without half-written files.
/// - Throws: ``FileError`` when it cannot be read; a missing folder counts as empty.
package func contents(of folder: String) throws(FileError) -> [String] {
  guard let stream = opendir(folder) else {
    if errno == ENOENT { return [] }
    if errno == ENOTDIR, exists(folder) {
      throw FileError(folder, "is not a folder", remedy: "name another path")
    }
    throw FileError(folder, cannot: "open the folder", errno)
  }
  defer { closedir(stream) }
  var names: [String] = []
  while let entry = readdir(stream) {
    let name = withUnsafePointer(to: &entry.pointee.d_name) {
      $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
    }
    if name != "." && name != ".." && !isTemporary(name) { names.append(name) }
  }
  return names.sorted()
}
