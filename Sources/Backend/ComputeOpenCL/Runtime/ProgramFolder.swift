import Files
import Foundation

/// The files of a program cache.
///
/// A program that no driver has taken back yet is in `NAME.new`, later in `NAME`. A driver may crash over its own
/// binary; so while it has one in its hands for the first time, and ever after if it doesn't return, there is a file
/// `NAME.tried`, and nobody else keeps or takes that program: it is made as a lock is, and its owner alone renames
/// or removes it.
struct ProgramFolder: Sendable {
  let path: String
  let capacity: Int

  /// Opens the folder, and makes it if it is missing.
  /// - Throws: `FileError` if it can't be made or written to, or if anyone else may write to it.
  init(_ cache: ProgramCache) throws(FileError) {
    path = cache.folder
    capacity = cache.capacity
    if mkdir(path, 0o700) != 0 && errno != EEXIST {
      try makeFolder(containingFolder(of: path))
      mkdir(path, 0o700)
    }
    try makeFolder(path)
    var status = stat()
    guard stat(path, &status) == 0, Self.isOwn(status) else {
      throw FileError(
        path, "others may write to this folder", remedy: "make it your own (chown, chmod go-w)")
    }
  }

  /// The binary of a program, and whether the driver takes it for the first time. Then, until ``keep(_:)`` or
  /// ``remove(_:isNew:)``, nobody else gets it.
  func take(_ key: ProgramKey) -> (binary: [UInt8], isNew: Bool)? {
    if let binary = read(file(key), key) { return (binary, false) }
    guard has(key, "new"), lock(key) else { return nil }
    guard rename(file(key, "new"), file(key, "tried")) == 0 else {
      unlink(file(key, "tried"))
      return nil
    }
    return read(file(key, "tried"), key).map { ($0, true) }
  }

  /// Keeps a program that was taken for the first time, now that the driver has accepted it.
  func keep(_ key: ProgramKey) { rename(file(key, "tried"), file(key)) }

  /// Removes a program that was taken.
  func remove(_ key: ProgramKey, isNew: Bool) { unlink(file(key, isNew ? "tried" : "")) }

  /// Marks a program that the driver is about to make a binary of.
  /// - Returns: False if it is marked already, or stored by now.
  /// - Throws: `FileError` if the folder can't be written to.
  func mark(_ key: ProgramKey) throws(FileError) -> Bool {
    guard lock(key) else {
      if errno == EEXIST { return false }
      throw FileError(
        path, "cannot make a file in it: \(String(cString: strerror(errno)))",
        remedy: "check the folder")
    }
    let isStored = has(key) || has(key, "new")
    if isStored { unlink(file(key, "tried")) }
    return !isStored
  }

  /// Makes the mark of a program, unless it has one; the reason for a failure is in `errno`.
  private func lock(_ key: ProgramKey) -> Bool {
    let mark = open(file(key, "tried"), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard mark >= 0 else { return false }
    close(mark)
    return true
  }

  /// Stores a program that was marked, and removes those that were used longest ago if there are too many.
  /// - Throws: `FileError` when it can't be written. Either way it is no longer marked.
  func store(_ binary: [UInt8], _ key: ProgramKey) throws(FileError) {
    do throws(FileError) {
      try write(binary, key, to: file(key, "tried"))
    } catch {
      unlink(file(key, "tried"))
      throw error
    }
    rename(file(key, "tried"), file(key, "new"))
    removeOldest(in: path, beyond: (.max, capacity), where: Self.isEntry)
  }

  private func write(_ binary: [UInt8], _ key: ProgramKey, to file: String) throws(FileError) {
    let bytes = ProgramEntry.bytes(key, binary)
    // Beyond this limit the system ends a process that doesn't ignore its signal.
    var limit = rlimit()
    guard
      getrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit) != 0
        || bytes.count <= limit.rlim_cur
    else {
      throw FileError(path, "files may not become so large", remedy: "raise the limit (ulimit -f)")
    }
    try writeAtomically(bytes, to: file)
  }

  private func file(_ key: ProgramKey, _ state: String = "") -> String {
    "\(path)/\(key.name)\(state.isEmpty ? "" : ".")\(state)"
  }

  private func has(_ key: ProgramKey, _ state: String = "") -> Bool {
    access(file(key, state), F_OK) == 0
  }

  /// The binary in a file. A file that can't be used is removed.
  private func read(_ file: String, _ key: ProgramKey) -> [UInt8]? {
    guard access(file, F_OK) == 0 else { return nil }
    if let (bytes, status) = try? readFileWithStatus(file, limit: capacity), Self.isOwn(status),
      let binary = ProgramEntry.binary(in: bytes, key)
    {
      utimensat(AT_FDCWD, file, nil, 0)  // For the removal of the oldest.
      return binary
    }
    logger.debug("\(file) is damaged or foreign; its program is built from source")
    unlink(file)
    return nil
  }

  /// Whether only this user may write there.
  private static func isOwn(_ status: stat) -> Bool {
    status.st_uid == geteuid() && status.st_mode & 0o022 == 0
  }

  private static func isEntry(_ name: String) -> Bool {
    let parts = name.split(separator: ".", omittingEmptySubsequences: false)
    return parts[0].utf8.count == 64 && parts[0].allSatisfy(\.isHexDigit)
      && (parts.count == 1 || parts.count == 2 && ["new", "tried"].contains(parts[1]))
  }
}
