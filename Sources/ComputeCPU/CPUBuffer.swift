import Compute
import Foundation
import Synchronization

/// Host memory that belongs to a CPU device.
final class CPUBuffer: Buffer, @unchecked Sendable {
  let memory: UnsafeMutableRawPointer
  /// What keeps the memory: the pool that takes it back, or the buffer that this one is part of.
  private let owner: Owner

  private enum Owner {
    case pool(StoragePool)
    case part(of: Buffer)
    case somebodyElse
  }

  init(count: Int, elementType: ElementType, pool: StoragePool) throws(DeviceError) {
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
      preconditionFailure("a buffer of another device was given to the CPU device")
    }
    return buffer.memory
  }

  var floats: UnsafeMutablePointer<Float> { bytes.assumingMemoryBound(to: Float.self) }
  var integers: UnsafeMutablePointer<Int32> { bytes.assumingMemoryBound(to: Int32.self) }
}

/// Freed storage by exact size: a training step asks for the same sizes again and again.
final class StoragePool: Sendable {
  private struct Block: @unchecked Sendable {
    var memory: UnsafeMutableRawPointer
  }

  private let blocks = Mutex<[Int: [Block]]>([:])

  func take(_ byteCount: Int) throws(DeviceError) -> UnsafeMutableRawPointer {
    let size = padded(byteCount)
    if let block = blocks.withLock({ $0[size]?.popLast() }) { return block.memory }
    if let memory = aligned_alloc(64, size) { return memory }
    empty()
    guard let memory = aligned_alloc(64, size) else {
      throw DeviceError(
        call: "allocate \(byteCount) bytes", detail: "this machine has no room for them")
    }
    return memory
  }

  func giveBack(_ memory: UnsafeMutableRawPointer, _ byteCount: Int) {
    let block = Block(memory: memory)
    blocks.withLock { $0[padded(byteCount), default: []].append(block) }
  }

  /// Whole cache lines.
  private func padded(_ byteCount: Int) -> Int { (byteCount + 63) / 64 * 64 }

  private func empty() {
    blocks.withLock { blocks in
      for block in blocks.values.joined() { free(block.memory) }
      blocks = [:]
    }
  }

  deinit { empty() }
}
