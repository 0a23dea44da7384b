import Files
import Foundation

/// Labelled gray images, all of one size, as bytes: MNIST and its relatives.
public struct ImageDataset: Sendable {
  /// The two parts of a data set.
  public enum Split: String, Sendable, CaseIterable {
    /// The images to learn from: 60,000 of MNIST.
    case train
    /// The images to judge by: 10,000 of MNIST.
    case test

    /// How the names of the split's files begin.
    var filePrefix: String { self == .train ? "train" : "t10k" }
  }

  /// The number of classes; a label is below it.
  public static let classCount = 10

  /// Which data set it is, such as `mnist`; the folder as it was given for another one.
  public let name: String
  /// The intensities, 0 (black) to 255, of count × rows × columns.
  public let images: [UInt8]
  /// The class of each image, 0 to 9.
  public let labels: [UInt8]
  /// The height of an image in pixels.
  public let rows: Int
  /// The width of an image in pixels.
  public let columns: Int

  /// The number of images.
  public var count: Int { labels.count }
  /// The number of pixels of an image.
  public var pixels: Int { rows * columns }

  /// What tells these images and labels from others.
  public var checksum: String { Files.checksum(images, labels) }

  /// Makes a data set of what is given.
  /// - Parameters:
  ///   - images: labels.count × rows × columns.
  ///   - labels: each below ``classCount``.
  public init(name: String, images: [UInt8], labels: [UInt8], rows: Int, columns: Int) {
    precondition(
      images.count == labels.count * rows * columns,
      "\(images.count) bytes are not \(labels.count) images of \(rows) × \(columns)")
    self.name = name
    self.images = images
    self.labels = labels
    self.rows = rows
    self.columns = columns
  }

  /// Reads one part of a data set.
  /// - Throws: ``FileError`` when a file is missing, broken, or does not belong to the other.
  public static func load(_ source: DatasetSource, split: Split) throws(FileError) -> ImageDataset {
    try load(source, split: split, environment: ProcessInfo.processInfo.environment)
  }

  /// Reads one part, with the cache where the environment says.
  static func load(
    _ source: DatasetSource, split: Split, environment: [String: String]
  ) throws(FileError) -> ImageDataset {
    let paths = try source.files(for: split, environment: environment)
    let remedy = source == .mnist ? source.remedy : "fetch the file again"
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
    if let index = labels.bytes.firstIndex(where: { $0 >= classCount }) {
      throw FileError(
        paths.labels, "label \(index) is \(labels.bytes[index]), above \(classCount - 1)",
        remedy: remedy)
    }
    return ImageDataset(
      name: source.description, images: images.bytes, labels: labels.bytes,
      rows: images.dimensions[1], columns: images.dimensions[2])
  }
}

extension ImageDataset {
  /// The positions of the images of one class, ascending: what a device gathers rows by.
  public func indices(label: Int) -> [Int32] {
    labels.indices.filter { labels[$0] == label }.map(Int32.init)
  }

  /// The positions of the images of every class: `indicesByLabel()[label]`, in one pass.
  public func indicesByLabel() -> [[Int32]] {
    var result = [[Int32]](repeating: [], count: Self.classCount)
    for (index, label) in labels.enumerated() { result[Int(label)].append(Int32(index)) }
    return result
  }

  /// The images at some positions, with their labels, as a data set of its own.
  public func selecting(_ indices: some Sequence<Int32>) -> ImageDataset {
    var images: [UInt8] = []
    var labels: [UInt8] = []
    for index in indices.lazy.map(Int.init) {
      images += self.images[index * pixels..<(index + 1) * pixels]
      labels.append(self.labels[index])
    }
    return ImageDataset(name: name, images: images, labels: labels, rows: rows, columns: columns)
  }
}
