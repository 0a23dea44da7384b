import Foundation
import TestSupport
import Testing

@testable import Threads

@Suite struct ThreadsTests {
  @Test func aThreadRuns() throws {
    let counts = Counts(1)
    let thread = try #require(startThread(stack: 1 << 16) { counts.note(0) })
    pthread_join(thread, nil)
    #expect(counts.values == [1])
  }

  @Test func aStackThatCannotBe() {
    #expect(startThread(stack: 1) {} == nil)
  }

  @Test(arguments: [1, 2, 9])
  func eachIsCalledOnce(_ threads: Int) {
    for count in [0, 1, 2, 5, 100] {
      let counts = Counts(count)
      concurrently(count, threads: threads) { counts.note($0) }
      #expect(counts.values == [Int](repeating: 1, count: count))
    }
  }

  /// Each waits for the other.
  @Test func severalAreThereAtATime() {
    let here = Counts(2)
    let limit = Date().addingTimeInterval(10)
    concurrently(2, threads: 2) { index in
      here.note(index)
      while here.values != [1, 1] && Date() < limit { sched_yield() }
    }
    #expect(Date() < limit)
  }
}
