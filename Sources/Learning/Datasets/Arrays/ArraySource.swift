import Files

/// A path that leads to arrays: a folder, the common prefix of some files in it, or a file.
struct ArraySource {
  /// The path as it was given.
  let path: String
  /// What to do about a broken file.
  var remedy = "fetch the file again"
  /// Whether pictures take precedence if there may be some, since arrays beside them may be unrelated.
  var prefersPictures = true

  /// Reads the images with their labels.
  ///
  /// - Returns: nil if the path leads to no arrays.
  /// - Throws: `FileError` if it does, and something is wrong with them.
  func load(_ preparation: Preparation) throws(FileError) -> RawDataset? {
    if isPlainFile(path) { return try file(preparation) }
    if isFolder(path) { return try set(try ArrayFolder(path, remedy: remedy), preparation) }
    // The prefix of some names.
    let folder = containingFolder(of: path)
    let prefix = String(path.split(separator: "/", omittingEmptySubsequences: false).last ?? "")
    guard !prefix.isEmpty, isFolder(folder) else { return nil }
    return try set(try ArrayFolder(folder, prefix: prefix, remedy: remedy), preparation)
  }

  /// The set that some files of a folder make up.
  private func set(
    _ folder: ArrayFolder, _ preparation: Preparation
  ) throws(FileError) -> RawDataset? {
    let parts = try pairs(
      folder.entries, of: path,
      choice: "name one file, or how the names of one set begin, such as "
        + "\(folder.path)/\(example(folder.entries))")
    if prefersPictures && folder.mayHoldPictures
      && !parts.contains(where: { $0.images.isSurelyImages })
    {
      return nil
    }
    guard !parts.isEmpty else {
      if isFolder(path), let raw = try CIFARFolder(path)?.load() { return raw }
      guard let name = folder.archives.first else {
        guard let labels = folder.entries.first(where: { $0.kind == .labels }) else { return nil }
        throw FileError(
          path, "holds labels (\(labels.name)) and no images", remedy: "put the images beside them")
      }
      guard folder.archives.count == 1 else {
        throw FileError(
          path, "holds several sets: \(enumeration(folder.archives))", remedy: "name one of them")
      }
      return try archive("\(folder.path)/\(name)")
    }
    try checkMNIST(parts, folder)
    try checkLabels(parts, of: path)
    return try set(parts, folder, preparation)
  }

  private func set(
    _ parts: [ArrayPart], _ folder: ArrayFolder, _ preparation: Preparation
  ) throws(FileError) -> RawDataset {
    let isIDX = parts.allSatisfy { !$0.images.name.hasSuffix(".npy") }
    var raw = try RawDataset(parts, of: path, isExact: isIDX)
    let set = parts[0].images.meaning.set
    if let name = folder.mappings.first(where: { ArrayName($0).isMapping(of: set) }) {
      let file = "\(folder.path)/\(name)"
      try raw.name(try CharacterMapping(path: file), of: file)
    } else if folder.hasClassNames {
      let file = "\(folder.path)/\(ClassNames.fileName)"
      raw.classNames = try ClassNames.read(try readFile(file, limit: 1 << 20), of: file)
    } else if parts.allSatisfy({ Self.isMNIST($0.images.name) }) {
      raw.keepDigits()
    }
    if set.hasPrefix("emnist") && !preparation.isTransposed {
      raw.notes.append("the images of EMNIST lie on their side: --transpose sets them upright")
    }
    return raw
  }

  /// Whether a file has one of the names of MNIST.
  private static func isMNIST(_ name: String) -> Bool {
    ImageDataset.Split.allCases.contains {
      let own = "\($0.filePrefix)-images-idx3-ubyte"
      return name == own || name == "\(own).gz"
    }
  }

  /// Rejects MNIST's images without their labels, which can't be intended.
  private func checkMNIST(_ parts: [ArrayPart], _ folder: ArrayFolder) throws(FileError) {
    for part in parts where part.labels == nil && Self.isMNIST(part.images.name) {
      let split: ImageDataset.Split = part.split == .test ? .test : .train
      throw FileError(
        "\(folder.path)/\(part.images.name)",
        "\(split.filePrefix)-labels-idx1-ubyte[.gz] is not beside it", remedy: remedy)
    }
  }

  /// The prefix of the names of the first of several sets.
  private func example(_ entries: [ArrayEntry]) -> String {
    entries.lazy.map(\.meaning.set).first { !$0.isEmpty } ?? "train"
  }

  /// The images of one file, with the arrays that belong to them.
  private func file(_ preparation: Preparation) throws(FileError) -> RawDataset? {
    let start = try readStart(4096, of: path)
    if NPYHeader.begins(start) {
      let array = try NPYFile.read(path).array
      let entry = ArrayEntry(
        name: path, meaning: ArrayName(""), kind: .images, dimensions: array.dimensions
      ) { array }
      return try RawDataset([ArrayPart(images: entry)], of: path)
    }
    if ZIPArchive.begins(start) {
      // A large archive of pictures may be a kind of zip that this reader doesn't support.
      return path.hasSuffix(".npz") || (try? NPZFile(path: path)) != nil ? try archive(path) : nil
    }
    let head =
      isGzip(start)
      ? (try? gunzip(start, path: path, remedy: remedy, first: IDXHeader.longest)) ?? [] : start
    guard IDXHeader.begins(head) else { return try CIFARFolder.load(file: path) }
    // The file names its set.
    let name = String(path.split(separator: "/").last ?? "")
    var folder = try ArrayFolder(containingFolder(of: path), remedy: remedy)
    folder.keep(set: ArrayName(name).set)
    return try set(folder, preparation)
  }

  /// The images of an `.npz` file; nil if the archive holds something else.
  private func archive(_ file: String) throws(FileError) -> RawDataset? {
    let archive = try NPZFile(path: file)
    guard !archive.names.isEmpty else { return nil }
    let parts = try pairs(
      try entries(of: archive, file), of: file,
      choice: "save one set in a file of its own, as x_train, y_train, x_test and y_test")
    guard !parts.isEmpty else {
      throw FileError(
        file, "holds \(enumeration(archive.names)), none of which are images by its name and shape",
        remedy: "name them images and labels, or x_train, y_train, x_test and y_test")
    }
    try checkLabels(parts, of: file)
    var raw = try RawDataset(parts, of: file)
    raw.classNames = try archive.classNames()
    return raw
  }

  private func entries(of archive: NPZFile, _ file: String) throws(FileError) -> [ArrayEntry] {
    var entries: [ArrayEntry] = []
    var stranger: FileError?
    for name in archive.names {
      let meaning = ArrayName(name)
      let header: NPYHeader
      do throws(FileError) { header = try archive.header(name) } catch {
        stranger = stranger ?? error
        // Unsupported arrays are ignored unless their names say that they are needed.
        if meaning.kind != nil && meaning.set.isEmpty { throw error }
        continue
      }
      entries.append(
        ArrayEntry(
          name: name, meaning: meaning, kind: meaning.kind, dimensions: header.dimensions
        ) { () throws(FileError) in try archive.array(name).array })
    }
    // Arrays saved without names are identified by their shapes, in order.
    if !entries.contains(where: { $0.kind == .images }) {
      entries = entries.map {
        var entry = $0
        entry.kind = entry.kind ?? ArrayEntry.kind(of: entry.dimensions)
        return entry
      }
      ArraySource.nameByOrder(&entries)
    }
    if let stranger, !entries.contains(where: { $0.kind == .images }) { throw stranger }
    return entries
  }

  /// Makes the first images the training images, and the second ones the test images.
  private static func nameByOrder(_ entries: inout [ArrayEntry]) {
    for kind in [ArrayName.Kind.images, .labels] {
      let places = entries.indices.filter {
        entries[$0].kind == kind && entries[$0].meaning.split == nil
      }
      let splits: [ArrayName.Split?] = places.count == 2 ? [.training, .test] : [nil]
      for (place, split) in zip(places, splits) {
        entries[place].meaning.split = split
        entries[place].meaning.set = ""
      }
    }
  }
}

extension ArrayFolder {
  /// Drops the arrays of other sets with their own images.
  fileprivate mutating func keep(set: String) {
    let sets = Set(entries.lazy.filter { $0.kind == .images }.map(\.meaning.set))
    guard sets.contains(set) else { return }
    entries.removeAll { $0.meaning.set != set && sets.contains($0.meaning.set) }
  }
}

extension ArrayName {
  /// Whether the name is that of the mapping of a set, such as `emnist-letters-mapping.txt`.
  func isMapping(of set: String) -> Bool {
    self.set == (set.isEmpty ? "mapping-txt" : "\(set)-mapping-txt")
  }
}

extension RawDataset {
  /// Names the classes of ten digits by their numbers, even if one of them doesn't occur.
  mutating func keepDigits() {
    let largest = [training, test, unsplit].flatMap(\.labels).compactMap(\.self).max() ?? 10
    if largest < 10 { classNames = (0...largest).map(String.init) }
  }
}
