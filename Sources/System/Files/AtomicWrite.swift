import Foundation
import Synchronization

/// Writes a file atomically: to a temporary name in its folder, then fsync, then rename.
///
/// Anything at `path` stays untouched until the new contents are safe on disk. A link stays, and its target
/// is replaced. A device or a pipe at `path`, such as `/dev/stdout`, is written to directly.
/// - Throws: ``FileError`` with the system's reason; the temporary file is removed.
public func writeAtomically(_ bytes: UnsafeRawBufferPointer, to path: String) throws(FileError) {
  try writeAtomically(to: path) { write(bytes, to: $0) }
}

/// Writes parts of bytes to a file atomically.
package func writeAtomically(_ parts: [[UInt8]], to path: String) throws(FileError) {
  try writeAtomically(to: path) { file in
    for part in parts {
      if let code = part.withUnsafeBytes({ write($0, to: file) }) { return code }
    }
    return nil
  }
}

/// Writes a file atomically; `body` writes to it, and returns the system's error if it fails.
private func writeAtomically(to path: String, _ body: (Int32) -> Int32?) throws(FileError) {
  var status = stat()
  if stat(path, &status) == 0, ![S_IFREG, S_IFDIR].contains(status.st_mode & S_IFMT) {
    let file = open(path, O_WRONLY | O_CLOEXEC)
    guard file >= 0 else { throw FileError(path, cannot: "open it", errno) }
    defer { close(file) }
    if let code = body(file) { throw FileError(path, cannot: "write to it", code) }
    return
  }

  let destination = try destination(of: path)
  let (file, temporary) = try createTemporary(beside: destination, for: path)
  var isOpen = true
  func failure(_ action: String, _ code: Int32) -> FileError {
    if isOpen { close(file) }
    unlink(temporary)
    return FileError(path, cannot: action, code)
  }
  if let code = body(file) { throw failure("write the file", code) }
  guard fsync(file) == 0 else { throw failure("write the file", errno) }
  isOpen = false
  guard close(file) == 0 else { throw failure("write the file", errno) }
  guard rename(temporary, destination) == 0 else {
    throw failure("rename the finished file", errno)
  }
}

/// Writes bytes atomically.
public func writeAtomically(_ bytes: [UInt8], to path: String) throws(FileError) {
  try bytes.withUnsafeBufferPointer { buffer throws(FileError) in
    try writeAtomically(UnsafeRawBufferPointer(buffer), to: path)
  }
}

/// Writes text atomically.
public func writeAtomically(_ text: String, to path: String) throws(FileError) {
  try writeAtomically(Array(text.utf8), to: path)
}

/// Writes all bytes, and returns the system's error if it fails.
func write(_ bytes: UnsafeRawBufferPointer, to file: Int32) -> Int32? {
  var offset = 0
  while offset < bytes.count {
    let written = write(file, bytes.baseAddress! + offset, bytes.count - offset)
    if written < 0 && errno == EINTR { continue }
    guard written > 0 else { return written < 0 ? errno : ENOSPC }
    offset += written
  }
  return nil
}

/// The target of a path through links; the file there may be missing.
func destination(of path: String) throws(FileError) -> String {
  var place = path
  for _ in 0..<40 {
    var buffer = [UInt8](repeating: 0, count: Int(PATH_MAX))
    let count = buffer.withUnsafeMutableBytes {
      readlink(place, $0.bindMemory(to: CChar.self).baseAddress!, $0.count)
    }
    guard count >= 0 else { return place }
    let target = String(decoding: buffer.prefix(count), as: UTF8.self)
    place = target.hasPrefix("/") ? target : "\(containingFolder(of: place))/\(target)"
  }
  throw FileError(path, cannot: "follow it", ELOOP)
}

/// The prefix of the names of half-written files. They do not depend on the file's own name, which may be
/// as long as the system allows.
private let temporaryPrefix = ".digitalis-"
private let temporaryNumber = Atomic<Int>(0)

private func createTemporary(beside destination: String, for path: String) throws(FileError)
  -> (file: Int32, path: String)
{
  let folder = containingFolder(of: destination)
  while true {
    let number = temporaryNumber.add(1, ordering: .relaxed).newValue
    let temporary = "\(folder)/\(temporaryPrefix)\(getpid())-\(number).tmp"
    let file = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
    if file >= 0 { return (file, temporary) }
    guard errno == EEXIST else { throw FileError(path, cannot: "create the file", errno) }
  }
}

/// Removes half-written files of ``writeAtomically(_:to:)`` from a folder if their process is gone.
package func removeLeftovers(in folder: String) {
  for name in (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
  where isTemporary(name) {
    let process = name.dropFirst(temporaryPrefix.count).split(separator: "-").first
    guard let process = process.flatMap({ pid_t($0) }), !isAlive(process) else { continue }
    unlink("\(folder)/\(name)")
  }
}

/// Whether a name is that of a half-written file.
func isTemporary(_ name: String) -> Bool {
  name.hasPrefix(temporaryPrefix) && name.hasSuffix(".tmp")
}

/// Whether a process is running; a zombie is not.
private func isAlive(_ process: pid_t) -> Bool {
  guard process > 0 else { return false }
  if process == getpid() { return true }
  if kill(process, 0) != 0 && errno == ESRCH { return false }
  // The state follows the name, which is in parentheses and may contain some itself.
  let status = (try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8)) ?? ""
  return !(status.split(separator: ")").last?.hasPrefix(" Z") ?? false)
}
