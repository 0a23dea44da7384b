import Files
import Foundation

@testable import Datasets

/// The bytes of an `.npy` file with a header as it is given.
func npy(
  _ kind: String, _ shape: String, isFortran: Bool = false, version: UInt8 = 1, _ numbers: [UInt8]
) -> [UInt8] {
  let text =
    "{'descr': \(kind.hasPrefix("[") ? kind : "'\(kind)'"), "
    + "'fortran_order': \(isFortran ? "True" : "False"), 'shape': \(shape), }\n"
  let length = text.utf8.count
  let size = version == 1 ? 2 : 4
  return [0x93] + Array("NUMPY".utf8) + [version, 0]
    + (0..<size).map { UInt8(truncatingIfNeeded: length >> (8 * $0)) } + Array(text.utf8) + numbers
}

/// The bytes of numbers as they lie in memory.
func raw<Number>(_ numbers: [Number]) -> [UInt8] { numbers.withUnsafeBytes { Array($0) } }

extension TemporaryFolder {
  /// Writes arrays as an `.npz` file, and returns its source.
  func npz(
    _ arrays: KeyValuePairs<String, NPYArray>, _ name: String = "set.npz"
  ) throws -> DatasetSource {
    let path = "\(self.path)/\(name)"
    try NPZFile.write(arrays.map { ($0.key, $0.value) }, to: path)
    return .path(path)
  }
}

/// Arrays of different images.
func images(_ count: Int, _ rows: Int = 2, _ columns: Int = 2, from first: UInt8 = 0) -> NPYArray {
  let size = rows * columns
  let bytes = (0..<count * size).map { UInt8(truncatingIfNeeded: $0 + Int(first)) }
  return NPYArray(bytes, dimensions: [count, rows, columns])
}
