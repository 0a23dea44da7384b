import Foundation
import Synchronization

/// Threads that wait, awake for a moment, between the loops of one device.
///
/// A loop is a number of tasks that any thread may claim; the caller works too. Results must not
/// depend on who runs a task: then they do not depend on the number of threads either.
final class ThreadPool: Sendable {
  /// The number of threads, the caller's included.
  let threads: Int

  private let shared = Shared()
  private let callers = Mutex(())

  init(threads: Int) {
    precondition(threads >= 1, "a thread pool needs at least one thread, not \(threads)")
    self.threads = threads
    for worker in 1..<max(threads, 1) {
      let shared = self.shared
      let thread = Thread { shared.work(as: worker) }
      thread.stackSize = 1 << 20
      thread.start()
    }
  }

  deinit { shared.stop() }

  /// Runs `body(task, worker)` for each task from 0 to `count` and returns when all are done.
  ///
  /// `worker` is below ``threads`` and differs between tasks that run at the same time.
  func run(_ count: Int, _ body: (_ task: Int, _ worker: Int) -> Void) {
    guard count > 1 && threads > 1 else {
      for task in 0..<count { body(task, 0) }
      return
    }
    callers.withLock { _ in
      withoutActuallyEscaping(body) { body in
        shared.publish(count, body)
        shared.help(as: 0)
        shared.waitForAll(count)
      }
    }
  }
}

extension ThreadPool {
  /// What the threads share.
  ///
  /// `state` holds the loop's generation in its upper half and the number of unclaimed tasks in its
  /// lower half. A claim is one exchange of the whole word, so a thread that wakes late can never
  /// take a task of a later loop with the body of an earlier one.
  private final class Shared: @unchecked Sendable {
    private let state = Atomic<UInt64>(0)
    private let finished = Atomic<Int>(0)
    private let sleepers = Atomic<Int>(0)
    private let stopped = Atomic<Bool>(false)
    private let wakeUp = NSCondition()
    /// Written before `state` is published, read after a claim succeeded.
    private var body: ((Int, Int) -> Void)?

    func publish(_ count: Int, _ body: @escaping (Int, Int) -> Void) {
      self.body = body
      finished.store(0, ordering: .relaxed)
      let generation = (state.load(ordering: .relaxed) >> 32) &+ 1
      state.store(generation << 32 | UInt64(count), ordering: .sequentiallyConsistent)
      if sleepers.load(ordering: .sequentiallyConsistent) > 0 {
        wakeUp.lock()
        wakeUp.broadcast()
        wakeUp.unlock()
      }
    }

    /// Claims and runs tasks until none is left.
    func help(as worker: Int) {
      var seen = state.load(ordering: .acquiring)
      while seen & 0xFFFF_FFFF > 0 {
        let (claimed, now) = state.weakCompareExchange(
          expected: seen, desired: seen - 1, ordering: .acquiringAndReleasing)
        if claimed {
          body?(Int(seen & 0xFFFF_FFFF) - 1, worker)
          finished.add(1, ordering: .acquiringAndReleasing)
          seen = state.load(ordering: .acquiring)
        } else {
          seen = now
        }
      }
    }

    func waitForAll(_ count: Int) {
      var spins = 0
      while finished.load(ordering: .acquiring) < count {
        spins += 1
        if spins > 10_000 { sched_yield() }
      }
      body = nil
    }

    func work(as worker: Int) {
      var generation: UInt64 = 0
      while !stopped.load(ordering: .acquiring) {
        generation = waitForLoop(after: generation)
        help(as: worker)
      }
    }

    /// Waits for a loop after `generation`: a while on the processor, since the next operation
    /// usually follows within microseconds, then asleep.
    private func waitForLoop(after generation: UInt64) -> UInt64 {
      for spin in 0..<200_000 {
        let now = state.load(ordering: .acquiring) >> 32
        if now != generation { return now }
        if spin % 1024 == 1023 { sched_yield() }
      }
      wakeUp.lock()
      defer { wakeUp.unlock() }
      sleepers.add(1, ordering: .sequentiallyConsistent)
      defer { sleepers.subtract(1, ordering: .sequentiallyConsistent) }
      while true {
        let now = state.load(ordering: .sequentiallyConsistent) >> 32
        if now != generation || stopped.load(ordering: .acquiring) { return now }
        wakeUp.wait()
      }
    }

    func stop() {
      stopped.store(true, ordering: .releasing)
      state.add(1 << 32, ordering: .sequentiallyConsistent)
      wakeUp.lock()
      wakeUp.broadcast()
      wakeUp.unlock()
    }
  }
}
