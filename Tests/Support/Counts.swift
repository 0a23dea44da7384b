import Synchronization

/// How often each of several tasks ran, counted by threads that may collide.
public final class Counts: Sendable {
  private let counts: Mutex<[Int]>

  /// Zeros for so many tasks.
  public init(_ count: Int) { counts = Mutex([Int](repeating: 0, count: count)) }

  /// Counts a run of a task.
  public func note(_ task: Int) { counts.withLock { $0[task] += 1 } }

  /// The count of each task.
  public var values: [Int] { counts.withLock { $0 } }
}
