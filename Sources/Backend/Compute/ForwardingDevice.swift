/// A device that forwards every call to another one: to count, trace or break them, override
/// ``willCall(_:_:)`` and ``didCall(_:_:)``, or a call itself.
open class ForwardingDevice: Device, @unchecked Sendable {
  /// The device that does the work.
  public let base: any Device

  /// Wraps a device.
  public init(_ base: any Device) { self.base = base }

  /// What a call asks of a device.
  public enum CallKind: Sendable, CaseIterable {
    /// Memory, or a view of it.
    case allocate
    /// Work for the queue.
    case launch
    /// A wait for the queue.
    case wait
  }

  /// Called before each forwarded call; an error thrown here replaces the call.
  open func willCall(_ kind: CallKind, _ name: String) throws(DeviceError) {}

  /// Called after each call that writes buffers.
  open func didCall(_ name: String, _ results: [Buffer]) throws(DeviceError) {}

  open var description: DeviceDescription { base.description }

  open var variants: [any Device] { [] }

  open func makeBuffer(count: Int, type: ElementType) throws(DeviceError) -> Buffer {
    try willCall(.allocate, "makeBuffer")
    return try base.makeBuffer(count: count, type: type)
  }

  open func slice(_ buffer: Buffer, offset: Int, count: Int) throws(DeviceError) -> Buffer {
    try willCall(.allocate, "slice")
    return try base.slice(buffer, offset: offset, count: count)
  }

  open func write(_ bytes: UnsafeRawBufferPointer, to buffer: Buffer) throws(DeviceError) {
    try willCall(.launch, "write")
    try base.write(bytes, to: buffer)
    try didCall("write", [buffer])
  }

  open func read(_ buffer: Buffer, into bytes: UnsafeMutableRawBufferPointer) throws(DeviceError) {
    try willCall(.wait, "read")
    try base.read(buffer, into: bytes)
  }

  open func synchronize() throws(DeviceError) {
    try willCall(.wait, "synchronize")
    try base.synchronize()
  }

  open func enqueue<Call: DeviceOperation>(_ operation: Call) throws(DeviceError) {
    try willCall(.launch, Call.name)
    try base.enqueue(operation)
    try didCall(Call.name, operation.results)
  }

  open func beginPhase(_ name: String) { base.beginPhase(name) }

  open func endPhase() { base.endPhase() }
}
