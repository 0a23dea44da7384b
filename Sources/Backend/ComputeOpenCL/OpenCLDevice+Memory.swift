import COpenCL
import Compute
import Synchronization

extension FillOperation: OpenCLOperation {
  /// Enqueues a fill.
  public func run(on device: OpenCLDevice) throws(DeviceError) {
    // A kernel rather than clEnqueueFillBuffer, whose speed varies among drivers.
    try device.launch(
      "elementwise", "fill", elements: buffer.count,
      [.float(value), .buffer(buffer), .uint(buffer.count)])
  }
}

extension CopyOperation: OpenCLOperation {
  /// Enqueues a copy on the device.
  public func run(on device: OpenCLDevice) throws(DeviceError) {
    device.enqueued.add(1, ordering: .relaxed)
    try device.pool.withRetry { () throws(DeviceError) in
      try device.enqueueCopy(
        storage(of: source), to: storage(of: destination), source.byteCount, .copy, "copying")
    }
  }
}

/// Storage of an OpenCL device, or a view of part of it.
final class OpenCLBuffer: Buffer, @unchecked Sendable {
  let memory: Memory
  private let pool: MemoryPool
  /// The base buffer of a view, and the view's offset there in bytes.
  let whole: OpenCLBuffer?
  let byteOffset: Int

  init(_ pool: MemoryPool, count: Int, elementType: ElementType) throws(DeviceError) {
    memory = try pool.take(count * elementType.size)
    self.pool = pool
    whole = nil
    byteOffset = 0
    super.init(count: count, elementType: elementType)
  }

  init(
    _ pool: MemoryPool, _ context: Context, viewing buffer: OpenCLBuffer, offset: Int, count: Int
  ) throws(DeviceError) {
    // OpenCL allows no view of a view.
    let whole = buffer.whole ?? buffer
    let start = buffer.byteOffset + offset * buffer.elementType.size
    memory = try Memory(
      context, viewing: whole.memory, offset: start, byteCount: count * buffer.elementType.size)
    self.pool = pool
    self.whole = whole
    byteOffset = start
    super.init(count: count, elementType: buffer.elementType)
  }

  deinit {
    if whole == nil { pool.recycle(memory) }
  }
}

/// The memory object of a buffer, which must be one of OpenCL.
func storage(of buffer: Buffer) -> Memory {
  guard let buffer = buffer as? OpenCLBuffer else {
    fatalError("a buffer of another device, \(type(of: buffer)), was given to OpenCL")
  }
  return buffer.memory
}

extension OpenCLDevice {
  /// Takes storage from the pool, or allocates it. Throws when memory runs out even so.
  public func makeBuffer(count: Int, type: ElementType) throws(DeviceError) -> Buffer {
    // The kernels count elements in 32 bits.
    guard count <= Int(UInt32.max) / 2 else {
      throw DeviceError(
        call: "allocate \(count) × \(type)", detail: "a buffer holds at most 2³¹ elements")
    }
    return try OpenCLBuffer(pool, count: count, elementType: type)
  }

  /// Makes a sub-buffer; throws where the device asks for coarser alignment.
  public func slice(_ buffer: Buffer, offset: Int, count: Int) throws(DeviceError) -> Buffer {
    stopUnless(
      offset >= 0 && offset % sliceAlignment(of: buffer.elementType) == 0 && count > 0
        && offset + count <= buffer.count,
      "a slice of \(count) from \(offset) of \(buffer.count) elements, in steps of \(sliceAlignment(of: buffer.elementType))"
    )
    guard let buffer = buffer as? OpenCLBuffer else {
      fatalError("a buffer of another device, \(type(of: buffer)), was given to OpenCL")
    }
    return try OpenCLBuffer(pool, context, viewing: buffer, offset: offset, count: count)
  }

  /// Uploads: up to 1 MiB via a copy without waiting, more when the queue gets to it.
  public func write(_ bytes: UnsafeRawBufferPointer, to buffer: Buffer) throws(DeviceError) {
    stopUnless(
      bytes.count == buffer.byteCount,
      "\(bytes.count) bytes were written to a buffer of \(buffer.byteCount)")
    enqueued.add(1, ordering: .relaxed)
    let destination = storage(of: buffer)
    try pool.withRetry { () throws(DeviceError) in
      if bytes.count <= 1 << 20 {
        // Via a copy, which the driver frees after use: nothing waits.
        let copy = try Memory(context, copying: bytes)
        try enqueueCopy(copy, to: destination, bytes.count, .write, "uploading")
      } else {
        let code = context.enqueue(.write, "write", bytes: bytes.count) { event in
          clEnqueueWriteBuffer(
            context.queue, destination.object, cl_bool(CL_TRUE), 0, bytes.count, bytes.baseAddress,
            0, nil, event)
        }
        try check(code, "clEnqueueWriteBuffer", "uploading \(bytes.count) bytes")
      }
    }
  }

  /// Enqueues a copy of some bytes.
  fileprivate func enqueueCopy(
    _ source: Memory, to destination: Memory, _ byteCount: Int, _ kind: DeviceCommand.Kind,
    _ doing: StaticString
  ) throws(DeviceError) {
    let code = context.enqueue(kind, kind.rawValue, bytes: byteCount) { event in
      withExtendedLifetime(source) {
        clEnqueueCopyBuffer(
          context.queue, source.object, destination.object, 0, 0, byteCount, 0, nil, event)
      }
    }
    try check(code, "clEnqueueCopyBuffer", "\(doing) \(byteCount) bytes")
  }

  /// Waits for the queue and downloads.
  public func read(_ buffer: Buffer, into bytes: UnsafeMutableRawBufferPointer)
    throws(DeviceError)
  {
    stopUnless(
      bytes.count == buffer.byteCount,
      "a buffer of \(buffer.byteCount) bytes was read into \(bytes.count)")
    enqueued.add(1, ordering: .relaxed)
    let code = context.enqueue(.read, "read", bytes: bytes.count) { event in
      clEnqueueReadBuffer(
        context.queue, storage(of: buffer).object, cl_bool(CL_TRUE), 0, bytes.count,
        bytes.baseAddress, 0, nil, event)
    }
    try check(code, "clEnqueueReadBuffer", "downloading \(bytes.count) bytes")
  }

  /// Waits for the queue.
  public func synchronize() throws(DeviceError) { try context.finish() }
}
