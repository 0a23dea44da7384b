import Dispatch

/// The time since it was started, by a clock that nobody sets.
public struct Stopwatch: Sendable {
  private var start = DispatchTime.now().uptimeNanoseconds

  /// Starts it.
  public init() {}

  /// The seconds since the start; none where a broken clock has gone back, as on some virtual machines
  /// that were moved.
  public var seconds: Double {
    Self.seconds(from: start, to: DispatchTime.now().uptimeNanoseconds)
  }

  /// Starts it again.
  public mutating func restart() { start = DispatchTime.now().uptimeNanoseconds }

  static func seconds(from start: UInt64, to end: UInt64) -> Double {
    end > start ? Double(end - start) / 1e9 : 0
  }
}

/// So many per second; 0 where no time has passed: what files hold and people read is a finite number.
public func rate(_ count: Int, per seconds: Double) -> Double {
  seconds > 0 ? min(Double(count) / seconds, .greatestFiniteMagnitude) : 0
}
