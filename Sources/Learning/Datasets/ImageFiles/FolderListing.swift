import Files
import Foundation

extension FileListing {
  /// Lists the files of a folder, recursively.
  ///
  /// Links that lead elsewhere within the folder are followed.
  /// - Throws: `FileError` when the folder cannot be read.
  init(folder: String) throws(FileError) {
    guard let real = realPath(folder) else {
      throw FileError(folder, "no such folder", remedy: "check the path")
    }
    var walk = Walk(root: folder, real: real == "/" ? "" : real)
    guard walk.list("", above: []) else {
      throw FileError(
        folder, "cannot read the folder: \(String(cString: strerror(errno)))",
        remedy: "check its permissions")
    }
    self = walk.listing
    finish()
  }
}

/// The target of a path, with links resolved; nil if there is none.
private func realPath(_ path: String) -> String? {
  guard let real = realpath(path, nil) else { return nil }
  defer { free(real) }
  return String(validatingCString: real)
}

/// A folder being listed.
private struct Walk {
  let root: String
  /// The root with links resolved, without a trailing slash.
  let real: String
  var listing = FileListing()

  /// A folder's identity, whatever its path.
  struct Identity: Equatable {
    let device: dev_t
    let number: ino_t
  }

  /// Lists a folder: its path below the root, which is empty or ends with a slash.
  /// - Returns: Whether it can be read; `errno` says why not.
  mutating func list(_ folder: String, above: [Identity]) -> Bool {
    guard let stream = opendir(root + "/" + folder) else { return false }
    defer { closedir(stream) }
    var status = stat()
    guard fstat(dirfd(stream), &status) == 0 else { return false }
    let identities = above + [Identity(device: status.st_dev, number: status.st_ino)]
    while let entry = readdir(stream) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { name in
          String(validatingCString: name) ?? String(cString: name)
        }
      }
      guard !isIgnored(name) else { continue }
      let path = folder + name
      // A name that isn't UTF-8 has been repaired, and does not lead to the file.
      guard fstatat(dirfd(stream), name, &status, AT_SYMLINK_NOFOLLOW) == 0 else {
        listing.add(path, "cannot be found under its name", remedy: "rename it in UTF-8")
        continue
      }
      if status.st_mode & S_IFMT == S_IFLNK {
        follow(path, identities)
      } else {
        take(path, status, identities)
      }
    }
    return true
  }

  private mutating func take(_ path: String, _ status: stat, _ above: [Identity]) {
    switch status.st_mode & S_IFMT {
    case S_IFDIR:
      let count = (listing.images.count, listing.problems.count)
      if above.contains(Identity(device: status.st_dev, number: status.st_ino)) {
        listing.add(path, "is a link to a folder around it", remedy: "remove the link")
      } else if !list(path + "/", above: above) {
        listing.add(
          path, "cannot read the folder: \(String(cString: strerror(errno)))",
          remedy: "check its permissions")
      }
      if (listing.images.count, listing.problems.count) == count { listing.add(emptyFolder: path) }
    case S_IFREG where ImageKind.isNamed(path) || startsLikeImage(path):
      listing.add(
        Image(path: path, size: Int(status.st_size), times: FileListing.times(status)))
    case S_IFREG: listing.addOther(path)
    default:
      if ImageKind.isNamed(path) { listing.add(path, "is not a plain file") }
    }
  }

  private typealias Image = FileListing.Image

  private mutating func follow(_ path: String, _ above: [Identity]) {
    var status = stat()
    guard let target = realPath(root + "/" + path), stat(target, &status) == 0 else {
      listing.add(path, "is a link that leads nowhere", remedy: "remove it")
      return
    }
    guard target.hasPrefix(real + "/") || target == real else {
      listing.add(
        path, "is a link to \(target), outside the folder", remedy: "put a copy in its place")
      return
    }
    take(path, status, above)
  }

  private func startsLikeImage(_ path: String) -> Bool {
    guard let start = try? readStart(ImageKind.startCount, of: root + "/" + path) else {
      return false
    }
    return ImageKind(start) != nil
  }
}
