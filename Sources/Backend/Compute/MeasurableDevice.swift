/// A device that can measure its own speed, for benchmarks; computation doesn't need it.
public protocol MeasurableDevice: Device {
  /// The number of commands given to the driver so far, one for each kernel and each copy; nil for a device
  /// without a driver.
  var launches: Int? { get }

  /// The memory that it has allocated.
  var memoryUse: MemoryUse { get }

  /// Keeps every arithmetic unit busy with multiply-adds that touch no memory.
  ///
  /// - Parameter rounds: The length of the loop; the time is proportional to it.
  /// - Returns: The number of floating point operations of the call, two for each multiply-add.
  func multiplyAdds(rounds: Int) throws(DeviceError) -> Double
}

/// The memory that a device has allocated, in bytes.
public struct MemoryUse: Sendable, Hashable {
  /// What buffers hold.
  public var used: Int
  /// What is kept for the next buffers.
  public var kept: Int

  /// Describes an allocation.
  public init(used: Int, kept: Int) {
    self.used = used
    self.kept = kept
  }
}
