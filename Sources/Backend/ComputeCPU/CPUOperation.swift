import Compute

/// An operation that the pure-Swift device implements itself. Any module's operation can be one.
public protocol CPUOperation: DeviceOperation {
  /// Runs the operation, whose operands have been checked and belong to the device.
  /// - Throws: `DeviceError` when it runs out of memory.
  func run(on device: CPUDevice) throws(DeviceError)
}

extension CPUDevice {
  /// The memory of a buffer of this device, for an operation while it runs.
  public func elements<Element: BufferElement>(
    of buffer: Buffer, as type: Element.Type = Float.self
  )
    -> UnsafeMutableBufferPointer<Element>
  {
    buffer.require(buffer.count, "a buffer", type: Element.elementType)
    return UnsafeMutableBufferPointer(
      start: buffer.bytes.assumingMemoryBound(to: Element.self), count: buffer.count)
  }

  public func enqueue<Call: DeviceOperation>(_ operation: Call) throws(DeviceError) {
    // Small operations take a microsecond, and casting the type takes a third of the time of casting the
    // value.
    guard let type = Call.self as? any CPUOperation.Type else {
      return try operation.compose(on: self)
    }
    try run(operation, as: type)
  }

  private func run<Call, Own: CPUOperation>(_ operation: Call, as type: Own.Type)
    throws(DeviceError)
  {
    turn.lock()
    defer { turn.unlock() }
    // They are the same type, which the compiler can't know.
    try unsafeBitCast(operation, to: type).run(on: self)
  }
}
