import Files
import Foundation

/// A named array in a safetensors file: floats with a shape.
public struct NamedArray: Sendable, Equatable {
  /// How the elements are stored.
  public enum Precision: String, Sendable, CaseIterable {
    /// 32 bits each.
    case single = "F32"
    /// 16 bits each.
    case half = "F16"

    /// The bytes per element.
    var size: Int { self == .single ? 4 : 2 }
  }

  /// The name.
  public var name: String
  /// The extents, slowest dimension first.
  public var shape: [Int]
  /// The elements, row-major.
  public var values: [Float]
  /// How the elements are stored in a file.
  public var precision: Precision

  /// Creates a named array.
  public init(
    _ name: String, _ shape: [Int], _ values: [Float], precision: Precision = .single
  ) {
    precondition(shape.reduce(1, *) == values.count, "\(name) of \(shape) has \(values.count)")
    self.name = name
    self.shape = shape
    self.values = values
    self.precision = precision
  }
}

/// The safetensors format (version 0.4): eight bytes with the length of a JSON header, the header, the
/// data in little-endian order.
public enum SafeTensors {
  private struct Entry: Codable {
    var dtype: String
    var shape: [Int]
    var data_offsets: [Int]
  }

  /// The longest header that is read, in bytes: its JSON takes many times its size in memory.
  private static let headerLimit: UInt64 = 1 << 20

  /// Writes arrays, atomically.
  /// - Throws: `FileError` when the file cannot be written.
  public static func write(
    _ arrays: [NamedArray], metadata: [String: String] = [:], to path: String
  )
    throws
  {
    var offset = 0
    var entries: [String: Entry] = [:]
    for array in arrays {
      let end = offset + array.values.count * array.precision.size
      entries[array.name] = Entry(
        dtype: array.precision.rawValue, shape: array.shape, data_offsets: [offset, end])
      offset = end
    }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    var header = Array(try encoder.encode(entries))
    if !metadata.isEmpty {
      // The metadata is an entry among the others but of another type: splice the two objects.
      let extra = Array(try encoder.encode(["__metadata__": metadata]))
      header = extra.dropLast() + (entries.isEmpty ? [] : [UInt8(ascii: ",")]) + header.dropFirst()
    }
    while header.count % 8 != 0 { header.append(UInt8(ascii: " ")) }

    var bytes = withUnsafeBytes(of: UInt64(header.count).littleEndian) { Array($0) }
    bytes.reserveCapacity(8 + header.count + offset)
    bytes += header
    for array in arrays {
      switch array.precision {
      case .single: array.values.withUnsafeBytes { bytes += $0 }
      case .half: array.values.map { Float16($0) }.withUnsafeBytes { bytes += $0 }
      }
    }
    try writeAtomically(bytes, to: path)
  }

  /// Reads all arrays and the metadata.
  /// - Throws: `FileError` when the file is missing, malformed, or holds elements that are not 16- or 32-bit floats,
  ///   or not finite.
  public static func read(_ path: String) throws -> (
    arrays: [String: NamedArray], metadata: [String: String]
  ) {
    try read(try readFile(path), of: path)
  }

  /// Reads the metadata alone; empty if the file has none, or its header cannot be parsed.
  /// - Throws: `FileError` when the file cannot be read.
  public static func metadata(of path: String) throws(FileError) -> [String: String] {
    let length = try readStart(8, of: path).reversed().reduce(0) { $0 << 8 | UInt64($1) }
    guard length <= headerLimit else { return [:] }
    let header = try readStart(8 + Int(length), of: path).dropFirst(8)
    let object = try? JSONSerialization.jsonObject(with: Data(header)) as? [String: Any]
    return object?["__metadata__"] as? [String: String] ?? [:]
  }

  /// Reads all arrays and the metadata from the contents of a file, which errors call `path`.
  /// - Throws: As ``read(_:)``.
  public static func read(_ bytes: [UInt8], of path: String) throws -> (
    arrays: [String: NamedArray], metadata: [String: String]
  ) {
    func malformed(_ problem: String) -> FileError {
      FileError(path, problem, remedy: "restore the file or train the run again")
    }
    guard bytes.count >= 8 else { throw malformed("is not a safetensors file: too short") }
    let length = bytes.withUnsafeBytes { $0.loadUnaligned(as: UInt64.self).littleEndian }
    guard length <= UInt64(bytes.count - 8) else {
      throw malformed("is not a safetensors file, or is truncated: its header has \(length) bytes")
    }
    guard length <= headerLimit else {
      throw malformed("has a header of \(length) bytes, more than this program reads")
    }
    let start = 8 + Int(length)
    guard
      let header = try? JSONSerialization.jsonObject(with: Data(bytes[8..<start]))
        as? [String: [String: Any]]
    else { throw malformed("has a header that is not JSON") }

    var arrays: [String: NamedArray] = [:]
    var described = 0
    for (name, fields) in header where name != "__metadata__" {
      guard let shape = fields["shape"] as? [Int], let range = fields["data_offsets"] as? [Int],
        let precision = (fields["dtype"] as? String).flatMap(NamedArray.Precision.init),
        range.count == 2, range[0] >= 0,
        range[0] <= range[1], shape.allSatisfy({ $0 >= 0 }),
        // Bounds the product of the nonzero extents, which must not overflow.
        shape.reduce(1.0, { $0 * Double(max(1, $1)) }) < 0x1p40
      else { throw malformed("describes \(name) in a way this program does not read") }
      guard range[1] <= bytes.count - start else {
        throw malformed("is truncated: \(name) should end at byte \(start + range[1])")
      }
      guard shape.reduce(Double(precision.size), { $0 * Double($1) }) == Double(range[1] - range[0])
      else {
        throw malformed("gives \(name) the shape \(shape) but \(range[1] - range[0]) bytes")
      }
      // Arrays that share bytes could need far more memory than the file's size.
      described += range[1] - range[0]
      guard described <= bytes.count - start else {
        throw malformed("describes arrays that share bytes")
      }
      let values = bytes.withUnsafeBytes { bytes in
        stride(from: start + range[0], to: start + range[1], by: precision.size).map {
          precision == .single
            ? bytes.loadUnaligned(fromByteOffset: $0, as: Float.self)
            : Float(bytes.loadUnaligned(fromByteOffset: $0, as: Float16.self))
        }
      }
      if let bad = values.first(where: { !$0.isFinite }) {
        throw malformed("holds \(bad) in \(name)")
      }
      arrays[name] = NamedArray(name, shape, values, precision: precision)
    }
    return (arrays, header["__metadata__"] as? [String: String] ?? [:])
  }
}
