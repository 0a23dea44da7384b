import CIntrinsics
import Foundation
import Synchronization
import Threads

/// The threads of one device; between loops they spin briefly, then sleep.
///
/// A loop is a number of tasks. Each thread, including the caller, has its own range, the same in every
/// loop of as many tasks, so that what it wrote is still in its cache; when it is done it steals tasks of
/// others. Results must not depend on which thread runs a task: then they do not depend on the number of
/// threads either.
final class ThreadPool: Sendable {
  /// The number of threads, the caller's included.
  let threads: Int

  private let shared: Shared
  private let callers = Mutex(())

  /// Makes a pool of `threads` threads, or as many as the system grants: the caller is always one.
  init(
    threads: Int,
    start: (@escaping @Sendable () -> Void) -> pthread_t? = {
      startThread(stack: 1 << 20, $0)
    }
  ) {
    precondition(threads >= 1, "a thread pool needs at least one thread, not \(threads)")
    let shared = Shared(threads: threads)
    var running = 1
    while running < threads {
      let worker = running
      guard let thread = start({ shared.work(as: worker) }) else { break }
      pthread_detach(thread)
      running += 1
    }
    // The ranges of threads that could not be started are done by the others.
    (self.shared, self.threads) = (shared, running)
  }

  deinit { shared.stop() }

  /// Runs `body(task, worker)` for each task from 0 to `count` and returns when all are done.
  ///
  /// `worker` is below ``threads`` and differs between tasks that run at the same time.
  ///
  /// - Parameter isSmall: The loop is over before another thread has joined: the caller does it alone.
  func run(
    _ count: Int, isSmall: Bool = false, _ body: (_ task: Int, _ worker: Int) -> Void
  ) {
    guard count > 1 && threads > 1 && !isSmall else {
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
  private final class Shared: @unchecked Sendable {
    private let threads: Int
    /// The unclaimed tasks of each thread: the first in the upper half, the end in the lower one. A claim
    /// is one compare-and-exchange of the word, and claims a task of the loop whose range is there, however
    /// long ago the thread woke up.
    private let ranges: PaddedAtomics
    /// The number of loops so far, the finished tasks of this one, and the threads asleep.
    private let counters = PaddedAtomics(count: 3)
    private let stopped = Atomic<Bool>(false)
    private let condition = NSCondition()
    /// Written before the ranges are published, read after a claim succeeded.
    private var body: ((Int, Int) -> Void)?

    private var loops: UnsafeMutablePointer<Atomic<Int>> { counters[0] }
    private var finished: UnsafeMutablePointer<Atomic<Int>> { counters[1] }
    private var sleepers: UnsafeMutablePointer<Atomic<Int>> { counters[2] }

    init(threads: Int) {
      self.threads = threads
      ranges = PaddedAtomics(count: threads)
    }

    func publish(_ count: Int, _ body: @escaping (Int, Int) -> Void) {
      precondition(count < 1 << 31, "\(count) tasks are too many for one loop")
      self.body = body
      finished.pointee.store(0, ordering: .relaxed)
      let owners = min(count, threads)
      for worker in 0..<owners {
        let (first, end) = (worker * count / owners, (worker + 1) * count / owners)
        ranges[worker].pointee.store(first << 32 | end, ordering: .releasing)
      }
      loops.pointee.add(1, ordering: .sequentiallyConsistent)
      if sleepers.pointee.load(ordering: .sequentiallyConsistent) > 0 { wakeAll() }
    }

    /// Claims and runs tasks until none is left: its own, then those of the others.
    func help(as worker: Int) {
      var done = 0
      for owner in worker..<worker + threads {
        let range = ranges[owner < threads ? owner : owner - threads]
        while let task = claim(range) {
          body?(task, worker)
          done += 1
        }
      }
      if done > 0 {
        finished.pointee.add(done, ordering: .sequentiallyConsistent)
        if worker > 0 && sleepers.pointee.load(ordering: .sequentiallyConsistent) > 0 { wakeAll() }
      }
    }

    private func claim(_ range: UnsafeMutablePointer<Atomic<Int>>) -> Int? {
      var seen = range.pointee.load(ordering: .acquiring)
      while seen >> 32 < seen & 0xFFFF_FFFF {
        let (claimed, now) = range.pointee.weakCompareExchange(
          expected: seen, desired: seen + (1 << 32), ordering: .acquiringAndReleasing)
        if claimed { return seen >> 32 }
        seen = now
      }
      return nil
    }

    func waitForAll(_ count: Int) {
      wait { self.finished.pointee.load(ordering: .sequentiallyConsistent) == count }
      body = nil
    }

    func work(as worker: Int) {
      var seen = 0
      while !stopped.load(ordering: .acquiring) {
        wait {
          self.loops.pointee.load(ordering: .sequentiallyConsistent) != seen
            || self.stopped.load(ordering: .acquiring)
        }
        seen = loops.pointee.load(ordering: .sequentiallyConsistent)
        help(as: worker)
      }
    }

    /// Waits: spinning for a while, since the next operation usually follows within microseconds, but
    /// yielding the processor to others; then sleeping.
    private func wait(until isOver: () -> Bool) {
      for turn in 0..<4000 {
        if isOver() { return }
        if turn % 50 == 49 { sched_yield() } else { pause_processor() }
      }
      condition.lock()
      defer { condition.unlock() }
      sleepers.pointee.add(1, ordering: .sequentiallyConsistent)
      defer { sleepers.pointee.subtract(1, ordering: .sequentiallyConsistent) }
      while !isOver() { condition.wait() }
    }

    private func wakeAll() {
      condition.lock()
      condition.broadcast()
      condition.unlock()
    }

    func stop() {
      stopped.store(true, ordering: .sequentiallyConsistent)
      wakeAll()
    }
  }
}

/// Atomic integers, zero at first, each in its own cache lines, to avoid false sharing.
private final class PaddedAtomics: @unchecked Sendable {
  /// 128 bytes: processors fetch cache lines in pairs.
  private static let step = 16
  private let memory: UnsafeMutablePointer<Atomic<Int>>
  private let count: Int

  init(count: Int) {
    self.count = count
    let bytes = UnsafeMutableRawPointer.allocate(
      byteCount: count * Self.step * MemoryLayout<Atomic<Int>>.stride, alignment: 128)
    memory = bytes.bindMemory(to: Atomic<Int>.self, capacity: count * Self.step)
    for i in 0..<count * Self.step { (memory + i).initialize(to: Atomic(0)) }
  }

  deinit {
    memory.deinitialize(count: count * Self.step)
    memory.deallocate()
  }

  subscript(index: Int) -> UnsafeMutablePointer<Atomic<Int>> { memory + index * Self.step }
}
