import Foundation

/// The kind of a file, by its first bytes.
public enum FileKind: String, Sendable {
  /// A picture.
  case png = "a PNG picture"
  /// Named arrays.
  case safetensors = "a safetensors file"
  /// A zip archive, as `.npz` files are.
  case zip = "a zip archive"
  /// A trace of a profile.
  case trace = "a trace"
  /// Anything else.
  case other = "something else"

  /// The kind of a file.
  /// - Throws: ``FileError`` when it cannot be read.
  init(of path: String) throws(FileError) {
    let start = try readStart(9, of: path)
    let size = try fileSize(path)
    let header = start.prefix(8).reversed().reduce(0.0) { $0 * 256 + Double($1) }
    if start.starts(with: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]) {
      self = .png
    } else if start.count == 9 && start[8] == UInt8(ascii: "{") && header <= Double(size) {
      self = .safetensors
    } else if start.starts(with: [0x50, 0x4B, 3, 4]) {
      self = .zip
    } else if start == Array("[{\"ph\":\"M".utf8) {
      self = .trace
    } else {
      self = .other
    }
  }
}

/// Checks that a file can be written, before work begins that might otherwise be lost.
///
/// A file of the same kind is replaced, as is an empty one; one of another kind only if the user says so;
/// and never one that belongs to a run or that the work reads.
/// - Parameters:
///   - path: The file to be written.
///   - kind: What it is going to hold.
///   - inputs: The files that the work reads, recognised under any name.
///   - overwrite: Whether to replace a file of another kind; nil if the user has no way to say so.
/// - Returns: Whether something will be replaced.
/// - Throws: ``FileError`` saying why not, and what to do.
@discardableResult
public func checkOutput(
  _ path: String, _ kind: FileKind, inputs: [String], overwrite: Bool?
) throws(FileError) -> Bool {
  let destination = try destination(of: path)
  let folder = containingFolder(of: destination)
  var status = stat()
  guard stat(folder, &status) == 0 else {
    throw FileError(path, cannot: "create the file", errno)
  }
  guard status.st_mode & S_IFMT == S_IFDIR else {
    throw FileError(path, cannot: "create the file", ENOTDIR)
  }
  guard stat(path, &status) == 0 else {
    guard errno == ENOENT else { throw FileError(path, cannot: "create the file", errno) }
    guard !path.hasSuffix("/") else { throw FileError(path, cannot: "create the file", EISDIR) }
    try checkWritable(folder, for: path)
    return false
  }
  switch status.st_mode & S_IFMT {
  case S_IFDIR: throw FileError(path, cannot: "write the file", EISDIR)
  case S_IFREG: break
  default:  // A device or a pipe.
    guard access(path, W_OK) == 0 else { throw FileError(path, cannot: "write to it", errno) }
    return false
  }
  guard access(path, W_OK) == 0 else { throw FileError(path, cannot: "replace the file", errno) }
  try checkWritable(folder, for: path)
  for input in inputs {
    var other = stat()
    if stat(input, &other) == 0, other.st_dev == status.st_dev, other.st_ino == status.st_ino {
      throw FileError(path, "is \(input), which is read here", remedy: "name another file")
    }
  }
  let name = String(destination.split(separator: "/").last ?? "")
  if let names = (try? FileList(of: folder).names()) ?? nil,
    names.contains(name) || name == FileList.name
  {
    throw FileError(path, "belongs to the run in \(folder)", remedy: "name another file")
  }
  let found = try FileKind(of: path)
  guard found == kind || status.st_size == 0 || overwrite == true else {
    throw FileError(
      path, "is \(found.rawValue), not \(kind.rawValue)",
      remedy: overwrite == nil
        ? "name another file" : "name another file, or replace it with --overwrite")
  }
  return status.st_size > 0
}

private func checkWritable(_ folder: String, for path: String) throws(FileError) {
  guard access(folder, W_OK | X_OK) == 0 else {
    throw FileError(path, cannot: "create a file in its folder", errno)
  }
}
