import Foundation
import Synchronization

/// Calls `body` with each number below `count`, on several threads if the system grants them, and returns
/// when all calls have.
///
/// Dispatch would wait forever for a thread that cannot be created.
///
/// - Parameter threads: The maximum number of threads, including the caller.
public func concurrently(
  _ count: Int, threads: Int = Processors.threads.count, _ body: @Sendable (Int) -> Void
) {
  withoutActuallyEscaping(body) { body in
    let next = Next()
    let work: @Sendable () -> Void = {
      while case let index = next.take(), index < count { body(index) }
    }
    var helpers: [pthread_t] = []
    while helpers.count < min(count, threads) - 1, let helper = startThread(stack: 8 << 20, work) {
      helpers.append(helper)
    }
    work()
    for helper in helpers { pthread_join(helper, nil) }
  }
}

private final class Next: Sendable {
  private let number = Atomic<Int>(0)
  func take() -> Int { number.add(1, ordering: .relaxed).oldValue }
}
