import Files
import Foundation

@testable import Datasets

/// A folder that goes away with the test.
final class TemporaryFolder {
  let path = "\(NSTemporaryDirectory())/digitalis-tests-\(UUID().uuidString)"

  init() throws { try makeFolder(path) }
  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// Writes a file into it and returns the path.
  @discardableResult
  func write(_ bytes: [UInt8], _ name: String) throws -> String {
    try writeAtomically(bytes, to: "\(path)/\(name)")
    return "\(path)/\(name)"
  }

  /// Writes a data set of `images` and `labels`, both splits alike, and returns its source.
  func dataset(images: [UInt8], labels: [UInt8], packed: Bool = false) throws -> DatasetSource {
    for prefix in ["train", "t10k"] {
      let suffix = packed ? ".gz" : ""
      try write(packed ? gzip(images) : images, "\(prefix)-images-idx3-ubyte\(suffix)")
      try write(packed ? gzip(labels) : labels, "\(prefix)-labels-idx1-ubyte\(suffix)")
    }
    return .path(path)
  }
}

/// The bytes of an IDX file; the contents count up from 0 unless given.
func idx(_ dimensions: [UInt32], type: UInt8 = 8, _ contents: [UInt8]? = nil) -> [UInt8] {
  let header: [UInt8] = [0, 0, type, UInt8(dimensions.count)]
  let extents = dimensions.flatMap { dimension in
    [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: dimension >> $0) }
  }
  let size = dimensions.reduce(1) { $0 * Int($1) }
  return header + extents + (contents ?? (0..<size).map { UInt8(truncatingIfNeeded: $0) })
}

/// Whether the cache holds MNIST on this machine.
let hasMNIST =
  (try? DatasetSource.mnist.files(for: .train, environment: ProcessInfo.processInfo.environment))
  != nil

/// Whether Fashion-MNIST is on this machine.
let hasFashionMNIST =
  (try? DatasetSource.fashionMNIST.files(
    for: .train, environment: ProcessInfo.processInfo.environment)) != nil
