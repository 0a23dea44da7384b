import Datasets
import Files

extension Reader {
  /// Reads bytes as one file of a data set of arrays.
  func readArrays(_ bytes: [UInt8], in folder: String) throws -> Bool {
    switch self {
    case .npy:
      let array = try NPYArray(bytes, of: "bytes")
      precondition(array.floats().count == array.count)
      let again = try NPYArray(array.contents, of: "again")
      precondition(again.dimensions == array.dimensions)
      return true
    case .npz:
      let file = try NPZFile(bytes, of: "bytes")
      _ = try file.classNames()
      for name in file.names { _ = try file.array(name) }
      try write(bytes, to: "\(folder)/set.npz")
      return try isSet("\(folder)/set.npz")
    case .pixels:
      try write(bytes, to: "\(folder)/a.idx")
      return try isSet("\(folder)/a.idx")
    case .labels:
      try keep(Self.fourImages, to: "\(folder)/train-images.idx")
      try write(bytes, to: "\(folder)/train-labels.idx")
      return try isSet(folder)
    case .cifar:
      try keep([UInt8](repeating: 1, count: 3073), to: "\(folder)/test_batch.bin")
      try write(bytes, to: "\(folder)/data_batch_1.bin")
      return try isSet(folder)
    case .mapping:
      try keep(Self.fourImages, to: "\(folder)/train-images.idx")
      try keep(Self.fourLabels, to: "\(folder)/train-labels.idx")
      try write(bytes, to: "\(folder)/mapping.txt")
      return try isSet(folder)
    default: preconditionFailure("\(self) reads no arrays")
    }
  }

  /// Four images of a pixel.
  private static let fourImages: [UInt8] =
    [0, 0, 8, 3, 0, 0, 0, 4, 0, 0, 0, 1, 0, 0, 0, 1] + [1, 2, 3, 4]
  /// Their labels.
  private static let fourLabels: [UInt8] = [0, 0, 8, 1, 0, 0, 0, 4] + [1, 2, 1, 2]

  /// Reads a data set; a path that leads to none throws.
  private func isSet(_ path: String) throws -> Bool {
    let data = try Dataset.load(.path(path))
    precondition(data.training.count > 0 && data.test.count > 0)
    return true
  }
}
