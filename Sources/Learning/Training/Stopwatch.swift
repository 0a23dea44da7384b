import Dispatch

/// The time since it was started, by a monotonic clock.
public struct Stopwatch: Sendable {
  private var start = DispatchTime.now().uptimeNanoseconds

  /// Starts it.
  public init() {}

  /// The seconds since the start; 0 if a broken clock has gone back, as on some virtual machines after a migration.
  public var seconds: Double {
    Self.seconds(from: start, to: DispatchTime.now().uptimeNanoseconds)
  }

  /// Starts it again.
  public mutating func restart() { start = DispatchTime.now().uptimeNanoseconds }

  static func seconds(from start: UInt64, to end: UInt64) -> Double {
    end > start ? Double(end - start) / 1e9 : 0
  }
}

/// A count per second; 0 if no time has passed, so that files and displays show finite numbers.
public func rate(_ count: Int, per seconds: Double) -> Double {
  seconds > 0 ? min(Double(count) / seconds, .greatestFiniteMagnitude) : 0
}
