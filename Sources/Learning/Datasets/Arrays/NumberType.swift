/// The number types of array files.
public enum NumberType: String, Sendable, CaseIterable {
  /// True or false, a byte each.
  case bool
  /// Unsigned integers of 8 bits.
  case uint8
  /// Signed integers of 8 bits.
  case int8
  /// Unsigned integers of 16 bits.
  case uint16
  /// Signed integers of 16 bits.
  case int16
  /// Unsigned integers of 32 bits.
  case uint32
  /// Signed integers of 32 bits.
  case int32
  /// Unsigned integers of 64 bits.
  case uint64
  /// Signed integers of 64 bits.
  case int64
  /// Floating point of 16 bits.
  case float16
  /// Floating point of 32 bits.
  case float32
  /// Floating point of 64 bits.
  case float64

  /// The size of a number in bytes.
  public var size: Int {
    switch self {
    case .bool, .uint8, .int8: 1
    case .uint16, .int16, .float16: 2
    case .uint32, .int32, .float32: 4
    case .uint64, .int64, .float64: 8
    }
  }

  /// Whether the numbers may have fractions.
  public var isFloat: Bool { self == .float16 || self == .float32 || self == .float64 }

  /// The name of the type for users.
  var text: String {
    switch self {
    case .bool: "truth values"
    case .uint8: "bytes"
    case .int8: "signed bytes"
    case .float16, .float32, .float64: "\(8 * size)-bit floats"
    case .uint16, .uint32, .uint64: "unsigned \(8 * size)-bit integers"
    case .int16, .int32, .int64: "\(8 * size)-bit integers"
    }
  }
}

/// A number as stored in a file.
protocol StoredNumber {
  /// The number at an address that need not be aligned.
  static func load(_ place: UnsafeRawPointer, isBigEndian: Bool) -> Self
  /// The number; an integer above 2⁵³ loses its last bits.
  var double: Double { get }
}

extension StoredNumber where Self: FixedWidthInteger {
  @inline(__always)
  static func load(_ place: UnsafeRawPointer, isBigEndian: Bool) -> Self {
    let value = place.loadUnaligned(as: Self.self)
    return isBigEndian ? Self(bigEndian: value) : Self(littleEndian: value)
  }
  var double: Double { Double(self) }
}

extension UInt8: StoredNumber {}
extension Int8: StoredNumber {}
extension UInt16: StoredNumber {}
extension Int16: StoredNumber {}
extension UInt32: StoredNumber {}
extension Int32: StoredNumber {}
extension UInt64: StoredNumber {}
extension Int64: StoredNumber {}

extension Float16: StoredNumber {
  static func load(_ place: UnsafeRawPointer, isBigEndian: Bool) -> Float16 {
    Float16(bitPattern: .load(place, isBigEndian: isBigEndian))
  }
  var double: Double { Double(self) }
}

extension Float: StoredNumber {
  @inline(__always)
  static func load(_ place: UnsafeRawPointer, isBigEndian: Bool) -> Float {
    Float(bitPattern: .load(place, isBigEndian: isBigEndian))
  }
  var double: Double { Double(self) }
}

extension Double: StoredNumber {
  @inline(__always)
  static func load(_ place: UnsafeRawPointer, isBigEndian: Bool) -> Double {
    Double(bitPattern: .load(place, isBigEndian: isBigEndian))
  }
  var double: Double { self }
}
