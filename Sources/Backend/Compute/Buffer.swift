/// The type of the elements of a buffer.
public enum ElementType: String, Sendable, Hashable, CaseIterable {
  /// 32-bit floating point.
  case float32
  /// 32-bit signed integers.
  case int32
  /// Bytes.
  case uint8

  /// The size of one element in bytes.
  public var size: Int {
    switch self {
    case .float32, .int32: 4
    case .uint8: 1
    }
  }
}

/// A Swift type that buffers can hold.
public protocol BufferElement: BitwiseCopyable, Sendable {
  /// The element type that represents `Self` on a device.
  static var elementType: ElementType { get }
}

extension Float: BufferElement {
  /// 32-bit floating point.
  public static var elementType: ElementType { .float32 }
}

extension Int32: BufferElement {
  /// 32-bit signed integers: labels, indices, random bits.
  public static var elementType: ElementType { .int32 }
}

extension UInt8: BufferElement {
  /// Bytes: the pixels of a data set.
  public static var elementType: ElementType { .uint8 }
}

/// Contiguous storage on one device.
///
/// A device returns its own subclass, and takes the storage back into a pool when the last reference goes
/// away. Fresh contents are undefined.
open class Buffer: @unchecked Sendable {
  /// The number of elements.
  public let count: Int
  /// The type of the elements.
  public let elementType: ElementType

  /// Records the size; only devices call this.
  public init(count: Int, elementType: ElementType) {
    stopUnless(count > 0, "a buffer needs at least one element, not \(count)")
    self.count = count
    self.elementType = elementType
  }

  /// The size of the contents in bytes.
  public final var byteCount: Int { count * elementType.size }

  /// Stops the program unless the buffer holds exactly `count` elements of `type`.
  ///
  /// The operations call this on each operand: a size mismatch is a programming error.
  @inline(__always)
  public final func require(
    _ count: Int, _ name: StaticString, type: ElementType = .float32
  ) {
    stopUnless(
      self.count == count && elementType == type,
      "\(name) must hold \(count) × \(type), but holds \(self.count) × \(elementType)")
  }
}
