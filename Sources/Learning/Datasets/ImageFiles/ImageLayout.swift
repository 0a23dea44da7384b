import Files

/// The part of a data set, and the class, of each image.
///
/// A class is the first folder below the root, or below a folder for training or test images. If there are
/// no folders, or all images are in one, a table may name their classes.
struct ImageLayout {
  /// A part of a data set, by the names of folders.
  enum Part: Hashable, CaseIterable {
    case training, validation, test, unsplit

    init?(folder: some StringProtocol) {
      switch folder.lowercased() {
      case "train", "training": self = .training
      case "val", "valid", "validation": self = .validation
      case "test", "testing": self = .test
      default: return nil
      }
    }
  }

  /// The part of each image.
  private(set) var parts: [Part]
  /// The class of each image, an index into the names; nil if unknown.
  private(set) var labels: [Int?]
  /// The names of the classes, sorted; nil if no image has one.
  private(set) var classNames: [String]?
  /// How validation images were used; nil if there are none, or no others.
  private(set) var validationNote: String?

  /// Determines the layout.
  ///
  /// - Parameters:
  ///   - root: The folder or the archive.
  ///   - paths: Those of the images below it.
  ///   - tables: Returns the tables with their paths below it.
  /// - Throws: `FileError` if folders or tables are ambiguous.
  init(
    root: String, paths: [String],
    tables: () throws -> [(path: String, bytes: [UInt8])]
  ) throws {
    var tree = paths.map { $0.split(separator: "/")[...] }
    while Self.isWrapped(tree) { tree = tree.map { $0.dropFirst() } }
    let parts = try Self.parts(of: &tree, root, paths)
    var names = tree.map { $0.count > 1 ? $0.first.map(String.init) : nil }

    let folders = Set(names.compactMap(\.self))
    // A single folder tells nothing: it may hold the images that a table names.
    let asksTables = folders.count <= 1 || names.contains(nil)
    let labelled = asksTables ? try Self.labels(root, paths, tables()) : [:]
    let bare = names.indices.filter { folders.count <= 1 || names[$0] == nil }
    // A part that no table mentions has no labels, like many test sets.
    let tabled = Set(bare.filter { labelled[$0] != nil }.map { parts[$0] })
    for index in bare where tabled.contains(parts[index]) {
      guard let label = labelled[index] else {
        throw FileError(
          "\(root)/\(paths[index])", "no table names its class",
          remedy: "add a line for it, with an empty label where it has none")
      }
      names[index] = label.isEmpty ? nil : label
    }
    try Self.checkFolders(names, parts, except: tabled, root, paths)

    let sorted = Set(names.compactMap(\.self)).sorted(by: precedesNaturally)
    guard sorted.count <= ImageDataset.classLimit else {
      throw FileError(
        root, "has \(sorted.count) classes, more than \(ImageDataset.classLimit)",
        remedy: "keep some of them")
    }
    let numbers = Dictionary(uniqueKeysWithValues: zip(sorted, sorted.indices))
    self.parts = parts
    if let index = parts.indices.first(where: { parts[$0] == .validation }) {
      validationNote =
        "the images for validation, such as \(paths[index]), are among those to learn from"
    }
    labels = names.map { $0.flatMap { numbers[$0] } }
    classNames = sorted.isEmpty ? nil : sorted
  }

  /// Whether one folder wraps those of the classes or of the parts, as in many archives.
  private static func isWrapped(_ tree: [ArraySlice<Substring>]) -> Bool {
    guard let first = tree.first?.first, Part(folder: first) == nil,
      tree.allSatisfy({ $0.count > 2 && $0.first == first })
    else { return false }
    let folders = Set(tree.map { $0[$0.startIndex + 1] })
    return folders.count > 1 || folders.contains { Part(folder: $0) != nil }
  }

  /// Determines the parts from the first folders, and removes those.
  private static func parts(
    of tree: inout [ArraySlice<Substring>], _ root: String, _ paths: [String]
  ) throws(FileError) -> [Part] {
    let parts = tree.map { $0.count > 1 ? $0.first.flatMap { Part(folder: $0) } : nil }
    let unsplit = [Part](repeating: .unsplit, count: parts.count)
    if let outside = parts.firstIndex(of: nil) {
      // A class named "train" is one among others, and has no classes below it.
      guard let inside = tree.indices.first(where: { parts[$0] != nil && tree[$0].count > 2 })
      else { return unsplit }
      throw FileError(
        "\(root)/\(paths[outside])",
        "is in no folder for training or test images, as "
          + "\(paths[inside]) is", remedy: "move it into one, or out of \(root)")
    }
    tree = tree.map { $0.dropFirst() }
    let found = Set(parts.compactMap(\.self))
    // A single part is split like images without any.
    if found.count == 1 { return unsplit }
    // If there are no test images, validation images serve.
    return parts.map { $0 == .validation && !found.contains(.test) ? .test : $0 ?? .unsplit }
  }

  /// The labels that tables give to images.
  private static func labels(
    _ root: String, _ paths: [String], _ tables: [(path: String, bytes: [UInt8])]
  ) throws(FileError) -> [Int: String] {
    guard !tables.isEmpty else { return [:] }
    let images = ImageNames(paths)
    var labels: [Int: String] = [:]
    for table in tables {
      let path = "\(root)/\(table.path)"
      guard
        let found = try LabelTable(table.bytes, path: path, name: table.path, images: images)
      else { continue }
      for (index, label) in found.labels.sorted(by: { $0.key < $1.key }) {
        if let other = labels.updateValue(label, forKey: index), other != label {
          throw FileError(
            path, "calls \(paths[index]) \"\(label)\", and another table \"\(other)\"",
            remedy: "correct one of them")
        }
      }
    }
    guard !labels.isEmpty else {
      throw FileError(
        "\(root)/\(tables[0].path)", "names none of the \(paths.count) images",
        remedy: "name them in one of its columns, or remove it")
    }
    return labels
  }

  /// Checks that within a part either all images have a class or none, if no table tells.
  private static func checkFolders(
    _ names: [String?], _ parts: [Part], except tabled: Set<Part>, _ root: String,
    _ paths: [String]
  ) throws(FileError) {
    for part in Part.allCases where !tabled.contains(part) {
      let members = names.indices.filter { parts[$0] == part }
      guard let bare = members.first(where: { names[$0] == nil }),
        let other = members.first(where: { names[$0] != nil })
      else { continue }
      throw FileError(
        "\(root)/\(paths[bare])", "is in no folder of a class, as \(paths[other]) is",
        remedy: "move it into one, or out of \(root)")
    }
  }
}
