import Foundation

extension FileError {
  /// A failure reported by the system's error number, with a suitable remedy.
  ///
  /// - Parameter action: What was attempted, such as `create the file`.
  init(_ path: String, cannot action: String, _ code: Int32) {
    let folder = containingFolder(of: path)
    let (reason, remedy): (String, String) =
      switch code {
      case ENOENT: ("there is no folder \(folder)", "make it first, or name another path")
      case ENOTDIR: ("\(folder) is not a folder", "name another path")
      case EISDIR: ("it is a folder", "name a file in it")
      case EACCES, EPERM: (message(code), "check its permissions and those of \(folder)")
      case EROFS: (message(code), "name a path on another file system")
      case ENOSPC, EDQUOT: (message(code), "free some space, or name a path on another disk")
      case EFBIG: (message(code), "raise the limit of the size of files (ulimit -f)")
      case ENAMETOOLONG: (message(code), "name a shorter path")
      case ELOOP: ("its links lead back to themselves", "name the file itself")
      case EMFILE, ENFILE: (message(code), "raise the limit of open files (ulimit -n)")
      default: (message(code), "check the disk, and try another path")
      }
    self.init(path, "cannot \(action): \(reason)", remedy: remedy)
  }
}

private func message(_ code: Int32) -> String { String(cString: strerror(code)) }

/// The folder part of a path, as written.
package func containingFolder(of path: String) -> String {
  guard let slash = path.lastIndex(of: "/") else { return "." }
  return slash == path.startIndex ? "/" : String(path[..<slash])
}
