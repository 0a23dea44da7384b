import Files

/// An array of bytes in the IDX format of MNIST, plain or packed by gzip.
///
/// The format: two zero bytes, the type of the elements (8 for unsigned bytes), the number of
/// dimensions, each dimension as a big-endian 32-bit number, then the elements in row-major order.
public struct IDXFile: Sendable {
  /// The dimensions, the slowest-varying first.
  public let dimensions: [Int]
  /// The elements in row-major order, as many as the product of the dimensions.
  public let bytes: [UInt8]

  /// Reads and checks a file.
  ///
  /// Its first bytes tell whether it is packed, and must agree with a name that ends in `.gz`.
  /// - Parameters:
  ///   - path: the file.
  ///   - dimensionCount: the number of dimensions that it must have: 3 for images, 1 for labels.
  ///   - remedy: what an error tells the user to do about a broken file.
  /// - Throws: `FileError` when the file is missing, unreadable, truncated, damaged, of another
  ///   kind, or longer than its dimensions say.
  public init(
    path: String, dimensionCount: Int, remedy: String = "fetch the file again"
  ) throws(FileError) {
    let array = try NumberArray.idx(path, remedy: remedy)
    guard array.type == .uint8 else {
      throw array.problem("is an IDX file of \(array.type.text), not of bytes")
    }
    guard array.dimensions.count == dimensionCount else {
      throw array.problem(
        "has \(array.dimensions.count) dimensions instead of \(dimensionCount)")
    }
    dimensions = array.dimensions
    bytes = array.bytes
  }

  /// The bytes of such a file.
  /// - Parameters:
  ///   - dimensions: at most 255, each below 2³².
  ///   - bytes: the elements, as many as the product of the dimensions.
  public static func contents(dimensions: [Int], bytes: [UInt8]) -> [UInt8] {
    precondition(product(dimensions) == bytes.count, "the elements do not fill the dimensions")
    let extents = dimensions.flatMap { dimension in
      [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: dimension >> $0) }
    }
    return [0, 0, 8, UInt8(dimensions.count)] + extents + bytes
  }
}
