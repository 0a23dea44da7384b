import Synchronization

/// Storage that buffers gave back, by its size: the steps of a training ask for the same sizes again and
/// again. It holds no more than the buffers once held together, and lets go first of the sizes that nobody
/// has asked for longest.
package final class StoragePool<Block: Sendable>: Sendable {
  private struct Shelf {
    var blocks: [Block] = []
    /// When a block of this size was last asked for or given back, in calls.
    var lastUse = 0
  }

  private struct State: ~Copyable {
    var shelves: [Int: Shelf] = [:]
    /// The bytes that buffers have, and the most that they had.
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
  ///   - least: The bytes that it may hold in any case.
  ///   - release: What is done with a block that nobody needs.
  package init(least: Int = 64 << 20, release: @escaping @Sendable (Block) -> Void) {
    self.least = least
    self.release = release
  }

  deinit { empty() }

  /// A block of this size, if there is one. It counts as lent from here on, whoever makes it.
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

  /// Takes note that a block could not be made after all.
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
    // Outside of the lock: a driver may take its time.
    for block in stale { release(block) }
  }

  /// Lets go of all blocks.
  package func empty() {
    let blocks = state.withLock { state in
      let blocks = state.shelves.values.flatMap(\.blocks)
      state.shelves = [:]
      state.pooled = 0
      return blocks
    }
    for block in blocks { release(block) }
  }

  /// The bytes that wait for their next use.
  package var byteCount: Int { state.withLock { $0.pooled } }
}
