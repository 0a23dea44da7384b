import Foundation

/// Writes a file whole or not at all: to a temporary name beside it, then fsync, then rename.
///
/// Whatever stood at `path` stays untouched until the new contents are safe on the disk. A device or a
/// pipe at `path`, such as `/dev/stdout`, is written to and stays what it is.
/// - Throws: ``FileError`` with the system's reason; the temporary file is removed.
public func writeAtomically(_ bytes: UnsafeRawBufferPointer, to path: String) throws(FileError) {
  var status = stat()
  let isSpecial =
    stat(path, &status) == 0 && ![S_IFREG, S_IFDIR].contains(status.st_mode & S_IFMT)
  let temporary = isSpecial ? path : "\(path).\(getpid()).tmp"
  func failure(_ action: String) -> FileError {
    let reason = String(cString: strerror(errno))
    if !isSpecial { unlink(temporary) }
    return FileError(
      path, "cannot \(action): \(reason)", remedy: "check the folder's permissions and free space")
  }

  let creation = isSpecial ? 0 : O_CREAT | O_TRUNC
  let file = open(temporary, O_WRONLY | O_CLOEXEC | creation, 0o644)
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
  guard isSpecial || fsync(file) == 0 else {
    let error = failure("write the file")
    close(file)
    throw error
  }
  guard close(file) == 0 else { throw failure("write the file") }
  guard isSpecial || rename(temporary, path) == 0 else { throw failure("rename the finished file") }
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

/// The bytes of a file.
/// - Throws: ``FileError`` when it is missing.
public func fileSize(_ path: String) throws(FileError) -> Int {
  var status = stat()
  guard stat(path, &status) == 0 else { throw readFailure(path, "read the file") }
  return Int(status.st_size)
}

/// What the system has just said about a file that was to be read.
private func readFailure(_ path: String, _ action: String) -> FileError {
  let missing = errno == ENOENT || errno == ENOTDIR
  return FileError(
    path, missing ? "no such file" : "cannot \(action): \(String(cString: strerror(errno)))",
    remedy: missing ? "check the path" : "check its permissions")
}

/// Reads a whole file.
///
/// - Parameter limit: The most bytes that it may have; a larger one is refused by its size.
/// - Throws: ``FileError`` when it is missing, cannot be read, is no plain file, or is too large.
public func readFile(_ path: String, limit: Int = 1 << 32) throws(FileError) -> [UInt8] {
  // Without O_NONBLOCK a pipe would be waited for.
  let file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
  guard file >= 0 else { throw readFailure(path, "read the file") }
  defer { close(file) }
  var status = stat()
  guard fstat(file, &status) == 0 else { throw readFailure(path, "read the file") }
  guard status.st_mode & S_IFMT == S_IFREG else {
    throw FileError(path, "cannot read it: it is not a plain file", remedy: "check the path")
  }
  guard status.st_size <= limit else {
    throw FileError(
      path, "has \(status.st_size) bytes, more than the \(limit) that such a file may have",
      remedy: "check the path")
  }
  var failed = false
  let bytes = [UInt8](unsafeUninitializedCapacity: Int(status.st_size)) { storage, count in
    while count < storage.count {
      let part = read(file, storage.baseAddress! + count, storage.count - count)
      if part < 0 && errno == EINTR { continue }
      failed = part < 0
      if part <= 0 { return }
      count += part
    }
  }
  guard !failed else { throw readFailure(path, "read the file") }
  return bytes
}
