import Files
import Foundation

/// The binary files of CIFAR-10 or CIFAR-100: records of one or two labels and 32 × 32 pixels, planar: red,
/// green, blue.
struct CIFARFolder {
  /// The record format of a set.
  struct Format {
    /// The number of classes of each label byte before the pixels.
    var classes: [Int]
    /// The file with the names of the last label.
    var names: String
    /// The size of a record in bytes.
    var size: Int { classes.count + 3072 }

    static let all = [
      Format(classes: [10], names: "batches.meta.txt"),
      Format(classes: [20, 100], names: "fine_label_names.txt"),
    ]

    /// The format of a file by its length and all of its labels; nil for another file.
    static func of(_ contents: [UInt8]) -> Format? {
      all.first { format in
        !contents.isEmpty && contents.count % format.size == 0
          && stride(from: 0, to: contents.count, by: format.size).allSatisfy { start in
            format.classes.indices.allSatisfy { contents[start + $0] < format.classes[$0] }
          }
      }
    }

    /// Whether a file's length is a whole number of records.
    static func fits(_ size: Int) -> Bool { size > 0 && all.contains { size % $0.size == 0 } }
  }

  private let folder: String
  private let names: [String]

  /// Looks for such files in a folder; nil if there are none.
  ///
  /// Only their length marks them, so their names must end in `.bin`.
  init?(_ folder: String) throws(FileError) {
    self.folder = folder
    names = try contents(of: folder).filter { $0.hasSuffix(".bin") }
    let isHere = names.contains { name in
      let size = try? fileSize("\(folder)/\(name)")
      return size.map(Format.fits) ?? false
    }
    guard isHere || names.contains(where: { $0.hasPrefix("data_batch") }) else { return nil }
  }

  /// Reads the images of all files.
  /// - Throws: `FileError` if one is not such a file.
  func load() throws(FileError) -> RawDataset {
    try Self.load(names.map { "\(folder)/\($0)" }, names: folder)
  }

  /// Reads the images of one file, without a split; nil for another kind of file.
  static func load(file: String) throws(FileError) -> RawDataset? {
    guard file.hasSuffix(".bin"), Format.fits(try fileSize(file)) else { return nil }
    return try load([file], names: containingFolder(of: file))
  }

  private static func load(_ files: [String], names folder: String) throws(FileError) -> RawDataset
  {
    var raw = RawDataset(shape: ImageShape(rows: 32, columns: 32, channels: 3))
    var found: Format?
    for file in files {
      let contents = try readFile(file)
      guard let format = Format.of(contents), format.size == found?.size ?? format.size else {
        throw FileError(
          file,
          "has \(contents.count) bytes that are no records of "
            + (found?.classes.count == 2 ? "CIFAR-100" : found == nil ? "CIFAR" : "CIFAR-10"),
          remedy: "fetch the file again, or remove it")
      }
      found = format
      let name = file.split(separator: "/").last ?? ""
      let split: ArrayName.Split? =
        files.count == 1 ? nil : name.contains("test") ? .test : .training
      raw.append(part(contents, format, raw.shape), to: split)
    }
    if let found, isPlainFile("\(folder)/\(found.names)") {
      raw.classNames = try classNames("\(folder)/\(found.names)", count: found.classes.last ?? 0)
    }
    try raw.settleSplits(of: folder)
    return raw
  }

  private static func part(
    _ contents: [UInt8], _ format: Format, _ shape: ImageShape
  ) -> RawDataset.Part {
    let count = contents.count / format.size
    var part = RawDataset.Part()
    part.images.reserveCapacity(count * shape.count)
    for start in stride(from: 0, to: contents.count, by: format.size) {
      part.labels.append(Int(contents[start + format.classes.count - 1]))
      part.images += contents[start + format.classes.count..<start + format.size]
    }
    interleave(&part.images, shape)
    return part
  }

  /// The names in a file, one per line.
  static func classNames(_ path: String, count: Int) throws(FileError) -> [String] {
    let text = String(decoding: try readFile(path, limit: 1 << 16), as: UTF8.self)
    let names = text.split(whereSeparator: \.isNewline)
      .map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty }
    guard names.count == count, Set(names).count == count else {
      throw FileError(
        path, "names \(Set(names).count) classes instead of \(count)",
        remedy: "fetch the file again, or remove it")
    }
    return names
  }
}
