import Foundation

/// Writes a file whole or not at all: to a temporary name beside it, then fsync, then rename.
///
/// Whatever stood at `path` stays untouched until the new contents are safe on the disk.
/// - Throws: ``FileError`` with the system's reason; the temporary file is removed.
public func writeAtomically(_ bytes: UnsafeRawBufferPointer, to path: String) throws(FileError) {
  let temporary = "\(path).\(getpid()).tmp"
  func failure(_ action: String) -> FileError {
    let reason = String(cString: strerror(errno))
    unlink(temporary)
    return FileError(
      path, "cannot \(action): \(reason)", remedy: "check the folder's permissions and free space")
  }

  let file = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
  guard file >= 0 else { throw failure("create the file") }
  var offset = 0
  while offset < bytes.count {
    let written = write(file, bytes.baseAddress! + offset, bytes.count - offset)
    if written < 0 && errno == EINTR { continue }
    guard written > 0 else {
      let error = failure("write the file")
      close(file)
      throw error
    }
    offset += written
  }
  guard fsync(file) == 0 else {
    let error = failure("write the file")
    close(file)
    throw error
  }
  guard close(file) == 0 else { throw failure("write the file") }
  guard rename(temporary, path) == 0 else { throw failure("rename the finished file") }
}

/// Writes bytes whole or not at all.
public func writeAtomically(_ bytes: [UInt8], to path: String) throws(FileError) {
  try bytes.withUnsafeBufferPointer { buffer throws(FileError) in
    try writeAtomically(UnsafeRawBufferPointer(buffer), to: path)
  }
}

/// Writes text whole or not at all.
public func writeAtomically(_ text: String, to path: String) throws(FileError) {
  try writeAtomically(Array(text.utf8), to: path)
}

/// Makes a folder and those above it.
/// - Throws: ``FileError`` when it cannot be made or cannot be written to.
public func makeFolder(_ path: String) throws(FileError) {
  do {
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  } catch {
    throw FileError(
      path, "cannot make the folder: \(String(cString: strerror(errno)))",
      remedy: "name a folder that you may write to")
  }
  guard access(path, W_OK) == 0 else {
    throw FileError(
      path, "cannot write to the folder: \(String(cString: strerror(errno)))",
      remedy: "name a folder that you may write to")
  }
}

/// Reads a whole file.
public func readFile(_ path: String) throws(FileError) -> [UInt8] {
  do {
    return Array(try Data(contentsOf: URL(fileURLWithPath: path)))
  } catch {
    let missing = access(path, F_OK) != 0
    throw FileError(
      path, missing ? "no such file" : "cannot read the file",
      remedy: missing ? "check the path" : "check its permissions")
  }
}
