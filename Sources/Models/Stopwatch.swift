import Dispatch

/// The time since it was started, by a clock that nobody sets.
public struct Stopwatch: Sendable {
  private var start = DispatchTime.now().uptimeNanoseconds

  /// Starts it.
  public init() {}

  /// The seconds since the start.
  public var seconds: Double { Double(DispatchTime.now().uptimeNanoseconds - start) / 1e9 }

  /// Starts it again.
  public mutating func restart() { start = DispatchTime.now().uptimeNanoseconds }
}
