import Compute
import Foundation
import Synchronization

/// Host memory of a CPU device.
final class CPUBuffer: Buffer, @unchecked Sendable {
  let memory: UnsafeMutableRawPointer
  /// The owner of the memory: the pool that takes it back, or the buffer that this one is a slice of.
  private let owner: Owner

  private enum Owner {
    case pool(HostMemory)
    case part(of: Buffer)
    case somebodyElse
  }

  init(count: Int, elementType: ElementType, pool: HostMemory) throws(DeviceError) {
    memory = try pool.take(count * elementType.size)
    owner = .pool(pool)
    super.init(count: count, elementType: elementType)
  }

  init(part parent: CPUBuffer, offset: Int, count: Int) {
    memory = parent.memory + offset * parent.elementType.size
    owner = .part(of: parent)
    super.init(count: count, elementType: parent.elementType)
  }

  /// Memory that outlives the buffer.
  init(borrowing memory: UnsafeMutableRawPointer, count: Int, elementType: ElementType) {
    self.memory = memory
    owner = .somebodyElse
    super.init(count: count, elementType: elementType)
  }

  deinit {
    if case .pool(let pool) = owner { pool.giveBack(memory, byteCount) }
  }
}

extension Buffer {
  /// The host memory.
  var bytes: UnsafeMutableRawPointer {
    guard let buffer = self as? CPUBuffer else {
      fatalError("a buffer of another device was given to the CPU device")
    }
    return buffer.memory
  }

  var floats: UnsafeMutablePointer<Float> { bytes.assumingMemoryBound(to: Float.self) }
  var integers: UnsafeMutablePointer<Int32> { bytes.assumingMemoryBound(to: Int32.self) }
}

/// Host memory of whole cache lines.
final class HostMemory: Sendable {
  private struct Block: @unchecked Sendable {
    var memory: UnsafeMutableRawPointer
  }

  private let pool = StoragePool<Block> { free($0.memory) }

  func take(_ byteCount: Int) throws(DeviceError) -> UnsafeMutableRawPointer {
    let size = padded(byteCount)
    if let memory = pool.take(size)?.memory ?? aligned_alloc(64, size) { return memory }
    pool.empty()
    guard let memory = aligned_alloc(64, size) else {
      pool.failed(size)
      throw DeviceError(
        call: "allocate \(byteCount) bytes", detail: "this machine has no room for them")
    }
    return memory
  }

  func giveBack(_ memory: UnsafeMutableRawPointer, _ byteCount: Int) {
    pool.giveBack(Block(memory: memory), padded(byteCount))
  }

  /// The bytes held for reuse.
  var pooledBytes: Int { pool.byteCount }

  var use: MemoryUse { pool.use }

  private func padded(_ byteCount: Int) -> Int { (byteCount + 63) / 64 * 64 }
}
