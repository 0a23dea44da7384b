import Files

/// An array of numbers in NumPy's `.npy` format.
public struct NPYArray: Sendable {
  /// The dimensions, the slowest-varying first; none for a single number.
  public var dimensions: [Int] { array.dimensions }
  /// The type of the numbers.
  public var type: NumberType { array.type }
  /// The number of elements: the product of the dimensions.
  public var count: Int { array.count }

  let array: NumberArray

  /// Reads the bytes of an `.npy` file of version 1, 2 or 3: numbers of any type but complex ones, in C or
  /// Fortran order and either byte order.
  ///
  /// Nothing in it is executed: Python objects are refused.
  /// - Parameters:
  ///   - contents: the whole file.
  ///   - path: what an error calls the file.
  ///   - name: what an error calls the array, where the file at `path` holds several.
  /// - Throws: `FileError` if it is truncated, longer than its shape says, or not of numbers.
  public init(
    _ contents: [UInt8], of path: String, name: String? = nil
  ) throws(FileError) {
    let header = try NPYHeader(contents, path: path, name: name)
    var array = NumberArray(
      path: path, name: name, dimensions: header.dimensions, type: header.type,
      isBigEndian: header.isBigEndian, bytes: [])
    guard let size = product(header.dimensions, header.type.size) else {
      throw array.problem("has the absurd shape \(array.extents)")
    }
    let count = contents.count - header.length
    guard count >= size else {
      throw array.problem(
        "is truncated: its shape \(array.extents) asks for \(size) bytes, it has \(count)")
    }
    guard count == size else {
      throw array.problem("holds \(count - size) stray bytes after its numbers")
    }
    if header.isFortran && header.dimensions.count > 1 {
      array.bytes = rowMajor(
        contents, from: header.length, header.dimensions, size: header.type.size)
    } else {
      // In place if the bytes aren't shared, for there may be many.
      array.bytes = contents
      array.bytes.removeFirst(header.length)
    }
    self.array = array
  }

  /// An array of 32-bit floats.
  public init(_ values: [Float], dimensions: [Int]) {
    self.init(dimensions, .float32, values.flatMapBytes { $0.bitPattern.littleEndian })
  }

  /// An array of bytes.
  public init(_ values: [UInt8], dimensions: [Int]) { self.init(dimensions, .uint8, values) }

  /// An array of 32-bit integers.
  public init(_ values: [Int32], dimensions: [Int]) {
    self.init(dimensions, .int32, values.flatMapBytes { $0.littleEndian })
  }

  private init(_ dimensions: [Int], _ type: NumberType, _ bytes: [UInt8]) {
    precondition(
      product(dimensions, type.size) == bytes.count, "the values do not fill the dimensions")
    array = NumberArray(path: "", dimensions: dimensions, type: type, bytes: bytes)
  }

  /// The numbers in row-major order, as 32-bit floats whatever their type in the file.
  public func floats() -> [Float] {
    var values: [Float] = []
    values.reserveCapacity(count)
    array.scan { _, value in
      values.append(Float(value))
      return true
    }
    return values
  }

  /// The numbers in row-major order as integers.
  /// - Throws: `FileError` if one has a fraction, is NaN, or is beyond 2⁵³.
  public func integers() throws(FileError) -> [Int] {
    var values: [Int] = []
    values.reserveCapacity(count)
    let stranger = array.scan { _, value in
      guard value == value.rounded(), abs(value) <= 0x1p53 else { return false }
      values.append(Int(value))
      return true
    }
    if let (index, value) = stranger {
      throw array.problem("at \(array.position(index)) is \(value), not a whole number")
    }
    return values
  }

  /// The numbers, if they are bytes, in row-major order; nil for other types.
  public var uint8: [UInt8]? { type == .uint8 ? array.bytes : nil }

  /// The bytes of an `.npy` file of the array: version 1, row-major, as NumPy writes it.
  public var contents: [UInt8] { NPYHeader.contents(of: array) + array.bytes }
}

extension NPYArray {
  /// The description of an array that precedes its numbers.
  package struct Start {
    /// The dimensions, the slowest-varying first.
    package var dimensions: [Int]
    /// The size of the whole file in bytes, including these.
    package var size: Int
  }

  /// Whether bytes, however few, may be the first ones of an array.
  package static func mayBegin(with bytes: [UInt8]) -> Bool { NPYHeader.mayBegin(with: bytes) }

  /// Reads the beginning of an array that is still arriving.
  ///
  /// - Returns: nil if there are too few bytes yet.
  /// - Throws: `FileError` if no array of numbers begins like this, or it is absurdly large.
  package static func start(_ bytes: [UInt8], of path: String) throws(FileError) -> Start? {
    guard NPYHeader.isWhole(bytes) else { return nil }
    let header = try NPYHeader(bytes, path: path)
    guard let size = product(header.dimensions, header.type.size) else {
      throw FileError(
        path,
        "begins an array of the absurd shape "
          + header.dimensions.map(String.init).joined(separator: " × "),
        remedy: "write it anew")
    }
    return Start(dimensions: header.dimensions, size: header.length + size)
  }
}

/// An `.npy` file: one NumPy array.
public enum NPYFile {
  /// Reads a file.
  /// - Throws: `FileError` when it is missing, unreadable, or not an array of numbers.
  public static func read(_ path: String) throws(FileError) -> NPYArray {
    try NPYArray(try readFile(path), of: path)
  }

  /// Writes a file atomically.
  /// - Throws: `FileError` with the system's reason.
  public static func write(_ array: NPYArray, to path: String) throws(FileError) {
    try writeAtomically(array.contents, to: path)
  }
}

extension Array {
  fileprivate func flatMapBytes(_ bits: (Element) -> some FixedWidthInteger) -> [UInt8] {
    map(bits).withUnsafeBytes { Array<UInt8>($0) }
  }
}

/// Converts column-major numbers to row-major.
private func rowMajor(
  _ contents: [UInt8], from start: Int, _ dimensions: [Int], size: Int
) -> [UInt8] {
  let count = contents.count - start
  guard count > 0 else { return [] }
  // The stride of each dimension in the file.
  var steps: [Int] = []
  var step = size
  for dimension in dimensions {
    steps.append(step)
    step *= dimension
  }
  return [UInt8](unsafeUninitializedCapacity: count) { target, written in
    contents.withUnsafeBufferPointer { source in
      var position = [Int](repeating: 0, count: dimensions.count)
      var offset = start
      for place in Swift.stride(from: 0, to: count, by: size) {
        for byte in 0..<size { target[place + byte] = source[offset + byte] }
        for axis in dimensions.indices.reversed() {
          position[axis] += 1
          offset += steps[axis]
          if position[axis] < dimensions[axis] { break }
          offset -= position[axis] * steps[axis]
          position[axis] = 0
        }
      }
    }
    written = count
  }
}
