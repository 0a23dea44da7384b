import Files

extension RawDataset {
  /// Reads images with their labels from arrays.
  ///
  /// - Parameters:
  ///   - path: The path named in errors about the whole.
  ///   - isExact: Whether images of bytes are taken unscaled, whatever their maximum.
  /// - Throws: `FileError` if the arrays don't match, or hold something else.
  init(_ parts: [ArrayPart], of path: String, isExact: Bool = false) throws(FileError) {
    var images: [NumberArray] = []
    var labels: [[Int?]] = []
    for part in parts {
      let array = try part.images.load()
      let layout = try array.arrayLayout()
      if let entry = part.labels {
        let numbers = try entry.load()
        let found = try numbers.labels()
        guard found.count == layout.count else {
          throw numbers.problem("holds \(found.count) labels for \(layout.count) images")
        }
        labels.append(found)
      } else {
        labels.append([Int?](repeating: nil, count: layout.count))
      }
      if let first = try images.first?.arrayLayout(), first.shape != layout.shape {
        throw array.problem(
          "holds images of \(layout.shape), the other ones are of \(first.shape)",
          remedy: "give all images one size")
      }
      images.append(array)
    }
    let isExact = isExact && images.allSatisfy { $0.type == .uint8 }
    let scale = isExact ? PixelScale.bytes : try PixelScale(of: images)
    guard let shape = try images.first?.arrayLayout().shape else {
      throw FileError(path, "holds no images", remedy: DatasetSource.understood)
    }
    self.init(shape: shape)
    if let note = scale.note { notes.append(note) }
    let splits = Set(parts.map(\.split))
    if splits.contains(.validation) && splits.contains(.test) {
      notes.append("the images for validation are among those to learn from")
    }
    images.reverse()  // So that each can be freed once it is done.
    for (index, part) in parts.enumerated() {
      let array = images.removeLast()
      let layout = try array.arrayLayout()
      append(Part(images: array.pixels(layout, scale), labels: labels[index]), to: part.split)
    }
    try settleSplits(of: path)
  }

  /// Adds images to their part.
  mutating func append(_ part: consuming Part, to split: ArrayName.Split?) {
    switch split {
    case .training, .validation: training.append(part)
    case .test: test.append(part)
    case nil: unsplit.append(part)
    }
  }

  /// Makes images without a split training images if there are test images; otherwise a tenth become test
  /// images.
  mutating func settleSplits(of path: String) throws(FileError) {
    guard test.labels.isEmpty else {
      guard !training.labels.isEmpty || !unsplit.labels.isEmpty else {
        throw FileError(
          path, "holds test images and none to learn from",
          remedy: "put the training images beside them")
      }
      training.append(unsplit)
      unsplit = Part()
      return
    }
    guard !training.labels.isEmpty else { return }
    training.append(unsplit)
    unsplit = training
    training = Part()
  }
}

extension RawDataset.Part {
  /// Appends other images to these.
  mutating func append(_ other: consuming Self) {
    guard !labels.isEmpty else {
      self = other
      return
    }
    images += other.images
    labels += other.labels
    names += other.names
  }
}
