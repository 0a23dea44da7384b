import Files

/// An array in a folder or an archive, before its numbers are read.
struct ArrayEntry {
  /// Its name there.
  var name: String
  /// What the name tells.
  var meaning: ArrayName
  /// What the numbers are, by name or by their dimensions; nil for neither images nor labels.
  var kind: ArrayName.Kind?
  var dimensions: [Int]
  /// Reads the numbers.
  var load: () throws(FileError) -> NumberArray

  /// The number of images or labels.
  var count: Int { dimensions.first ?? 0 }

  /// Whether it holds images by its name, or by the dimensions of images in an IDX file.
  var isSurelyImages: Bool {
    meaning.kind == .images || kind == .images && dimensions.count > 2
  }

  /// The kind by the dimensions, if no name tells.
  static func kind(of dimensions: [Int]) -> ArrayName.Kind? {
    switch dimensions.count {
    case 1: .labels
    case 2 where dimensions[1] == 1: .labels
    case 2:
      Int(Double(dimensions[1]).squareRoot().rounded()).power2 == dimensions[1] ? .images : nil
    case 3, 4: .images
    default: nil
    }
  }
}

extension Int {
  fileprivate var power2: Int { multipliedReportingOverflow(by: self).partialValue }
}

/// Images with their labels, as in the source.
struct ArrayPart {
  var split: ArrayName.Split?
  var images: ArrayEntry
  var labels: ArrayEntry?
}

/// Matches arrays: by the rest of their names, by the split, and by their counts.
///
/// - Parameters:
///   - entries: The arrays of one folder or archive.
///   - path: The path named in errors.
///   - choice: What an error about several sets tells the user to do.
/// - Returns: The parts of the one set; none where there are no images.
/// - Throws: `FileError` where there are several sets, or one is incomplete.
func pairs(
  _ entries: [ArrayEntry], of path: String, choice: String
) throws(FileError) -> [ArrayPart] {
  var images = entries.filter { $0.kind == .images }
  guard !images.isEmpty else { return [] }
  // Arrays that only might be images are not, if others surely are.
  let sure = images.filter(\.isSurelyImages)
  if !sure.isEmpty { images = sure }
  let sets = Set(images.map(\.meaning.set)).sorted()
  guard sets.count == 1 else {
    let names = sets.map { set in
      set.isEmpty ? images.first { $0.meaning.set.isEmpty }?.name ?? set : set
    }
    throw FileError(
      path, "holds several sets of images: \(enumeration(names))", remedy: choice)
  }
  var parts: [ArrayPart] = []
  var labels = entries.filter { $0.kind == .labels }
  for image in images {
    let split = image.meaning.split
    if let other = parts.first(where: { $0.split == split }) {
      throw FileError(
        path, "holds images twice: \(other.images.name) and \(image.name)", remedy: choice)
    }
    // The label's own set, else the only one of the split, else the only one of equal count.
    let choices: [(ArrayEntry) -> Bool] = [
      { $0.meaning.set == sets[0] && $0.meaning.split == split },
      { $0.meaning.split == split },
      { $0.meaning.split == nil && $0.count == image.count },
    ]
    let index = choices.lazy.compactMap { isRight in
      let found = labels.indices.filter { isRight(labels[$0]) }
      return found.count == 1 ? found[0] : nil
    }.first
    parts.append(
      ArrayPart(split: split, images: image, labels: index.map { labels.remove(at: $0) }))
  }
  if let stray = labels.first(where: { $0.meaning.set == sets[0] }) {
    throw FileError(
      path, "holds \(stray.name) without images to label", remedy: "put the images beside it")
  }
  // Problems of the first part are reported first.
  let order: [ArrayName.Split?] = [.training, .validation, nil, .test]
  return order.flatMap { split in parts.filter { $0.split == split } }
}

/// Checks that either all images of a set have labels, or none.
/// - Throws: `FileError` naming images without labels.
func checkLabels(_ parts: [ArrayPart], of path: String) throws(FileError) {
  if let bare = parts.first(where: { $0.labels == nil }),
    let other = parts.first(where: { $0.labels != nil })
  {
    throw FileError(
      path, "holds labels for \(other.images.name) and none for \(bare.images.name)",
      remedy: "put the labels beside it")
  }
}

/// Names as an enumeration, only the first dozen of many.
func enumeration(_ names: [String]) -> String {
  names.count <= 12
    ? names.joined(separator: ", ")
    : names.prefix(10).joined(separator: ", ") + " and \(names.count - 10) more"
}
