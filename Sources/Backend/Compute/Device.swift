/// A processor that runs operations: the contract of every backend.
///
/// A device has memory, and one door for work, ``enqueue(_:)``. What everybody calls, such as
/// ``matmul(_:_:_:bias:into:)``, stands beside the operation in `Operations/`.
///
/// Operations are destination-passing: they write into buffers that the caller gives, which must
/// belong to this device and must not overlap the inputs unless an operation says so. Buffers are
/// contiguous and row-major. Everything is enqueued in order; only ``read(_:into:)`` and
/// ``synchronize()`` wait. A wrong extent stops the program (a programmer's error); what the world
/// can get wrong is thrown.
///
/// The same calls with the same inputs give the same bytes on the same device. Devices may be
/// called from several threads: the order is that of the calls, and each is one unit, or where an operation
/// is composed of others, each of those is.
public protocol Device: AnyObject, Sendable {
  /// What the device says of itself.
  var description: DeviceDescription { get }

  /// Where shapes choose between forms of one kernel: this device, with its buffers, limited to each
  /// of them, so that small shapes can check them all. Empty unless a device has such.
  var variants: [any Device] { get }

  // MARK: Memory

  /// Makes a buffer of `count` elements with undefined contents.
  func makeBuffer(count: Int, type: ElementType) throws(DeviceError) -> Buffer

  /// A view of `count` elements from `offset` that shares the storage of `buffer` and keeps it
  /// alive. The offset must be a multiple of ``sliceAlignment(of:)``.
  func slice(_ buffer: Buffer, offset: Int, count: Int) throws(DeviceError) -> Buffer

  /// Copies host bytes, exactly as many as `buffer` holds, to the device. The bytes may be reused
  /// as soon as the call returns.
  func write(_ bytes: UnsafeRawBufferPointer, to buffer: Buffer) throws(DeviceError)

  /// Waits for the queue, then copies all of `buffer` to the host.
  func read(_ buffer: Buffer, into bytes: UnsafeMutableRawBufferPointer) throws(DeviceError)

  /// Waits until everything that was enqueued is done, and throws what went wrong in it.
  func synchronize() throws(DeviceError)

  /// Does an operation, in the order of the calls. It has been checked.
  ///
  /// A device that doesn't know it calls ``DeviceOperation/compose(on:)``.
  func enqueue<Call: DeviceOperation>(_ operation: Call) throws(DeviceError)
}

/// Slices start at multiples of this many elements, 1024 bytes, which satisfies the alignment that OpenCL
/// devices ask of sub-buffers.
public func sliceAlignment(of type: ElementType) -> Int { 1024 / type.size }

/// The alignment of slices of `float32`.
public let sliceAlignment = 256

extension Device {
  /// None.
  public var variants: [any Device] { [] }

  /// Makes a buffer that holds `values`.
  public func makeBuffer<Element: BufferElement>(_ values: [Element]) throws(DeviceError) -> Buffer
  {
    let buffer = try makeBuffer(count: values.count, type: Element.elementType)
    try upload(values, to: buffer)
    return buffer
  }

  /// Copies `values` to a buffer of the same extent and type.
  public func upload<Element: BufferElement>(_ values: [Element], to buffer: Buffer)
    throws(DeviceError)
  {
    buffer.require(values.count, "the destination of an upload", type: Element.elementType)
    try values.withUnsafeBufferPointer { values throws(DeviceError) in
      try write(UnsafeRawBufferPointer(values), to: buffer)
    }
  }

  /// Waits for the queue and returns the contents of a buffer.
  public func download<Element: BufferElement>(_ buffer: Buffer, as: Element.Type = Float.self)
    throws(DeviceError) -> [Element]
  {
    buffer.require(buffer.count, "the source of a download", type: Element.elementType)
    var failure: DeviceError?
    let values = [Element](unsafeUninitializedCapacity: buffer.count) { storage, count in
      do throws(DeviceError) {
        try read(buffer, into: UnsafeMutableRawBufferPointer(storage))
        count = buffer.count
      } catch {
        failure = error
        count = 0
      }
    }
    if let failure { throw failure }
    return values
  }
}
