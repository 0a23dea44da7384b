/// A processor that runs operations: the contract of every backend.
///
/// A device has memory, and one entry point for work, ``enqueue(_:)``. The calls for users, such as
/// ``matmul(_:_:_:bias:into:)``, are beside their operations in `Operations/`.
///
/// Operations are destination-passing: they write into the caller's buffers, which must belong to this
/// device and must not overlap the inputs unless an operation says so. Buffers are contiguous and
/// row-major. Everything is enqueued in order; only ``read(_:into:)`` and ``synchronize()`` wait. A size
/// mismatch stops the program (a programming error); runtime failures are thrown.
///
/// The same calls with the same inputs give the same bytes on the same device. Devices may be
/// called from several threads: the order is that of the calls, and each is atomic, or if an operation is
/// composed of others, each of those is.
public protocol Device: AnyObject, Sendable {
  /// The device's description of itself.
  var description: DeviceDescription { get }

  /// Where shapes choose between variants of one kernel: this device, with its buffers, restricted to each
  /// of them, so that small shapes can test them all. Empty unless a device has variants.
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

  /// Waits until everything enqueued is done, and throws any error that occurred.
  func synchronize() throws(DeviceError)

  /// Runs an operation, already checked, in the order of the calls.
  ///
  /// A device that doesn't implement it calls ``DeviceOperation/compose(on:)``.
  func enqueue<Call: DeviceOperation>(_ operation: Call) throws(DeviceError)

  // MARK: Phases

  /// Notes what the following calls of this thread are for, such as a training step; see ``phase(_:_:)``.
  func beginPhase(_ name: String)

  /// Ends the last phase that this thread began.
  func endPhase()
}

/// Slices start at multiples of this many elements, 1024 bytes, which satisfies the alignment that OpenCL
/// devices ask of sub-buffers.
public func sliceAlignment(of type: ElementType) -> Int { 1024 / type.size }

/// The alignment of slices of `float32`.
public let sliceAlignment = 256

extension Device {
  /// None.
  public var variants: [any Device] { [] }

  /// Nothing.
  public func beginPhase(_ name: String) {}

  /// Nothing.
  public func endPhase() {}

  /// Runs `body`, which a profile shows under a name, with its operations in it; otherwise the name has no effect.
  /// - Throws: What `body` throws.
  public func phase<Result, Failure: Error>(
    _ name: String, _ body: () throws(Failure) -> Result
  ) throws(Failure) -> Result {
    beginPhase(name)
    defer { endPhase() }
    return try body()
  }

  /// Makes a buffer that holds `values`.
  public func makeBuffer<Element: BufferElement>(_ values: [Element]) throws(DeviceError) -> Buffer
  {
    let buffer = try makeBuffer(count: values.count, type: Element.elementType)
    try upload(values, to: buffer)
    return buffer
  }

  /// Copies `values` to a buffer of the same size and type.
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
