import Compute
import Models
import Training

/// How long a call of one case took.
public struct Measurement: Sendable, Hashable, Codable {
  /// Which part of the benchmark it belongs to.
  public var group: BenchmarkCase.Group
  /// What was done, with its dimensions.
  public var name: String
  /// The calls in each timing.
  public var calls: Int
  /// The median time of a call in seconds.
  public var seconds: Double
  /// The time of a call in the fastest timing, in seconds.
  public var fastest: Double
  /// The time of a call in the slowest timing, in seconds.
  public var slowest: Double
  /// Floating point operations in units of 10⁹ per second.
  public var gigaflops: Double?
  /// Bytes in units of 10⁹ per second.
  public var gigabytesPerSecond: Double?
  /// Images per second.
  public var imagesPerSecond: Double?
  /// ``gigaflops`` over that of the device's peak.
  public var arithmeticShare: Double?
  /// ``gigabytesPerSecond`` over that of the device's peak; above 1 for what stays in caches.
  public var bandwidthShare: Double?
  /// The kernels and copies of a call; nil on a device without a driver.
  public var launches: Int?
}

extension BenchmarkCase {
  /// Measures the case on a device.
  ///
  /// The calls of a timing are enqueued together and waited for once, so that throughput is measured and
  /// not latency. The search for their number is the warm-up.
  /// - Parameter peak: The peak that shares refer to.
  /// - Throws: `DeviceError` when the device fails.
  public func measure(on device: any Device, _ settings: BenchmarkSettings, peak: Peak? = nil)
    throws -> Measurement
  {
    let call = try prepare(device)
    func time(_ calls: Int) throws -> Double {
      try device.synchronize()
      let stopwatch = Stopwatch()
      for _ in 0..<calls { try call() }
      try device.synchronize()
      return stopwatch.seconds
    }

    _ = try time(1)  // Builds kernels and touches memory.
    var calls = 1
    let counter = device as? any MeasurableDevice
    let launchesBefore = counter?.launches
    var elapsed = try time(calls)
    let launchesAfter = counter?.launches
    // With a stopped clock this would loop forever.
    while elapsed < settings.seconds && elapsed > 0 {
      let wanted = Double(calls) * settings.seconds / elapsed
      calls = min(max(2 * calls, Int(wanted)), 10 * calls)
      elapsed = try time(calls)
    }
    let times = try (0..<settings.repeats).map { _ in try time(calls) / Double(calls) }.sorted()
    let seconds = median(times)
    func perSecond(_ amount: Double?, _ unit: Double) -> Double? {
      amount.map { seconds > 0 ? $0 / seconds / unit : 0 }
    }
    func ratio(_ value: Double?, _ whole: Double?) -> Double? {
      value.flatMap { value in whole.map { $0 > 0 ? value / $0 : 0 } }
    }
    let gigaflops = perSecond(work.operations, 1e9)
    let gigabytes = perSecond(work.bytes, 1e9)
    return Measurement(
      group: group, name: name, calls: calls, seconds: seconds, fastest: times[0],
      slowest: times[times.count - 1], gigaflops: gigaflops, gigabytesPerSecond: gigabytes,
      imagesPerSecond: perSecond(work.images, 1),
      arithmeticShare: ratio(gigaflops, peak?.gigaflops),
      bandwidthShare: ratio(gigabytes, peak?.gigabytesPerSecond),
      launches: launchesAfter.flatMap { after in launchesBefore.map { after - $0 } })
  }
}

/// The median of sorted values: the middle one, or the mean of the middle two.
func median(_ sorted: [Double]) -> Double {
  (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
}
