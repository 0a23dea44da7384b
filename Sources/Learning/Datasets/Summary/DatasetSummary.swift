/// A summary of a data set: its shape, the number of images of each class, and its duplicates.
public struct DatasetSummary: Sendable {
  /// A class with its images.
  public struct ClassCount: Sendable, Equatable {
    /// Its name.
    public let name: String
    /// The number of its training images.
    public let training: Int
    /// The number of its test images.
    public let test: Int
  }

  /// The name of the data set.
  public let name: String
  /// The shape of an image.
  public let shape: ImageShape
  /// The number of training images.
  public let trainingCount: Int
  /// The number of test images.
  public let testCount: Int
  /// The classes in the order of their labels; none if no image has a label.
  public let classes: [ClassCount]
  /// The number of images without a label.
  public let unlabelledCount: Int
  /// The number of training images that are byte-for-byte copies of an earlier one.
  public let trainingDuplicates: Int
  /// The number of test images that are copies of an earlier one.
  public let testDuplicates: Int
  /// The number of test images that are also training images.
  public let leaked: Int
  /// The number of distinct images with several labels.
  public let contradictions: Int
  /// What a user should know about how the source was interpreted.
  public let notes: [String]
  /// What could not be read and was skipped.
  public let leftOut: [String]

  /// Summarises a data set.
  public init(_ data: Dataset) {
    let (training, test) = (data.training, data.test)
    name = training.name
    shape = training.shape
    (trainingCount, testCount) = (training.count, test.count)
    (notes, leftOut) = (data.notes, data.leftOut)
    let counts = [training, test].map { part in part.indicesByLabel().map(\.count) }
    classes = training.classNames.enumerated().map {
      ClassCount(name: $1, training: counts[0][$0], test: counts[1][$0])
    }
    unlabelledCount =
      trainingCount + testCount - counts.joined().reduce(0, +)

    let hashes = [training, test].map { contentHashes($0.images, size: $0.pixels) }
    trainingDuplicates = hashes[0].count - Set(hashes[0]).count
    testDuplicates = hashes[1].count - Set(hashes[1]).count
    let learned = Set(hashes[0])
    leaked = hashes[1].count { learned.contains($0) }
    var labels: [UInt64: UInt8] = [:]
    var contradicted: Set<UInt64> = []
    for (part, hashes) in zip([training, test], hashes) {
      for (hash, label) in zip(hashes, part.labels) where label != ImageDataset.unlabelled {
        let first = labels.updateValue(label, forKey: hash)
        if let first, first != label { contradicted.insert(hash) }
      }
    }
    contradictions = contradicted.count
  }

  /// The summary as lines of text; all classes, however many, for a table is made of them.
  public var lines: [String] {
    func images(_ count: Int) -> String { "\(count) \(count == 1 ? "image" : "images")" }
    var lines = [
      "\(name): \(images(trainingCount)) to learn from and \(testCount) to judge by, "
        + "\(shape.rows) rows × \(shape.columns) columns, "
        + (shape.channels == 1
          ? "gray" : shape.channels == 3 ? "colour" : "\(shape.channels) channels")
    ]
    lines.append(
      classes.isEmpty
        ? "no labels" : "\(classes.count) \(classes.count == 1 ? "class" : "classes")")
    if unlabelledCount > 0 && !classes.isEmpty {
      lines.append("\(images(unlabelledCount)) without a label")
    }
    if trainingDuplicates + testDuplicates > 0 {
      lines.append(
        "there more than once: \(trainingDuplicates) to learn from, \(testDuplicates) to judge by")
    }
    if leaked > 0 {
      lines.append("\(images(leaked)) to judge by are among those to learn from, too")
    }
    if contradictions > 0 { lines.append("\(images(contradictions)) with several labels") }
    lines += notes.map { "note: \($0)" }
    lines += leftOut.map { "left out: \($0)" }
    return lines
  }
}
