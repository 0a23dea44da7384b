import Foundation
import Synchronization
import TestSupport
import Testing
import Threads

@testable import ComputeCPU

@Suite struct ThreadPoolTests {
  @Test(arguments: [1, 2, 3, 8])
  func everyTaskRunsOnce(_ threads: Int) {
    let pool = ThreadPool(threads: threads)
    for count in [0, 1, 2, 3, 7, 64, 1000] {
      let counts = Counts(count)
      pool.run(count) { task, worker in
        counts.note(task)
        #expect((0..<threads).contains(worker))
      }
      #expect(counts.values == [Int](repeating: 1, count: count))
    }
  }

  /// The caller, and those that came before the system had no more, do the work of all.
  @Test(arguments: [0, 1, 3])
  func threadsThatCannotBeMade(_ available: Int) {
    let made = Atomic<Int>(0)
    let pool = ThreadPool(threads: 8) { body in
      if made.load(ordering: .relaxed) == available { return nil }
      made.add(1, ordering: .relaxed)
      return startThread(stack: 1 << 20, body)
    }
    #expect(pool.threads == available + 1)
    for count in [1, 7, 8, 1000] {
      let counts = Counts(count)
      pool.run(count) { task, worker in
        counts.note(task)
        #expect((0..<pool.threads).contains(worker))
      }
      #expect(counts.values == [Int](repeating: 1, count: count))
    }
  }

  @Test func theDeviceSaysWhy() {
    #expect(CPUDevice(threads: 3).threads.description == "3 threads: asked for")
    #expect(CPUDevice().threads == Processors.threads)
  }

  @Test func manyShortLoops() {
    let pool = ThreadPool(threads: 4)
    // Each loop writes without a lock what the caller reads right after it.
    nonisolated(unsafe) let cells = UnsafeMutablePointer<Int>.allocate(capacity: 5)
    defer { cells.deallocate() }
    var wrong = 0
    for loop in 0..<5000 {
      pool.run(5) { task, _ in cells[task] = loop * 5 + task }
      for task in 0..<5 where cells[task] != loop * 5 + task { wrong += 1 }
    }
    #expect(wrong == 0)
  }

  @Test func workersAreAloneWithTheirNumber() {
    let pool = ThreadPool(threads: 4)
    let busy = (0..<4).map { _ in Busy() }
    pool.run(400) { _, worker in
      #expect(busy[worker].enter(), "two tasks ran as worker \(worker) at a time")
      sched_yield()
      busy[worker].leave()
    }
  }

  private final class Busy: Sendable {
    private let flag = Atomic<Bool>(false)
    func enter() -> Bool { !flag.exchange(true, ordering: .acquiringAndReleasing) }
    func leave() { flag.store(false, ordering: .releasing) }
  }

  @Test func severalCallersTakeTurns() {
    let pool = ThreadPool(threads: 3)
    let counts = (0..<4).map { _ in Counts(50) }
    DispatchQueue.concurrentPerform(iterations: 4) { caller in
      for _ in 0..<100 { pool.run(50) { task, _ in counts[caller].note(task) } }
    }
    for counts in counts { #expect(counts.values == [Int](repeating: 100, count: 50)) }
  }

  @Test func sleepersWakeUp() {
    let pool = ThreadPool(threads: 4)
    for _ in 0..<5 {
      // Longer than the threads stay awake.
      Thread.sleep(forTimeInterval: 0.05)
      let workers = Counts(4)
      let everyone = Atomic<Int>(0)
      // Each task waits for the others, so that all four threads must come.
      pool.run(4) { _, worker in
        workers.note(worker)
        everyone.add(1, ordering: .relaxed)
        let limit = Date().addingTimeInterval(3)
        while everyone.load(ordering: .relaxed) < 4 && Date() < limit { sched_yield() }
      }
      #expect(workers.values == [1, 1, 1, 1])
    }
  }

  @Test func threadsEndWithThePool() throws {
    func count() throws -> Int {
      try FileManager.default.contentsOfDirectory(atPath: "/proc/self/task").count
    }
    let before = try count()
    for _ in 0..<20 {
      let pool = ThreadPool(threads: 9)
      pool.run(9) { _, _ in }
    }
    // Other tests may start threads meanwhile, but not 160.
    let limit = Date().addingTimeInterval(10)
    while try count() > before + 60 && Date() < limit { Thread.sleep(forTimeInterval: 0.01) }
    #expect(try count() <= before + 60)
  }
}
