import Files
import Foundation

/// A data set: images to learn from and images to judge by, of one shape and with the same classes.
public struct Dataset: Sendable {
  /// The images to learn from.
  public let training: ImageDataset
  /// The images to judge by.
  public let test: ImageDataset

  /// Puts two parts together.
  public init(training: ImageDataset, test: ImageDataset) {
    precondition(
      training.shape == test.shape && training.classNames == test.classNames,
      "the parts of a data set have one shape and the same classes")
    self.training = training
    self.test = test
  }

  /// One part.
  public subscript(split: ImageDataset.Split) -> ImageDataset {
    split == .train ? training : test
  }

  /// Reads a data set.
  ///
  /// - Parameter progress: Gets the images prepared so far and all that there are, where that takes time.
  /// - Throws: ``FileError`` when a file is missing, broken, or does not belong to the others.
  public static func load(
    _ source: DatasetSource, _ preparation: Preparation = Preparation(),
    progress: (_ done: Int, _ all: Int) throws -> Void = { _, _ in }
  ) throws -> Dataset {
    try load(source, preparation, environment: ProcessInfo.processInfo.environment)
  }

  /// Reads a data set, with the cache where the environment says.
  static func load(
    _ source: DatasetSource, _ preparation: Preparation, environment: [String: String]
  ) throws -> Dataset {
    let remedy = source == .mnist ? source.remedy : "fetch the file again"
    func read(_ split: ImageDataset.Split) throws -> (IDXFile, IDXFile, String) {
      let paths = try source.files(for: split, environment: environment)
      let images = try IDXFile(path: paths.images, dimensionCount: 3, remedy: remedy)
      let labels = try IDXFile(path: paths.labels, dimensionCount: 1, remedy: remedy)
      guard !images.bytes.isEmpty else {
        let extents = images.dimensions.map(String.init).joined(separator: " × ")
        throw FileError(paths.images, "holds no pixels (\(extents))", remedy: remedy)
      }
      guard images.dimensions[0] == labels.dimensions[0] else {
        throw FileError(
          paths.labels, "\(labels.dimensions[0]) labels for \(images.dimensions[0]) images",
          remedy: remedy)
      }
      return (images, labels, paths.labels)
    }
    let (train, test) = (try read(.train), try read(.test))
    let largest = max(train.1.bytes.max() ?? 0, test.1.bytes.max() ?? 0)
    guard largest < ImageDataset.classLimit else {
      throw FileError(train.2, "has label \(largest), above \(ImageDataset.classLimit - 1)", remedy: remedy)
    }
    let names = source.classNames ?? (0...Int(largest)).map(String.init)
    func dataset(_ files: (IDXFile, IDXFile, String)) -> ImageDataset {
      ImageDataset(
        name: source.description, images: files.0.bytes, labels: files.1.bytes,
        shape: ImageShape(rows: files.0.dimensions[1], columns: files.0.dimensions[2]),
        classNames: names)
    }
    return Dataset(training: dataset(train), test: dataset(test))
  }
}
