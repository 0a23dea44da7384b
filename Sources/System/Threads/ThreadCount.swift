/// The number of threads something computes with, and why.
public struct ThreadCount: Sendable, Hashable, CustomStringConvertible {
  /// The number of threads, including the caller.
  public let count: Int
  /// The reason for the number, in a few words.
  public let reason: String

  /// A number with its reason.
  public init(count: Int, reason: String) { (self.count, self.reason) = (count, reason) }

  /// `2 threads: one for each processor that the process may use`.
  public var description: String { "\(count) \(count == 1 ? "thread" : "threads"): \(reason)" }

  /// The actual count, if fewer could be created.
  public func made(_ made: Int) -> ThreadCount {
    guard made < count else { return self }
    return ThreadCount(
      count: made,
      reason: "the system gives no more of the \(count) (ulimit -u, ulimit -v, pids.max)")
  }
}
