import Files
import Foundation

/// Images of one size, as bytes, with the classes of those that have a label.
public struct ImageDataset: Sendable {
  /// The two parts of a data set.
  public enum Split: String, Sendable, CaseIterable {
    /// The training images: 60,000 in MNIST.
    case train
    /// The test images: 10,000 in MNIST.
    case test

    /// The prefix of the split's file names.
    var filePrefix: String { self == .train ? "train" : "t10k" }
  }

  /// The label of an image whose class isn't known.
  public static let unlabelled: UInt8 = 255
  /// The maximum number of classes of a data set.
  public static let classLimit = 255

  /// The name of the data set, such as `mnist`; for others the path as given.
  public let name: String
  /// The intensities, 0 (black) to 255, of count × rows × columns × channels.
  public let images: [UInt8]
  /// The class of each image, or ``unlabelled``.
  public let labels: [UInt8]
  /// The shape of an image.
  public let shape: ImageShape
  /// The names of the classes, in the order of their labels; none if no image has a label.
  public let classNames: [String]

  /// The number of images.
  public var count: Int { labels.count }
  /// The number of classes; labels are below it.
  public var classCount: Int { classNames.count }
  /// The height of an image in pixels.
  public var rows: Int { shape.rows }
  /// The width of an image in pixels.
  public var columns: Int { shape.columns }
  /// The number of elements of an image, one for each pixel and channel.
  public var pixels: Int { shape.count }

  /// A checksum of these images and labels.
  public var checksum: String { Files.checksum(images, labels) }

  /// Makes a data set.
  /// - Parameters:
  ///   - name: What the set is called in texts and errors.
  ///   - images: labels.count × rows × columns × channels.
  ///   - labels: Each below the number of classes, or ``unlabelled``.
  ///   - shape: The shape of an image.
  ///   - classNames: The names of the classes, in the order of their labels.
  public init(
    name: String, images: [UInt8], labels: [UInt8], shape: ImageShape, classNames: [String]
  ) {
    precondition(
      images.count == labels.count * shape.count,
      "\(images.count) bytes are not \(labels.count) images of \(shape)")
    precondition(
      classNames.count <= Self.classLimit
        && labels.allSatisfy { $0 < classNames.count || $0 == Self.unlabelled },
      "a label without a class")
    self.name = name
    self.images = images
    self.labels = labels
    self.shape = shape
    self.classNames = classNames
  }

  /// Gray images whose classes are numbers.
  /// - Parameters:
  ///   - name: What the set is called in texts and errors.
  ///   - images: labels.count × rows × columns.
  ///   - labels: At most 254.
  ///   - rows: The height of an image.
  ///   - columns: The width of an image.
  public init(name: String, images: [UInt8], labels: [UInt8], rows: Int, columns: Int) {
    self.init(
      name: name, images: images, labels: labels, shape: ImageShape(rows: rows, columns: columns),
      classNames: (0...(labels.max() ?? 0)).map(String.init))
  }

  /// Reads one part of a data set; see ``Dataset/load(_:_:progress:)``.
  /// - Throws: `FileError`.
  public static func load(
    _ source: DatasetSource, _ preparation: Preparation = Preparation(), split: Split
  ) throws -> ImageDataset {
    try Dataset.load(source, preparation)[split]
  }
}

extension ImageDataset {
  /// The bytes of intensities in [0, 1], rounded; values outside are clamped.
  package static func bytes(_ intensities: [Float]) -> [UInt8] {
    intensities.map { UInt8(max(0, min(255, ($0 * 255).rounded()))) }
  }

  /// The positions of the images of one class, ascending: row indices for a device's gather.
  public func indices(label: Int) -> [Int32] {
    labels.indices.filter { labels[$0] == label }.map(Int32.init)
  }

  /// The positions of the images of every class: `indicesByLabel()[label]`, in one pass.
  public func indicesByLabel() -> [[Int32]] {
    var result = [[Int32]](repeating: [], count: classCount)
    for (index, label) in labels.enumerated() where label != Self.unlabelled {
      result[Int(label)].append(Int32(index))
    }
    return result
  }

  /// The images at some positions, with their labels, as a data set.
  public func selecting(_ indices: some Sequence<Int32>) -> ImageDataset {
    var images: [UInt8] = []
    var labels: [UInt8] = []
    for index in indices.lazy.map(Int.init) {
      images += self.images[index * pixels..<(index + 1) * pixels]
      labels.append(self.labels[index])
    }
    return ImageDataset(
      name: name, images: images, labels: labels, shape: shape, classNames: classNames)
  }

  /// The images that have a label.
  public var labelled: ImageDataset {
    labels.contains(Self.unlabelled)
      ? selecting(labels.indices.filter { labels[$0] != Self.unlabelled }.map(Int32.init)) : self
  }

  /// The same images with other labels.
  public func relabelled(_ labels: [UInt8], classNames: [String]) -> ImageDataset {
    ImageDataset(name: name, images: images, labels: labels, shape: shape, classNames: classNames)
  }

  /// The same images with labels that are indices into other names; an image whose class isn't among them
  /// loses its label.
  public func relabelled(for names: [String]) -> ImageDataset {
    let new = classNames.map { name in
      names.firstIndex(of: name).map { UInt8($0) } ?? Self.unlabelled
    }
    return relabelled(
      labels.map { $0 == Self.unlabelled ? $0 : new[Int($0)] }, classNames: names)
  }

  /// These images followed by others of the same shape and classes.
  public func appending(_ other: ImageDataset) -> ImageDataset {
    guard other.count > 0 else { return self }
    return ImageDataset(
      name: name, images: images + other.images, labels: labels + other.labels, shape: shape,
      classNames: classNames)
  }

  /// The same labels with other images of the same shape.
  package func replacing(images: [UInt8]) -> ImageDataset {
    ImageDataset(name: name, images: images, labels: labels, shape: shape, classNames: classNames)
  }
}
