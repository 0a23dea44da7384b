import Foundation

/// Keeps other processes from writing to a folder during its lifetime.
///
/// The system releases the lock when the process ends, however it ends, so that no stale lock can remain.
public final class FolderLock {
  private let descriptor: Int32

  /// Locks a folder, and removes the half-written files of killed writers.
  /// - Throws: ``FileError`` when another process has the folder, or when it cannot be opened.
  public init(_ path: String) throws(FileError) {
    descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw FileError(path, cannot: "open the folder", errno) }
    guard access(path, W_OK | X_OK) == 0 else {
      let code = errno
      close(descriptor)
      throw FileError(path, cannot: "write to the folder", code)
    }
    // Some network file systems can't lock folders; there nothing is locked.
    if flock(descriptor, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK {
      close(descriptor)
      throw FileError(
        path, "is in use by another digitalis\(Self.holder(of: path))",
        remedy: "wait for it, or end it first")
    }
    removeLeftovers(in: path)
  }

  deinit { close(descriptor) }

  /// The process that holds the lock, if the system tells.
  private static func holder(of path: String) -> String {
    var status = stat()
    guard stat(path, &status) == 0,
      let table = try? String(contentsOfFile: "/proc/locks", encoding: .utf8)
    else { return "" }
    for line in table.split(separator: "\n") {
      let words = line.split(separator: " ")
      if words.count > 5, words[1] == "FLOCK", words[5].hasSuffix(":\(status.st_ino)") {
        return " (process \(words[4]))"
      }
    }
    return ""
  }
}
