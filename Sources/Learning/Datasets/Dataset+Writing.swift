import Files

extension Dataset {
  /// Writes the images and labels as four IDX files under MNIST's names into a folder, colour images with
  /// channels last, and the class names as `classes.txt`.
  ///
  /// - Throws: `FileError` if the folder holds files that are not digitalis's own, some images have no
  ///   label, or it can't be written to.
  public func writeIDX(to folder: String) throws(FileError) {
    guard training.classCount > 0, training.labelled.count == training.count,
      test.labelled.count == test.count
    else {
      throw FileError(
        folder, "cannot hold images without labels as IDX files",
        remedy: "write an .npz file, or label all images")
    }
    let kind = training.shape.channels == 1 ? "idx3" : "idx4"
    var files: [(name: String, bytes: [UInt8])] = []
    for split in ImageDataset.Split.allCases {
      let part = self[split]
      files.append(
        (
          "\(split.filePrefix)-images-\(kind)-ubyte",
          IDXFile.contents(dimensions: part.dimensions, bytes: part.images)
        ))
      files.append(
        (
          "\(split.filePrefix)-labels-idx1-ubyte",
          IDXFile.contents(dimensions: [part.count], bytes: part.labels)
        ))
    }
    files.append((ClassNames.fileName, ClassNames.contents(training.classNames)))
    try makeFolder(folder)
    try FileList(of: folder).claim(files.map(\.name))
    for (name, bytes) in files { try writeAtomically(bytes, to: "\(folder)/\(name)") }
  }

  /// Writes the images and labels as an `.npz` file under MedMNIST's names: `train_images` as n × rows ×
  /// columns, with channels last if in colour, `train_labels` as n × 1, and the same for `test`; no labels
  /// if there are none. The class names are in `classes.txt` in the archive.
  ///
  /// - Throws: `FileError` if only some images have a label, or the file can't be written.
  public func writeNPZ(to path: String) throws(FileError) {
    let labelled = training.labelled.count + test.labelled.count
    guard [0, training.count + test.count].contains(labelled) else {
      throw FileError(
        path, "cannot hold images of which \(labelled) have a label and others have none",
        remedy: "label all of them, or none")
    }
    var arrays: [(name: String, array: NPYArray)] = []
    for split in ImageDataset.Split.allCases {
      let part = self[split]
      arrays.append(
        ("\(split.rawValue)_images", NPYArray(part.images, dimensions: part.dimensions)))
      if labelled > 0 {
        arrays.append(
          ("\(split.rawValue)_labels", NPYArray(part.labels, dimensions: [part.count, 1])))
      }
    }
    try NPZFile.write(
      arrays, classNames: labelled > 0 ? training.classNames : nil, to: path)
  }
}

extension ImageDataset {
  /// The dimensions of the array of all images.
  fileprivate var dimensions: [Int] {
    [count, rows, columns] + (shape.channels == 1 ? [] : [shape.channels])
  }
}
