import Compute

/// Memory objects for buffers. The one in-order queue makes their reuse safe without events.
final class MemoryPool: Sendable {
  private let context: Context
  private let pool = StoragePool<Memory> { _ in }

  init(_ context: Context) { self.context = context }

  /// Storage of exactly `byteCount` bytes, used or new. Out of memory, it empties itself, waits for
  /// the queue and tries once more.
  func take(_ byteCount: Int) throws(DeviceError) -> Memory {
    if let memory = pool.take(byteCount) { return memory }
    do {
      return try withRetry { () throws(DeviceError) in try Memory(context, byteCount: byteCount) }
    } catch {
      pool.failed(byteCount)
      throw error
    }
  }

  /// Takes storage back.
  func recycle(_ memory: Memory) { pool.giveBack(memory, memory.byteCount) }

  /// Runs `body`, and again with the pool emptied if memory ran out.
  func withRetry<Result>(_ body: () throws(DeviceError) -> Result) throws(DeviceError) -> Result {
    do {
      return try body()
    } catch {
      guard isOutOfMemory(error.code) else { throw error }
      empty()
      try context.finish()
      return try body()
    }
  }

  /// Returns everything to the driver.
  func empty() { pool.empty() }

  /// The bytes held for reuse.
  var byteCount: Int { pool.byteCount }

  var use: MemoryUse { pool.use }
}
