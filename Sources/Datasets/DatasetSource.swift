import Files
import Foundation

/// Where a data set comes from: the value of `--dataset`.
public enum DatasetSource: Sendable, Equatable, CustomStringConvertible {
  /// Hand-written digits, from the cache that `tools/fetch-mnist` fills.
  case mnist
  /// Articles of clothing, from the cache or Debian's package `dataset-fashion-mnist`.
  case fashionMNIST
  /// A folder with the four files of a data set under MNIST's names, each plain or `.gz`.
  case folder(String)

  /// Reads the value of an option: `mnist`, `fashion-mnist`, or else a folder.
  public init(_ text: String) {
    switch text {
    case "mnist": self = .mnist
    case "fashion-mnist": self = .fashionMNIST
    default: self = .folder(text)
    }
  }

  /// The text that ``init(_:)`` reads.
  public var description: String {
    switch self {
    case .mnist: "mnist"
    case .fashionMNIST: "fashion-mnist"
    case .folder(let path): path
    }
  }

  /// The names of the classes, in the order of their labels, where they are known beforehand.
  public var classNames: [String]? {
    switch self {
    case .folder: nil
    case .mnist: (0..<10).map(String.init)
    case .fashionMNIST:
      [
        "T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag",
        "Ankle boot",
      ]
    }
  }

  /// What to do about files that are not there or are broken.
  var remedy: String {
    switch self {
    case .mnist: "run tools/fetch-mnist"
    case .fashionMNIST: "install the package dataset-fashion-mnist"
    case .folder: "put MNIST's four files there, or choose mnist or fashion-mnist"
    }
  }

  /// The folders that may hold the files, the first choice first.
  func folders(environment: [String: String]) -> [String] {
    let cache = "\(cacheFolder(environment))/digitalis"
    return switch self {
    case .mnist: ["\(cache)/mnist"]
    case .fashionMNIST: ["\(cache)/fashion-mnist", "/usr/share/datasets/fashion-mnist"]
    case .folder(let path): [path.isEmpty ? "." : path]
    }
  }

  /// The paths of the images and the labels of one split.
  /// - Throws: ``FileError`` when there is no such folder, or a file is not in it.
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
    // What may not be looked at is not missing.
    for path in [folder, "\(folder)/\(imagesName)"] where access(path, F_OK) != 0 && errno == EACCES
    {
      throw FileError(folder, "cannot be read: Permission denied", remedy: "check its permissions")
    }
    var status = stat()
    let isFolder = stat(folder, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    let isThere = access(folder, F_OK) == 0
    throw FileError(
      folder,
      isFolder
        ? "\(imagesName)[.gz] is not in it" : isThere ? "is not a folder" : "no such folder",
      remedy: remedy)
  }
}

extension DatasetSource: ExpressibleByStringLiteral {
  /// Reads a literal as ``init(_:)`` does.
  public init(stringLiteral value: String) { self.init(value) }
}

/// The user's folder for files that can be fetched again.
private func cacheFolder(_ environment: [String: String]) -> String {
  if let folder = environment["XDG_CACHE_HOME"], !folder.isEmpty { return folder }
  return "\(environment["HOME"] ?? NSHomeDirectory())/.cache"
}

/// The path of a file that is there, packed or plain.
private func find(_ name: String, in folder: String) -> String? {
  ["\(folder)/\(name).gz", "\(folder)/\(name)"].first { access($0, F_OK) == 0 }
}
