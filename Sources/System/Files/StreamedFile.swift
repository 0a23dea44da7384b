import Foundation

/// A file that is written as its contents come, for what must be readable whenever the program ends.
///
/// What was at the path is replaced at once. A link stays, and its target is written. A device or a pipe is written
/// to. While it is open, no other process may open it so.
public final class StreamedFile {
  /// Where it is.
  public let path: String
  private var file: Int32
  private var status = stat()

  /// Creates the file.
  /// - Throws: ``FileError`` when it can't be written, or another process is writing it.
  public init(_ path: String) throws(FileError) {
    self.path = path
    file = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o644)
    guard file >= 0 else { throw FileError(path, cannot: "create the file", errno) }
    func failure(_ error: FileError) -> FileError {
      close(file)
      file = -1
      return error
    }
    guard fstat(file, &status) == 0 else {
      throw failure(FileError(path, cannot: "create the file", errno))
    }
    guard isRegular else { return }
    guard flock(file, LOCK_EX | LOCK_NB) == 0 else {
      throw failure(
        FileError(path, "is being written by another process", remedy: "name another file"))
    }
    guard ftruncate(file, 0) == 0 else {
      throw failure(FileError(path, cannot: "replace the file", errno))
    }
  }

  deinit { if file >= 0 { close(file) } }

  private var isRegular: Bool { status.st_mode & S_IFMT == S_IFREG }

  /// Writes all of some bytes.
  /// - Throws: ``FileError`` with the system's reason.
  public func write(_ bytes: UnsafeRawBufferPointer) throws(FileError) {
    if let code = Files.write(bytes, to: file) {
      throw FileError(path, cannot: "write to it", code)
    }
  }

  /// Ends the file.
  /// - Throws: ``FileError`` when something can't be written, or the path leads elsewhere by now.
  public func finish() throws(FileError) {
    guard file >= 0 else { return }
    var now = stat()
    let isThere = stat(path, &now) == 0
    let code = close(file) == 0 ? 0 : errno
    file = -1
    guard code == 0 else { throw FileError(path, cannot: "write to it", code) }
    if isRegular && (!isThere || now.st_ino != status.st_ino || now.st_dev != status.st_dev) {
      throw FileError(
        path, "was \(isThere ? "replaced" : "removed") while it was being written",
        remedy: "name a file that nothing else writes")
    }
  }
}
