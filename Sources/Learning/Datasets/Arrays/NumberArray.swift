import Files

/// A multi-dimensional array of numbers of one type, as in a file.
struct NumberArray: Sendable {
  /// The file, and the name of the array in it if it holds several.
  var path: String
  var name: String?
  /// The dimensions, the slowest-varying first.
  var dimensions: [Int]
  var type: NumberType
  var isBigEndian = false
  /// The numbers in row-major order, as many as the product of the dimensions.
  var bytes: [UInt8]
  /// What to do about a broken file.
  var remedy = "fetch the file again, or write it anew"

  /// The number of elements.
  var count: Int { bytes.count / type.size }

  /// The number of elements per index of the first dimension: of an image, or of a row.
  var stride: Int { dimensions.dropFirst().reduce(1, *) }

  /// The dimensions in text form.
  var extents: String { dimensions.map(String.init).joined(separator: " × ") }

  /// An error about the array.
  func problem(_ text: String, remedy: String? = nil) -> FileError {
    FileError(path, (name.map { "\($0) " } ?? "") + text, remedy: remedy ?? self.remedy)
  }

  /// The position of a number, as a user of the array would index it.
  func position(_ index: Int) -> String {
    var rest = index
    var position: [Int] = []
    for dimension in dimensions.reversed() where dimension > 0 {
      position.append(rest % dimension)
      rest /= dimension
    }
    return "[\(position.reversed().map(String.init).joined(separator: ", "))]"
  }

  /// Visits the numbers in order, until `body` stops.
  ///
  /// - Parameter body: Gets an index and the number there; returns whether to continue.
  /// - Returns: The number at which it stopped.
  @discardableResult
  func scan(_ body: (_ index: Int, _ value: Double) -> Bool) -> (index: Int, value: Double)? {
    func all<T: StoredNumber>(_: T.Type) -> (index: Int, value: Double)? {
      bytes.withUnsafeBytes { raw in
        guard let start = raw.baseAddress else { return nil }
        for index in 0..<count {
          let place = start + index * MemoryLayout<T>.size
          let value = T.load(place, isBigEndian: isBigEndian).double
          if !body(index, value) { return (index, value) }
        }
        return nil
      }
    }
    return switch type {
    case .bool, .uint8: all(UInt8.self)
    case .int8: all(Int8.self)
    case .uint16: all(UInt16.self)
    case .int16: all(Int16.self)
    case .uint32: all(UInt32.self)
    case .int32: all(Int32.self)
    case .uint64: all(UInt64.self)
    case .int64: all(Int64.self)
    case .float16: all(Float16.self)
    case .float32: all(Float.self)
    case .float64: all(Double.self)
    }
  }
}

/// The product of dimensions and a size; nil if it exceeds any memory.
func product(_ dimensions: [Int], _ size: Int = 1) -> Int? {
  // A zero among them must not hide the others.
  guard let whole = positiveProduct(dimensions.filter { $0 != 0 } + [size]) else { return nil }
  return dimensions.contains(0) ? 0 : whole
}

private func positiveProduct(_ factors: [Int]) -> Int? {
  var result = 1
  for factor in factors {
    let (product, overflow) = result.multipliedReportingOverflow(by: factor)
    guard factor >= 0, !overflow, product < 1 << 48 else { return nil }
    result = product
  }
  return result
}
