import Compute
import Datasets
import Files
import Foundation
import Models
import NeuralNetwork

extension RunLabels {
  /// No labels yet for the images of a data set.
  public init(for training: ImageDataset) {
    self.init(classNames: [], entries: [], source: "", origin: checksum(training.images))
  }

  /// The data set's own labels.
  public init(of training: ImageDataset) {
    self.init(for: training)
    add(
      training.labels.indices.filter { training.labels[$0] != ImageDataset.unlabelled }.map {
        ($0, training.classNames[Int(training.labels[$0])])
      }, from: "the data set", order: training.classNames)
  }

  /// Adds given labels, replacing those that images already have. Labels found from others are dropped, for
  /// they may no longer hold.
  ///
  /// - Parameters:
  ///   - given: Positions of training images, and the class of each.
  ///   - source: A description of their origin.
  ///   - order: Class names to put first, in this order.
  public mutating func add(
    _ given: [(image: Int, className: String)], from source: String, order: [String]
  ) {
    var names: [Int: String] = [:]
    for entry in self.given { names[entry.image] = classNames[entry.label] }
    for (image, name) in given { names[image] = name }
    let present = Set(names.values)
    var known = Set<String>()
    classNames = (order + classNames + given.map(\.className)).filter {
      present.contains($0) && known.insert($0).inserted
    }
    let numbers = Dictionary(uniqueKeysWithValues: classNames.enumerated().map { ($1, $0) })
    entries = names.sorted { $0.key < $1.key }.compactMap { image, name in
      numbers[name].map { Entry(image: image, label: $0) }
    }
    self.source = self.source.isEmpty ? source : "\(self.source), \(source)"
  }

  /// Adds the labels of images that need not be in the data set: those that are, pixel for pixel, are
  /// labelled there, and the others are added.
  ///
  /// - Parameters:
  ///   - images: With the shape of the training images.
  ///   - training: The training images of the run.
  ///   - source: A description of their origin.
  public mutating func add(_ images: ImageDataset, to training: ImageDataset, from source: String) {
    let size = training.pixels
    var places: [ArraySlice<UInt8>: Int] = [:]
    for index in (0..<training.count).reversed() {
      places[training.images[index * size..<(index + 1) * size]] = index
    }
    var given: [(Int, String)] = []
    for index in 0..<images.count where images.labels[index] != ImageDataset.unlabelled {
      let image = images.images[index * size..<(index + 1) * size]
      let place = places[image] ?? training.count + extra.count / size
      if places[image] == nil {
        places[image] = place
        extra += image
      }
      given.append((place, images.classNames[Int(images.labels[index])]))
    }
    add(given, from: source, order: training.classNames)
  }

  /// Labels of `count` randomly chosen images of each class of a data set, to try how few suffice.
  /// - Throws: `FileError` when a class has fewer.
  public static func choosing(_ count: Int, ofEachClassOf training: ImageDataset, seed: UInt64)
    throws(FileError) -> RunLabels
  {
    guard training.classCount > 0 else {
      throw FileError(
        training.name, "has no labels to choose from",
        remedy: "give labels by --labels or --labelled")
    }
    var chosen: [(Int, String)] = []
    for (label, indices) in training.indicesByLabel().enumerated() {
      guard indices.count >= count else {
        throw FileError(
          training.name, "has \(indices.count) images of class \(training.classNames[label])",
          remedy: "ask for at most as many of each class")
      }
      let order = Permutation(
        count: indices.count,
        stream: RandomStream(seed: seed).split(.labelling).step(1 + label))
      chosen += (0..<count).map { (Int(indices[Int(order($0))]), training.classNames[label]) }
    }
    var labels = RunLabels(for: training)
    labels.add(
      chosen, from: "\(count) of each class of the data set, seed \(seed)",
      order: training.classNames)
    return labels
  }

  /// Adds the labels of a table: a column `image` with numbers of training images, and a column `label`
  /// with class names. Lines without a label are skipped.
  ///
  /// - Returns: The number of lines skipped.
  /// - Throws: `FileError` naming the line.
  public mutating func add(table path: String, to training: ImageDataset) throws -> Int {
    let remedy = "correct the table; digitalis label --suggest writes one to fill in"
    let records = try separatedValues(path, remedy: remedy)
    guard let header = records.first?.values.map({ $0.lowercased() }),
      let image = header.firstIndex(of: "image"), let label = header.firstIndex(of: "label")
    else {
      throw FileError(path, "has no columns image and label in its first line", remedy: remedy)
    }
    var given: [Int: String] = [:]
    var blank = 0
    for (line, values) in records.dropFirst() {
      func wrong(_ problem: String) -> FileError {
        FileError(path, "line \(line): \(problem)", remedy: remedy)
      }
      guard values.count == header.count else {
        throw wrong("has \(values.count) values instead of \(header.count)")
      }
      guard let index = Int(values[image]), (0..<training.count).contains(index) else {
        throw wrong("image \(values[image]) is none of 0 to \(training.count - 1)")
      }
      guard !values[label].isEmpty else {
        blank += 1
        continue
      }
      if let other = given[index], other != values[label] {
        throw wrong("image \(index) is labelled \(other) and \(values[label])")
      }
      given[index] = values[label]
    }
    guard !given.isEmpty else { throw FileError(path, "holds no label", remedy: remedy) }
    let names = Set(given.values).union(classNames)
    guard names.count <= ImageDataset.classLimit else {
      throw FileError(
        path, "names \(names.count) classes, more than \(ImageDataset.classLimit)", remedy: remedy)
    }
    add(
      given.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }, from: path,
      order: training.classNames)
    return blank
  }
}
