import Dispatch

/// The time since it was started, by a clock that nobody sets.
struct Stopwatch {
  private var start = DispatchTime.now().uptimeNanoseconds

  /// The seconds since the start.
  var seconds: Double { Double(DispatchTime.now().uptimeNanoseconds - start) / 1e9 }

  mutating func restart() { start = DispatchTime.now().uptimeNanoseconds }
}
