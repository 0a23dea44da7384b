import Compute
import Datasets
import Files

/// Images of bright spots: the label says where, chance says how bright and how wide.
public enum Blobs {
  /// `count` images whose labels run round 0 to 9.
  public static func dataset(_ count: Int, side: Int, seed: UInt32 = 1) -> ImageDataset {
    var images: [UInt8] = []
    images.reserveCapacity(count * side * side)
    for index in 0..<count {
      let label = index % 10
      let words = threefry(key: SIMD4(seed, 0, 0, 7), counter: SIMD4(UInt32(index), 0, 0, 0))
      let (row, column) = (label / 4 * side / 3 + side / 8, label % 4 * side / 4 + side / 8)
      let radius = 1 + Int(words.x % UInt32(max(1, side / 6)))
      let peak = 120 + Int(words.y % 130)
      for y in 0..<side {
        for x in 0..<side {
          let distance = (y - row) * (y - row) + (x - column) * (x - column)
          images.append(UInt8(max(0, peak - distance * 40 / radius)))
        }
      }
    }
    let labels = (0..<count).map { UInt8($0 % 10) }
    return ImageDataset(name: "blobs", images: images, labels: labels, rows: side, columns: side)
  }

  /// Writes a data set as the four IDX files of MNIST.
  public static func write(training: ImageDataset, test: ImageDataset, to folder: String) throws {
    try makeFolder(folder)
    for (prefix, images) in [("train", training), ("t10k", test)] {
      try writeAtomically(
        header([images.count, images.rows, images.columns]) + images.images,
        to: "\(folder)/\(prefix)-images-idx3-ubyte")
      try writeAtomically(
        header([images.count]) + images.labels, to: "\(folder)/\(prefix)-labels-idx1-ubyte")
    }
  }

  private static func header(_ dimensions: [Int]) -> [UInt8] {
    [0, 0, 8, UInt8(dimensions.count)]
      + dimensions.flatMap { dimension in
        [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: dimension >> $0) }
      }
  }
}
