import Files
import Foundation

/// A data set: training images and test images, of one shape and with the same classes.
public struct Dataset: Sendable {
  /// The training images.
  public let training: ImageDataset
  /// The test images.
  public let test: ImageDataset
  /// What a user should know about how the source was interpreted, a line each.
  public let notes: [String]
  /// What could not be read and was skipped, a line each.
  public let leftOut: [String]

  /// Combines two parts.
  public init(
    training: ImageDataset, test: ImageDataset, notes: [String] = [], leftOut: [String] = []
  ) {
    precondition(
      training.shape == test.shape && training.classNames == test.classNames,
      "the parts of a data set have one shape and the same classes")
    self.training = training
    self.test = test
    self.notes = notes
    self.leftOut = leftOut
  }

  /// One part.
  public subscript(split: ImageDataset.Split) -> ImageDataset {
    split == .train ? training : test
  }

  /// Reads a data set: a known one, arrays, or pictures.
  ///
  /// If the source has no test images, a tenth become test images, by their content; validation images are
  /// training images, or, for pictures without test images, test images.
  /// - Parameters:
  ///   - source: The name of a known set, or a path.
  ///   - preparation: How the images are made alike.
  ///   - progress: Gets the number of prepared images and the total, if that takes time.
  /// - Throws: `FileError` when a file is missing, broken, or does not belong to the others; what
  ///   `progress` throws.
  public static func load(
    _ source: DatasetSource, _ preparation: Preparation = Preparation(),
    progress: (_ done: Int, _ all: Int) throws -> Void = { _, _ in }
  ) throws -> Dataset {
    try load(
      source, preparation, environment: ProcessInfo.processInfo.environment, progress: progress)
  }

  /// Reads a data set, with the cache that the environment names.
  static func load(
    _ source: DatasetSource, _ preparation: Preparation = Preparation(),
    environment: @autoclosure () -> [String: String],
    progress: (_ done: Int, _ all: Int) throws -> Void = { _, _ in }
  ) throws -> Dataset {
    switch source {
    case .mnist, .fashionMNIST:
      var raw = try source.known(environment())
      try raw.prepare(preparation, of: source.description, progress: progress)
      return try raw.assembled(name: source.description, of: source.description)
    case .path(let given):
      let path = given.isEmpty ? "." : given
      return try raw(path, preparation, environment, progress)
        .assembled(name: source.description, of: path)
    }
  }

  /// Reads all images of a path as one set, whatever their parts.
  /// - Throws: As ``load(_:_:progress:)``; a single image will do.
  public static func loadAll(
    _ path: String, _ preparation: Preparation = Preparation(),
    progress: (_ done: Int, _ all: Int) throws -> Void = { _, _ in }
  ) throws -> ImageDataset {
    try raw(path, preparation, { ProcessInfo.processInfo.environment }, progress)
      .joined(name: path)
  }

  /// The prepared images of a path.
  private static func raw(
    _ path: String, _ preparation: Preparation, _ environment: () -> [String: String],
    _ progress: (_ done: Int, _ all: Int) throws -> Void
  ) throws -> RawDataset {
    func arrays(prefersPictures: Bool) throws -> RawDataset? {
      let source = ArraySource(path: path, prefersPictures: prefersPictures)
      var raw = try source.load(preparation)
      try raw?.prepare(preparation, of: path, progress: progress)
      return raw
    }
    if let raw = try arrays(prefersPictures: true) { return raw }
    try checkThere(path)
    if let pictures = try ImageFiles(path: path) {
      return try pictures.read(preparation, environment: environment(), progress: progress)
    }
    if let raw = try arrays(prefersPictures: false) { return raw }
    throw try nothingUsable(path)
  }
}
