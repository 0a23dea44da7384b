import Files
import Foundation

/// The source of a data set: the value of `--dataset`.
public enum DatasetSource: Sendable, Equatable, CustomStringConvertible {
  /// Hand-written digits, from the cache that `digitalis data fetch` fills.
  case mnist
  /// Articles of clothing, from the cache or Debian's package `dataset-fashion-mnist`.
  case fashionMNIST
  /// Arrays or pictures: a folder or a file, or the common prefix of some files in a folder.
  case path(String)

  /// Reads the value of an option: `mnist`, `fashion-mnist`, or otherwise a path.
  public init(_ text: String) {
    switch text {
    case "mnist": self = .mnist
    case "fashion-mnist": self = .fashionMNIST
    default: self = .path(text)
    }
  }

  /// The text that ``init(_:)`` reads.
  public var description: String {
    switch self {
    case .mnist: "mnist"
    case .fashionMNIST: "fashion-mnist"
    case .path(let path): path
    }
  }

  /// The names of the classes, in the order of their labels, if they are known beforehand.
  public var classNames: [String]? {
    switch self {
    case .path: nil
    case .mnist: (0..<10).map(String.init)
    case .fashionMNIST:
      [
        "T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag",
        "Ankle boot",
      ]
    }
  }

  /// The supported kinds of paths, for errors.
  static let understood =
    "give IDX files as MNIST's, .npy or .npz arrays, CIFAR's .bin files, or folders or archives of "
    + "PNG or JPEG pictures"

  /// What to do about missing or broken files.
  var remedy: String {
    switch self {
    case .mnist: "run digitalis data fetch mnist"
    case .fashionMNIST:
      "run digitalis data fetch fashion-mnist, or install the package dataset-fashion-mnist"
    case .path: Self.understood
    }
  }

  /// The folders that may hold the files of a known set, the first choice first.
  func folders(environment: [String: String]) -> [String] {
    let cache = "\(cacheFolder(environment))/digitalis"
    return switch self {
    case .mnist: ["\(cache)/mnist"]
    case .fashionMNIST: ["\(cache)/fashion-mnist", "/usr/share/datasets/fashion-mnist"]
    case .path(let path): [path.isEmpty ? "." : path]
    }
  }

  /// The paths of the images and the labels of one split of a known set.
  /// - Throws: `FileError` when there is no such folder, or a file is missing from it.
  func files(
    for split: ImageDataset.Split, environment: [String: String]
  ) throws(FileError) -> (images: String, labels: String) {
    let folders = folders(environment: environment)
    let imagesName = "\(split.filePrefix)-images-idx3-ubyte"
    let labelsName = "\(split.filePrefix)-labels-idx1-ubyte"
    for folder in folders {
      guard let images = find(imagesName, in: folder) else { continue }
      guard let labels = find(labelsName, in: folder) else {
        throw FileError(images, "\(labelsName)[.gz] is not beside it", remedy: remedy)
      }
      return (images, labels)
    }
    let folder = folders[0]
    try checkThere(folder, "no such folder", remedy: remedy)
    // A file without access permission is not missing.
    try checkAccess(folder, "\(folder)/\(imagesName)")
    throw FileError(
      folder, isFolder(folder) ? "\(imagesName)[.gz] is not in it" : "is not a folder",
      remedy: remedy)
  }

  /// Reads a known set.
  /// - Throws: `FileError` when a file is missing, broken, or does not belong to the others.
  func known(_ environment: [String: String]) throws(FileError) -> RawDataset {
    var parts: [ArrayPart] = []
    for split in ImageDataset.Split.allCases {
      func entry(
        _ file: KeyPath<(images: String, labels: String), String>, dimensions: Int
      ) -> ArrayEntry {
        ArrayEntry(name: "", meaning: ArrayName(""), dimensions: []) { () throws(FileError) in
          let path = try files(for: split, environment: environment)[keyPath: file]
          let array = try NumberArray.idx(path, remedy: remedy)
          guard array.type == .uint8, array.dimensions.count == dimensions else {
            throw array.problem(
              "holds \(array.type.text) in \(array.dimensions.count) dimensions instead of "
                + "bytes in \(dimensions)")
          }
          guard dimensions == 3 || array.bytes.allSatisfy({ $0 < 10 }) else {
            let index = array.bytes.firstIndex { $0 > 9 } ?? 0
            throw array.problem("label \(index) is \(array.bytes[index]), above 9")
          }
          return array
        }
      }
      parts.append(
        ArrayPart(
          split: split == .train ? .training : .test, images: entry(\.images, dimensions: 3),
          labels: entry(\.labels, dimensions: 1)))
    }
    var raw = try RawDataset(parts, of: description, isExact: true)
    raw.classNames = classNames
    return raw
  }
}

extension DatasetSource: ExpressibleByStringLiteral {
  /// Reads a literal as ``init(_:)`` does.
  public init(stringLiteral value: String) { self.init(value) }
}

/// The path of an existing file, packed or plain.
private func find(_ name: String, in folder: String) -> String? {
  ["\(folder)/\(name).gz", "\(folder)/\(name)"].first { access($0, F_OK) == 0 }
}
