import Datasets
import Foundation

extension Reader {
  /// Reads bytes as a picture, as an archive of pictures, or as the table of the labels of some.
  func readImages(_ bytes: [UInt8], in folder: String) throws -> Bool {
    switch self {
    case .png, .jpeg:
      // A small file may hold a large picture, and there is memory for it; here it would count as a
      // finding.
      let image = try ImageFile(bytes, of: "bytes", pixelLimit: 1 << 20)
      precondition(image.pixels.count == image.shape.count)
      return true
    case .archive:
      try write(bytes, to: "\(folder)/archive")
      return try arePictures("\(folder)/archive")
    case .csv:
      mkdir("\(folder)/set", 0o755)
      for (index, image) in Self.images.enumerated() {
        try keep(image, to: "\(folder)/set/\(index + 1).png")
      }
      try write(bytes, to: "\(folder)/set/labels.csv")
      return try arePictures("\(folder)/set")
    default: preconditionFailure("\(self) reads no images")
    }
  }

  /// Pictures of one pixel.
  private static let images = [
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR42mNgBAAAAwAC5n2nZwAAAABJRU5ErkJggg==",
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR42mNgAgAABAADQmxiaQAAAABJRU5ErkJggg==",
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR42mNgBgAABQAERlvf6wAAAABJRU5ErkJggg==",
  ].map { Array(Data(base64Encoded: $0) ?? Data()) }

  private func arePictures(_ path: String) throws -> Bool {
    let data = try Dataset.load(.path(path), Preparation(rows: 2, columns: 2))
    precondition(data.training.count > 0 && data.test.count > 0)
    return true
  }
}
