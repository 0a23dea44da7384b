import Compute

/// An operation that the pure-Swift device does itself. Anybody's operation can be one.
public protocol CPUOperation: DeviceOperation {
  /// Does the operation, whose operands have been checked and belong to the device.
  /// - Throws: `DeviceError` when there is no memory for what it needs.
  func run(on device: CPUDevice) throws(DeviceError)
}

extension CPUDevice {
  /// Where the elements of a buffer of this device lie, for an operation while it runs.
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
    // Small operations take a microsecond, and to ask the type takes a third of the time that it takes to
    // ask the value.
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
    // They are one type, which the compiler can't know.
    try unsafeBitCast(operation, to: type).run(on: self)
  }
}
