import Datasets
import Files
import Foundation
import NeuralNetwork
import Training

/// The labels that a run uses in place of those of its data set: a few, and those inferred from them.
public struct RunLabels: Sendable, Equatable {
  /// The label of an image.
  public struct Entry: Sendable, Equatable {
    /// The index of the training image; from their number on, an index into ``RunLabels/extra``.
    public var image: Int
    /// The class, an index into the names.
    public var label: Int
    /// How certain the label is, in 0...1; nil if it was given rather than inferred.
    public var certainty: Float?

    /// Names the class of an image.
    public init(image: Int, label: Int, certainty: Float? = nil) {
      self.image = image
      self.label = label
      self.certainty = certainty
    }
  }

  /// The names of the classes.
  public var classNames: [String]
  /// The images with a label, ascending.
  public var entries: [Entry]
  /// Labelled images that aren't in the data set, n × rows × columns × channels.
  public var extra: [UInt8]
  /// Where the labels come from, in words.
  public var source: String
  /// The checksum of the training images that they are for.
  public var origin: String?

  /// Gathers labels.
  public init(
    classNames: [String], entries: [Entry], extra: [UInt8] = [], source: String,
    origin: String? = nil
  ) {
    self.classNames = classNames
    self.entries = entries
    self.extra = extra
    self.source = source
    self.origin = origin
  }

  /// The entries whose label was given.
  public var given: [Entry] { entries.filter { $0.certainty == nil } }

  /// The number of images of each class.
  public func counts(of entries: [Entry]) -> [Int] {
    entries.reduce(into: [Int](repeating: 0, count: classNames.count)) { $0[$1.label] += 1 }
  }

  /// The images with a label, in the order of the entries.
  public func images(of training: ImageDataset) -> ImageDataset {
    let size = training.pixels
    var bytes: [UInt8] = []
    bytes.reserveCapacity(entries.count * size)
    for entry in entries {
      if entry.image < training.count {
        bytes += training.images[entry.image * size..<(entry.image + 1) * size]
      } else {
        let start = (entry.image - training.count) * size
        bytes += extra[start..<start + size]
      }
    }
    return ImageDataset(
      name: training.name, images: bytes, labels: entries.map { UInt8($0.label) },
      shape: training.shape, classNames: classNames)
  }

  // MARK: Files

  /// Writes the labels as a safetensors file: `images`, `labels` and `certainties` (−1 where given), and
  /// `extra`.
  /// - Throws: `FileError`.
  public func save(to path: String) throws {
    var metadata = ["classNames": try json(classNames), "source": source]
    metadata["origin"] = origin
    var arrays = [
      NamedArray("images", [entries.count], entries.map { Float($0.image) }),
      NamedArray("labels", [entries.count], entries.map { Float($0.label) }),
      NamedArray("certainties", [entries.count], entries.map { $0.certainty ?? -1 }),
    ]
    if !extra.isEmpty {
      arrays.append(NamedArray("extra", [extra.count], extra.map { Float($0) }))
    }
    try SafeTensors.write(arrays, metadata: metadata, to: path)
  }

  /// Reads labels.
  /// - Throws: `FileError` when the file is missing or holds no labels.
  public init(from path: String) throws {
    let (arrays, metadata) = try SafeTensors.read(path)
    func malformed(_ problem: String) -> FileError {
      FileError(
        path, problem, remedy: "label the images again with: digitalis label, or remove the file")
    }
    func array(_ name: String, _ range: ClosedRange<Float>) throws -> [Float] {
      guard let values = arrays[name]?.values, values.allSatisfy(range.contains) else {
        throw malformed("has no \(name), or one out of range")
      }
      return values
    }
    guard let names = try value([String].self, "classNames", in: metadata, of: path),
      (1...ImageDataset.classLimit).contains(names.count), Set(names).count == names.count
    else { throw malformed("has no names of classes") }
    let images = try array("images", 0...Float(1 << 24))
    let labels = try array("labels", 0...Float(names.count - 1))
    let certainties = try array("certainties", -1...1)
    extra = arrays["extra"] == nil ? [] : try array("extra", 0...255).map { UInt8($0) }
    guard images.count == labels.count && images.count == certainties.count else {
      throw malformed("has \(labels.count) labels for \(images.count) images")
    }
    classNames = names
    entries = images.indices.map {
      Entry(
        image: Int(images[$0]), label: Int(labels[$0]),
        certainty: certainties[$0] < 0 ? nil : certainties[$0])
    }
    source = metadata["source"] ?? ""
    origin = metadata["origin"]
  }
}

extension Run {
  /// The labels that the run uses in place of those of its data set; nil if there are none.
  /// - Throws: `FileError` when the file is broken.
  public func labels() throws -> RunLabels? {
    Files.exists(labelsPath) ? try RunLabels(from: labelsPath) : nil
  }

  /// The names of the run's classes, in the order of their labels.
  /// - Throws: `FileError`.
  public func classNames() throws -> [String] {
    try labels()?.classNames ?? configuration().classes
  }

  /// The run's data set, with its labels as indices into ``classNames()``; an image of another class
  /// has none.
  /// - Throws: `FileError` when it cannot be read, or is not the one that the run began with.
  public func images() throws -> Dataset {
    let (data, names) = (try configuration().images(), try classNames())
    guard data.training.classNames != names else { return data }
    return Dataset(
      training: data.training.relabelled(for: names), test: data.test.relabelled(for: names))
  }

  /// The training images that have a label: those of ``labels()``, or of the data set.
  /// - Throws: `FileError` when there are none.
  public func labelledImages(of training: ImageDataset) throws -> ImageDataset {
    guard let labels = try labels() else {
      let labelled = training.labelled
      guard labelled.count > 0 else {
        throw FileError(
          training.name, "has no labels",
          remedy: "label some images with: digitalis label --run \(folder)")
      }
      return labelled
    }
    if let origin = labels.origin, origin != checksum(training.images) {
      throw FileError(
        labelsPath, "labels the images of another data set",
        remedy: "label the images again with: digitalis label --run \(folder)")
    }
    let all = training.count + labels.extra.count / training.pixels
    guard labels.extra.count % training.pixels == 0, labels.entries.allSatisfy({ $0.image < all })
    else {
      throw FileError(
        labelsPath, "labels images that aren't there",
        remedy: "label the images again with: digitalis label --run \(folder)")
    }
    return labels.images(of: training)
  }

  /// All training images, and those that were labelled beside them; one without a label of ``labels()``, or of the data
  /// set if the run has none of its own, is unlabelled.
  /// - Throws: `FileError` when the labels are those of another data set.
  public func labelling(_ training: ImageDataset) throws -> ImageDataset {
    guard let labels = try labels() else { return training }
    let labelled = try labelledImages(of: training)
    var known = [UInt8](repeating: ImageDataset.unlabelled, count: training.count)
    var beside: [Int32] = []
    for (place, entry) in labels.entries.enumerated() {
      if entry.image < training.count {
        known[entry.image] = UInt8(entry.label)
      } else {
        beside.append(Int32(place))
      }
    }
    return training.relabelled(known, classNames: labels.classNames)
      .appending(labelled.selecting(beside))
  }

  /// The images that a judge of the run is trained on: all that have a label, even one that the run itself doesn't
  /// use.
  /// - Throws: `FileError` when there are none.
  public func judgedImages(of training: ImageDataset) throws -> ImageDataset {
    let known = training.labelled
    guard let labels = try labels() else { return try labelledImages(of: training) }
    var own = labels
    own.entries = labels.given.filter {
      $0.image >= training.count || training.labels[$0.image] == ImageDataset.unlabelled
    }
    return known.appending(own.images(of: training))
  }

  /// What identifies the images and classes that a judge is trained on; nil in a run of an older version, which
  /// doesn't say. A judge trained on fewer labels is still valid.
  /// - Throws: `FileError`.
  public func judgeOrigin() throws -> String? {
    let configuration = try configuration()
    guard let images = configuration.checksums?[ImageDataset.Split.train.rawValue] else {
      return nil
    }
    let names = try classNames()
    guard names != configuration.classes else { return images }
    return images + checksum(Array(names.joined(separator: "\n").utf8))
  }

  /// What identifies the weights and labels from which other files are derived.
  /// - Throws: `FileError` when the run has no weights.
  public func origin() throws(FileError) -> String {
    let weights = try weightsChecksum()
    return Files.exists(labelsPath) ? weights + checksum(try readFile(labelsPath)) : weights
  }
}
