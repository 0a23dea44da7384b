import Files

extension RawDataset {
  /// Makes a data set of the prepared images.
  ///
  /// - Parameters:
  ///   - name: The name of the set.
  ///   - path: The path named in errors.
  /// - Throws: `FileError` if there are too few images, too many classes, or only copies of one image.
  consuming func assembled(name: String, of path: String) throws(FileError) -> Dataset {
    try settleSplits(of: path)
    try nameClasses(of: path)
    try splitByContent(of: path)
    let names = classNames ?? []
    addNotes(names)
    let (notes, leftOut, shape) = (self.notes, self.leftOut, self.shape)
    let training = Self.dataset(self.training, name, shape, names)
    self.training = Part()
    let test = Self.dataset(self.test, name, shape, names)
    return Dataset(training: training, test: test, notes: notes, leftOut: leftOut)
  }

  /// Makes one set of all prepared images, whatever their part.
  /// - Throws: `FileError` if there is no image, or there are too many classes.
  consuming func joined(name path: String) throws(FileError) -> ImageDataset {
    try nameClasses(of: path)
    for part in [test, unsplit] {
      training.images += part.images
      training.labels += part.labels
    }
    guard !training.labels.isEmpty else {
      throw FileError(path, "holds no images", remedy: DatasetSource.understood)
    }
    return Self.dataset(training, path, shape, classNames ?? [])
  }

  private static func dataset(
    _ part: consuming Part, _ name: String, _ shape: ImageShape, _ classNames: [String]
  ) -> ImageDataset {
    let labels = part.labels.map { $0.map { UInt8($0) } ?? ImageDataset.unlabelled }
    return ImageDataset(
      name: name, images: part.images, labels: labels, shape: shape, classNames: classNames)
  }

  /// Turns labels into indices into the class names: if there are none, the numbers that occur, ascending.
  private mutating func nameClasses(of path: String) throws(FileError) {
    let numbers = Set([training, test, unsplit].flatMap { Set($0.labels.lazy.compactMap(\.self)) })
    let limit = ImageDataset.classLimit
    let count = classNames?.count ?? numbers.count
    guard count <= limit else {
      throw FileError(
        path, "has \(count) classes, more than \(limit)", remedy: "join or leave out some of them")
    }
    if let classNames {
      guard numbers.allSatisfy(classNames.indices.contains) else {
        let stranger = numbers.first { !classNames.indices.contains($0) } ?? 0
        throw FileError(
          path, "has label \(stranger), and names for \(classNames.count) classes",
          remedy: "number the classes from 0 to \(classNames.count - 1)")
      }
      return
    }
    let sorted = numbers.sorted()
    classNames = sorted.map(String.init)
    guard sorted != Array(sorted.indices) else { return }
    let places = Dictionary(uniqueKeysWithValues: sorted.enumerated().map { ($1, $0) })
    func renumber(_ part: inout Part) {
      for index in part.labels.indices {
        part.labels[index] = part.labels[index].flatMap { places[$0] }
      }
    }
    renumber(&training)
    renumber(&test)
    renumber(&unsplit)
  }

  /// Makes a tenth of the unsplit images test images, by their content: whatever the order of the files,
  /// and however many copies of an image there are, it ends up on the same side.
  private mutating func splitByContent(of path: String) throws(FileError) {
    guard !unsplit.labels.isEmpty else {
      guard !training.labels.isEmpty else {
        throw FileError(path, "holds no images", remedy: DatasetSource.understood)
      }
      return
    }
    guard unsplit.labels.count > 1 else {
      throw FileError(
        path, "holds one image", remedy: "give one to learn from and one to judge by at least")
    }
    let hashes = contentHashes(unsplit.images, size: shape.count)
    guard let least = hashes.min(), let largest = hashes.max(), least != largest else {
      throw FileError(
        path, "holds the same image \(unsplit.labels.count) times",
        remedy: "give other images, too")
    }
    var tests = Set(hashes.filter { $0 % 10 == 0 })
    balance(&tests, among: hashes)
    // With few images the tenth may be none or all.
    if tests.isEmpty { tests = [least] }
    if hashes.allSatisfy(tests.contains) { tests.remove(largest) }
    test = unsplit.remove(hashes.map(tests.contains), size: shape.count)
    training = unsplit
    unsplit = Part()
    notes.append("a tenth of the images, chosen by their content, became test images")
  }

  /// Ensures two test images of each class of ten or more, and at least one training image of every class.
  ///
  /// - Parameters:
  ///   - tests: The hashes of the test images.
  ///   - hashes: Those of all images.
  private func balance(_ tests: inout Set<UInt64>, among hashes: [UInt64]) {
    let classes = Dictionary(
      grouping: zip(unsplit.labels, hashes).filter { $0.0 != nil }, by: { $0.0 ?? 0 }
    ).mapValues { Set($0.map(\.1)) }
    for (_, contents) in classes.sorted(by: { $0.key < $1.key }) {
      if contents.count >= 10 {
        let missing = 2 - contents.count(where: tests.contains)
        tests.formUnion(contents.subtracting(tests).sorted().prefix(max(0, missing)))
      }
      if contents.isSubset(of: tests), let largest = contents.max() { tests.remove(largest) }
    }
  }

  private mutating func addNotes(_ names: [String]) {
    if names.count == 1 { notes.append("all images are of the class \(names[0])") }
    for (part, purpose) in [(training, "to learn from"), (test, "to judge by")] {
      let labels = Set(part.labels.lazy.compactMap(\.self))
      let missing = names.indices.filter { !labels.contains($0) }
      if !missing.isEmpty && names.count > 1 {
        notes.append("there are no images \(purpose) of \(enumeration(missing.map { names[$0] }))")
      }
    }
  }
}

extension RawDataset.Part {
  /// Removes some images, and closes the gaps.
  ///
  /// - Parameters:
  ///   - isWanted: Whether each image is removed.
  ///   - size: The size of an image in bytes.
  /// - Returns: The removed images.
  fileprivate mutating func remove(_ isWanted: [Bool], size: Int) -> Self {
    var removed = Self()
    var kept = 0
    images.withUnsafeMutableBufferPointer { images in
      for (index, isWanted) in isWanted.enumerated() {
        let image = images[index * size..<(index + 1) * size]
        if isWanted {
          removed.images += image
        } else {
          if kept != index {
            _ = UnsafeMutableBufferPointer(rebasing: images[kept * size..<(kept + 1) * size])
              .update(fromContentsOf: image)
          }
          kept += 1
        }
      }
    }
    images.removeLast(images.count - kept * size)
    func separate<Value>(_ values: inout [Value]) -> [Value] {
      let wanted = zip(values, isWanted).filter(\.1).map(\.0)
      values = zip(values, isWanted).filter { !$0.1 }.map(\.0)
      return wanted
    }
    removed.labels = separate(&labels)
    removed.names = separate(&names)
    return removed
  }
}
