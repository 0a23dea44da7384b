import Files
import Foundation

/// The array files of a folder, identified by their first bytes.
struct ArrayFolder {
  /// The folder.
  let path: String
  /// The arrays of IDX and `.npy` files.
  var entries: [ArrayEntry] = []
  /// The names of `.npz` files.
  private(set) var archives: [String] = []
  /// EMNIST's files of character mappings.
  private(set) var mappings: [String] = []
  /// Whether there are pictures, or folders that may hold some.
  private(set) var mayHoldPictures = false
  /// Whether there is a file that names the classes.
  private(set) var hasClassNames = false

  /// Looks at the files of a folder, but not of its subfolders.
  ///
  /// - Parameters:
  ///   - prefix: The prefix of the names of the files to consider.
  ///   - remedy: What to do about a broken IDX file.
  /// - Throws: `FileError` when the folder can't be read, or a file is broken that should be an array by
  ///   its name.
  init(_ path: String, prefix: String = "", remedy: String) throws(FileError) {
    self.path = path
    let names = try contents(of: path).filter { $0.hasPrefix(prefix) && !$0.hasPrefix(".") }
    let all = Set(names)
    for name in names {
      let file = "\(path)/\(name)"
      guard !Self.isPicture(name), isPlainFile(file) else {
        mayHoldPictures = true
        continue
      }
      // MNIST's files may exist both packed and unpacked.
      if all.contains("\(name).gz") { continue }
      if name == ClassNames.fileName { hasClassNames = true }
      if name.lowercased().hasSuffix("mapping.txt") {
        mappings.append(name)
        continue
      }
      do throws(FileError) {
        try add(name, file, remedy: remedy)
      } catch {
        if Self.isArray(name) { throw error }
      }
    }
  }

  private mutating func add(_ name: String, _ file: String, remedy: String) throws(FileError) {
    var start = try readStart(4096, of: file)
    if NPYHeader.begins(start) {
      let header = try NPYHeader(try readStart(12 + (1 << 16), of: file), path: file)
      let stem = name.hasSuffix(".npy") ? String(name.dropLast(4)) : name
      let meaning = ArrayName(stem)
      entries.append(
        ArrayEntry(
          name: name, meaning: meaning,
          kind: meaning.kind ?? ArrayEntry.kind(of: header.dimensions),
          dimensions: header.dimensions
        ) { () throws(FileError) in try NPYFile.read(file).array })
      return
    }
    if ZIPArchive.begins(start) {
      if try NPZFile(path: file).names.isEmpty == false { archives.append(name) }
      return
    }
    if isGzip(start) {
      start = try gunzip(start, path: file, remedy: remedy, first: IDXHeader.longest)
    }
    guard IDXHeader.begins(start) || Self.isArray(name) else { return }
    // A truncated file is reported when it is read.
    let header = try? IDXHeader(start, path: file, remedy: remedy)
    let dimensions = header?.dimensions ?? []
    let meaning = ArrayName(name)
    entries.append(
      ArrayEntry(
        name: name, meaning: meaning,
        kind: Self.kind(dimensions, header?.type) ?? meaning.kind ?? .images,
        dimensions: dimensions
      ) { () throws(FileError) in try NumberArray.idx(file, remedy: remedy) })
  }

  /// The content of an IDX file, by its dimensions. QMNIST has several numbers for each label.
  private static func kind(_ dimensions: [Int], _ type: NumberType?) -> ArrayName.Kind? {
    switch dimensions.count {
    case 1: .labels
    case 2: type == .uint8 ? nil : .labels
    case 3, 4: .images
    default: nil
    }
  }

  /// Whether a name is that of an array file.
  private static func isArray(_ name: String) -> Bool {
    let name = name.lowercased()
    return ["-ubyte", ".idx", "-idx"].contains(where: name.contains)
      || [".npy", ".npz"].contains(where: name.hasSuffix)
  }

  /// Whether a name is that of a picture, of which there may be many.
  private static func isPicture(_ name: String) -> Bool {
    let name = name.lowercased()
    return [".png", ".jpg", ".jpeg", ".gif", ".bmp", ".webp", ".tif", ".tiff", ".ppm", ".pgm"]
      .contains(where: name.hasSuffix)
  }
}

/// Whether a path leads to a regular file.
func isPlainFile(_ path: String) -> Bool {
  var status = stat()
  return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
}

/// Whether a path leads to a folder.
func isFolder(_ path: String) -> Bool {
  var status = stat()
  return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
}
