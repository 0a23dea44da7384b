import Synchronization

/// Returned storage of buffers, by size: training steps ask for the same sizes again and again. It holds no
/// more than the buffers' peak total, and releases the least recently used sizes first.
package final class StoragePool<Block: Sendable>: Sendable {
  private struct Shelf {
    var blocks: [Block] = []
    /// When a block of this size was last asked for or given back, in calls.
    var lastUse = 0
  }

  private struct State: ~Copyable {
    var shelves: [Int: Shelf] = [:]
    /// The bytes lent to buffers, and their peak.
    var lent = 0
    var most = 0
    var pooled = 0
    var calls = 0
  }

  private let state = Mutex(State())
  private let least: Int
  private let release: @Sendable (Block) -> Void

  /// An empty pool.
  ///
  /// - Parameters:
  ///   - least: The bytes that it may always hold.
  ///   - release: Releases a block that is no longer needed.
  package init(least: Int = 64 << 20, release: @escaping @Sendable (Block) -> Void) {
    self.least = least
    self.release = release
  }

  deinit { empty() }

  /// A block of this size, if there is one. It counts as lent from now on, whoever allocates it.
  package func take(_ byteCount: Int) -> Block? {
    state.withLock { state in
      state.calls += 1
      state.lent += byteCount
      state.most = max(state.most, state.lent)
      state.shelves[byteCount]?.lastUse = state.calls
      let block = state.shelves[byteCount]?.blocks.popLast()
      if block != nil { state.pooled -= byteCount }
      return block
    }
  }

  /// Notes that a block could not be allocated after all.
  package func failed(_ byteCount: Int) { state.withLock { $0.lent -= byteCount } }

  /// Takes a block back.
  package func giveBack(_ block: Block, _ byteCount: Int) {
    let stale = state.withLock { state in
      var stale: [Block] = []
      state.calls += 1
      state.lent -= byteCount
      state.pooled += byteCount
      state.shelves[byteCount, default: Shelf()].blocks.append(block)
      state.shelves[byteCount]?.lastUse = state.calls
      while state.pooled > max(least, state.most),
        let (size, shelf) = state.shelves.min(by: { $0.value.lastUse < $1.value.lastUse })
      {
        stale += shelf.blocks
        state.pooled -= size * shelf.blocks.count
        state.shelves[size] = nil
      }
      return stale
    }
    // Outside the lock: a driver may be slow.
    for block in stale { release(block) }
  }

  /// Releases all blocks.
  package func empty() {
    let blocks = state.withLock { state in
      let blocks = state.shelves.values.flatMap(\.blocks)
      state.shelves = [:]
      state.pooled = 0
      return blocks
    }
    for block in blocks { release(block) }
  }

  /// The bytes held for reuse.
  package var byteCount: Int { state.withLock { $0.pooled } }

  /// The bytes lent to buffers, and those held for reuse.
  package var use: MemoryUse { state.withLock { MemoryUse(used: $0.lent, kept: $0.pooled) } }
}
