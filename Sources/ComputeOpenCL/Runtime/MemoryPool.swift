import Compute
import Synchronization

/// Storage that buffers gave back, by exact size: the steps of a training ask for the same sizes
/// again and again. The one in-order queue makes reuse safe without events.
final class MemoryPool: Sendable {
  private let context: Context
  private let free = Mutex<[Int: [Memory]]>([:])

  init(_ context: Context) { self.context = context }

  /// Storage of exactly `byteCount` bytes, used or new. Out of memory, it empties itself, waits for
  /// the queue and tries once more.
  func take(_ byteCount: Int) throws(DeviceError) -> Memory {
    if let memory = free.withLock({ $0[byteCount]?.popLast() }) { return memory }
    return try withRetry { () throws(DeviceError) in try Memory(context, byteCount: byteCount) }
  }

  /// Takes storage back.
  func recycle(_ memory: Memory) {
    free.withLock { $0[memory.byteCount, default: []].append(memory) }
  }

  /// Does `body`, once more with the pool empty if memory ran out.
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

  /// Gives everything back to the driver.
  func empty() {
    let released = free.withLock { sizes in
      defer { sizes = [:] }
      return sizes
    }
    // Memory objects are released here, outside of the lock.
    _ = consume released
  }

  /// The bytes that wait for their next use.
  var byteCount: Int {
    free.withLock { $0.reduce(0) { $0 + $1.key * $1.value.count } }
  }
}
