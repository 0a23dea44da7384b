import Foundation

/// The size of a file in bytes.
/// - Throws: ``FileError`` when it is missing.
public func fileSize(_ path: String) throws(FileError) -> Int {
  var status = stat()
  guard stat(path, &status) == 0 else { throw readFailure(path, errno) }
  return Int(status.st_size)
}

/// The system's error about a file to be read.
private func readFailure(_ path: String, _ code: Int32) -> FileError {
  switch code {
  case ENOENT, ENOTDIR: FileError(path, "no such file", remedy: "check the path")
  case EACCES, EPERM:
    FileError(
      path, "cannot read the file: \(String(cString: strerror(code)))",
      remedy: "check its permissions")
  default: FileError(path, cannot: "read the file", code)
  }
}

/// Reads a whole file.
///
/// - Parameters:
///   - path: The file.
///   - limit: The maximum size in bytes; a larger file is refused before it is read.
/// - Throws: ``FileError`` when it is missing, cannot be read, is not a regular file, or is too large.
public func readFile(_ path: String, limit: Int = 1 << 32) throws(FileError) -> [UInt8] {
  try readFileWithStatus(path, limit: limit).bytes
}

/// Reads a whole file, and returns its status afterwards.
/// - Throws: As ``readFile(_:limit:)``.
package func readFileWithStatus(_ path: String, limit: Int) throws(FileError) -> (
  bytes: [UInt8], status: stat
) {
  let (file, size) = try openPlainFile(path)
  defer { close(file) }
  guard size <= limit else {
    throw FileError(
      path, "has \(size) bytes, more than the \(limit) that such a file may have",
      remedy: "check the path")
  }
  let bytes = try read(size, from: file, path)
  var status = stat()
  guard fstat(file, &status) == 0 else { throw readFailure(path, errno) }
  return (bytes, status)
}

/// Reads the first bytes of a file, fewer if it is shorter.
/// - Throws: As ``readFile(_:limit:)``.
package func readStart(_ count: Int, of path: String) throws(FileError) -> [UInt8] {
  let (file, size) = try openPlainFile(path)
  defer { close(file) }
  return try read(min(count, size), from: file, path)
}

private func openPlainFile(_ path: String) throws(FileError) -> (file: Int32, size: Int) {
  // Without O_NONBLOCK a pipe would block.
  let file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
  guard file >= 0 else { throw readFailure(path, errno) }
  var status = stat()
  guard fstat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
    close(file)
    throw FileError(path, "cannot read it: it is not a plain file", remedy: "check the path")
  }
  return (file, Int(status.st_size))
}

/// The text of a file of `/proc`, which has no size and comes in pieces: Foundation takes the first for the whole.
/// - Returns: The empty text if it can't be read.
package func systemText(_ path: String) -> String {
  let file = open(path, O_RDONLY | O_CLOEXEC)
  guard file >= 0 else { return "" }
  defer { close(file) }
  var bytes: [UInt8] = []
  var piece = [UInt8](repeating: 0, count: 1 << 16)
  while true {
    let count = Foundation.read(file, &piece, piece.count)
    if count < 0 && errno == EINTR { continue }
    guard count > 0 else { return String(decoding: bytes, as: UTF8.self) }
    bytes += piece[..<count]
  }
}

private func read(_ size: Int, from file: Int32, _ path: String) throws(FileError) -> [UInt8] {
  var failure: Int32?
  let bytes = [UInt8](unsafeUninitializedCapacity: size) { storage, count in
    while count < storage.count {
      let part = Foundation.read(file, storage.baseAddress! + count, storage.count - count)
      if part < 0 && errno == EINTR { continue }
      if part < 0 { failure = errno }
      if part <= 0 { return }
      count += part
    }
  }
  if let failure { throw readFailure(path, failure) }
  return bytes
}
