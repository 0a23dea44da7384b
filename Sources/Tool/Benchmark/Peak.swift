import Compute

/// The best measured performance of a device, which a report's shares refer to.
public struct Peak: Sendable, Hashable, Codable {
  /// Multiply-adds that touch no memory, in units of 10⁹ floating point operations per second; nil for a
  /// device that cannot measure it.
  public var gigaflops: Double?
  /// The reading and writing of arrays too large for caches, in units of 10⁹ bytes per second.
  public var gigabytesPerSecond: Double?

  /// The peak in the rows of ``BenchmarkCase/peaks(of:)``.
  public init(_ measurements: [Measurement]) {
    func best(_ value: (Measurement) -> Double?) -> Double? {
      // The fastest timing: the device can do that, whatever else slowed the others.
      measurements.compactMap { item in
        value(item).map { item.fastest > 0 ? $0 * item.seconds / item.fastest : $0 }
      }.max()
    }
    gigaflops = best(\.gigaflops)
    gigabytesPerSecond = best(\.gigabytesPerSecond)
  }
}

extension BenchmarkCase {
  /// The cases that measure the peak of a device, in their own group.
  ///
  /// - Parameter arrayBytes: The size of an array: beyond the caches of most processors, within the memory
  ///   of most GPUs.
  /// - Throws: `DeviceError` when the device fails.
  public static func peaks(of device: any Device, arrayBytes: Int = 128 << 20) throws
    -> [BenchmarkCase]
  {
    let description = device.description
    let bytes = min(arrayBytes, description.memory / 16, description.largestBuffer)
    let count = max(bytes / 4, 1)
    var cases = [
      operation("copy of \(bytes >> 20) MiB", .floats(2 * count), [count, count]) {
        try $0.copy($1[0], to: $1[1])
      },
      operation("sum of two times \(bytes >> 20) MiB", .floats(3 * count), [count, count, count]) {
        try $0.zip(.add, $1[0], $1[1], into: $1[2])
      },
    ]
    for index in cases.indices { cases[index].group = .peak }
    if let device = device as? any MeasurableDevice {
      // Milliseconds, so that waking threads costs nothing by comparison; a GPU does more work per round.
      let rounds = device.description.kind == .cpu ? 1_000_000 : 20_000
      let work = Work(operations: Double(rounds) * (try device.multiplyAdds(rounds: 1)))
      cases.insert(
        BenchmarkCase(.peak, "multiply-adds in registers", work) { _ in
          { _ = try device.multiplyAdds(rounds: rounds) }
        }, at: 0)
    }
    return cases
  }
}
