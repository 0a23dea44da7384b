import ArgumentParser
import Datasets
import Files
import Foundation
import Reporting

/// How samples are written.
enum SampleFormat: String, ExpressibleByArgument, CaseIterable {
  /// One picture of all.
  case grid
  /// A picture each, in a folder for each class.
  case folders
  /// NumPy arrays.
  case npz
  /// A pair of files in MNIST's format.
  case idx

  /// The format that a file or folder name implies: a name without an extension is a folder's, unless
  /// something else exists there.
  init(of path: String) {
    var isFolder: ObjCBool = false
    let isThere = FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
    let ending = (path as NSString).pathExtension.lowercased()
    if ending == "npz" {
      self = .npz
    } else if path.hasSuffix("/") || isFolder.boolValue || !isThere && ending.isEmpty {
      self = .folders
    } else {
      self = .grid
    }
  }

  /// The maximum number of images of all classes: what fits a picture, a list of files, or memory.
  var limit: Int {
    switch self {
    case .grid: 100_000
    case .folders: 200_000
    case .npz, .idx: 10_000_000
    }
  }
}

/// Images that a generator drew, with all that is needed to train on them.
struct Samples {
  /// The shape of an image.
  var shape: ImageShape
  /// The names of the classes.
  var classNames: [String]
  /// D.
  var latentDimension: Int
  /// n × rows × columns × channels.
  var images: [UInt8] = []
  /// The class of each.
  var labels: [UInt8] = []
  /// The latent vector of each, n × D.
  var latents: [Float] = []
  /// How sure the classifier is of the class of each; empty where there is no classifier.
  var confidences: [Float] = []

  /// The number of images.
  var count: Int { labels.count }

  // MARK: Files

  /// The names of the files that ``write(_:to:prefix:notes:)`` makes in a folder.
  func names(_ format: SampleFormat, prefix: String) -> [String] {
    guard format == .folders else {
      return [imagesName, "labels-idx1-ubyte", ClassNames.fileName]
    }
    var counts = [Int](repeating: 0, count: classNames.count)
    return labels.map { label in
      counts[Int(label)] += 1
      let number = String(counts[Int(label)])
      let padded = String(repeating: "0", count: max(0, 5 - number.count)) + number
      return "\(Self.folderName(classNames[Int(label)]))/\(prefix)-\(padded).png"
    }
  }

  private var imagesName: String {
    shape.channels == 1 ? "images-idx3-ubyte" : "images-idx4-ubyte"
  }

  /// A class name as a folder name.
  static func folderName(_ className: String) -> String {
    let name = className.replacing("/", with: "-").replacing("\0", with: "")
    return name.hasPrefix(".") || name.isEmpty ? "_\(name)" : name
  }

  /// Writes the images in a format that is not a grid.
  /// - Parameters:
  ///   - prefix: The prefix of the names of single pictures.
  ///   - notes: The text chunks of single pictures.
  /// - Throws: `FileError` when something else is in the way, or a file can't be written.
  func write(
    _ format: SampleFormat, to path: String, prefix: String, notes: [(key: String, value: String)]
  ) throws {
    let extents = [shape.rows, shape.columns] + (shape.channels == 1 ? [] : [shape.channels])
    if format == .npz {
      var arrays = [
        ("images", NPYArray(images, dimensions: [count] + extents)),
        ("labels", NPYArray(labels.map { Int32($0) }, dimensions: [count])),
        ("latents", NPYArray(latents, dimensions: [count, latentDimension])),
      ]
      if !confidences.isEmpty {
        arrays.append(("confidence", NPYArray(confidences, dimensions: [count])))
      }
      try writeAtomically(
        NPZFile.contents(arrays.map { (name: $0.0, array: $0.1) }, classNames: classNames),
        to: path)
      return
    }
    let names = names(format, prefix: prefix)
    try makeFolder(path)
    try FileList(of: path).claim(names)
    if format == .idx {
      let files = [
        IDXFile.contents(dimensions: [count] + extents, bytes: images),
        IDXFile.contents(dimensions: [count], bytes: labels),
        ClassNames.contents(classNames),
      ]
      for (name, bytes) in zip(names, files) { try writeAtomically(bytes, to: "\(path)/\(name)") }
      return
    }
    for name in Set(labels).map({ classNames[Int($0)] }) {
      try makeFolder("\(path)/\(Self.folderName(name))")
    }
    for (index, name) in names.enumerated() {
      try Picture(
        width: shape.columns, height: shape.rows, channels: shape.channels,
        pixels: Array(images[index * shape.count..<(index + 1) * shape.count])
      ).writePNG(to: "\(path)/\(name)", text: notes)
    }
  }
}
