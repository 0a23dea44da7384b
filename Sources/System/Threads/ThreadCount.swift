/// With how many threads something computes, and why.
public struct ThreadCount: Sendable, Hashable, CustomStringConvertible {
  /// The threads, that of the caller included.
  public let count: Int
  /// Why there are so many, in a few words.
  public let reason: String

  /// A number with its reason.
  public init(count: Int, reason: String) { (self.count, self.reason) = (count, reason) }

  /// `2 threads: one for each processor that the process may use`.
  public var description: String { "\(count) \(count == 1 ? "thread" : "threads"): \(reason)" }

  /// What became of the wish where fewer could be made.
  public func made(_ made: Int) -> ThreadCount {
    guard made < count else { return self }
    return ThreadCount(
      count: made,
      reason: "the system gives no more of the \(count) (ulimit -u, ulimit -v, pids.max)")
  }
}
