import Compute

extension FillOperation: CPUOperation {
  public func run(on device: CPUDevice) throws(DeviceError) {
    let y = buffer.floats
    device.forEachRange(buffer.count) { first, count in
      (y + first).update(repeating: value, count: count)
    }
  }
}

extension CopyOperation: CPUOperation {
  public func run(on device: CPUDevice) throws(DeviceError) {
    destination.bytes.copyMemory(from: source.bytes, byteCount: source.byteCount)
  }
}

extension CPUDevice {
  public func makeBuffer(count: Int, type: ElementType) throws(DeviceError) -> Buffer {
    guard count <= Int.max / 8 else {
      throw DeviceError(
        call: "allocate \(count) × \(type)", detail: "this machine has no room for them")
    }
    return try CPUBuffer(count: count, elementType: type, pool: storage)
  }

  public func slice(_ buffer: Buffer, offset: Int, count: Int) throws(DeviceError) -> Buffer {
    stopUnless(
      offset % sliceAlignment(of: buffer.elementType) == 0 && offset >= 0
        && offset + count <= buffer.count,
      "a slice of \(count) elements at \(offset) does not fit a buffer of \(buffer.count)")
    guard let parent = buffer as? CPUBuffer else {
      fatalError("a buffer of another device was given to the CPU device")
    }
    return CPUBuffer(part: parent, offset: offset, count: count)
  }

  public func write(_ bytes: UnsafeRawBufferPointer, to buffer: Buffer) throws(DeviceError) {
    stopUnless(
      bytes.count == buffer.byteCount,
      "\(bytes.count) bytes cannot fill a buffer of \(buffer.byteCount)")
    turn.lock()
    defer { turn.unlock() }
    if let source = bytes.baseAddress {
      buffer.bytes.copyMemory(from: source, byteCount: bytes.count)
    }
  }

  public func read(_ buffer: Buffer, into bytes: UnsafeMutableRawBufferPointer)
    throws(DeviceError)
  {
    stopUnless(
      bytes.count == buffer.byteCount,
      "a buffer of \(buffer.byteCount) bytes cannot fill \(bytes.count)")
    turn.lock()
    defer { turn.unlock() }
    bytes.baseAddress?.copyMemory(from: buffer.bytes, byteCount: bytes.count)
  }

  public func synchronize() throws(DeviceError) {}
}
