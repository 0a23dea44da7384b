import Foundation

/// A command that a device's queue has carried out.
public struct DeviceCommand: Sendable, Hashable {
  /// What a command does.
  public enum Kind: String, Sendable {
    /// Runs a kernel.
    case launch
    /// Copies within the device.
    case copy
    /// Copies to the device.
    case write
    /// Copies to the host.
    case read
  }

  /// What it did.
  public var kind: Kind
  /// The name of its kernel, or that of its kind.
  public var name: String
  /// The bytes that it copied.
  public var byteCount: Int
  /// The number that ``RecordingDevice/record(for:)`` was given before it.
  public var owner: Int
  /// When it began and ended, in nanoseconds of ``hostNanoseconds()``; nil if the driver doesn't say.
  public var time: ClosedRange<UInt64>?

  /// Describes a command.
  public init(
    kind: Kind, name: String, byteCount: Int, owner: Int, time: ClosedRange<UInt64>?
  ) {
    self.kind = kind
    self.name = name
    self.byteCount = byteCount
    self.owner = owner
    self.time = time
  }
}

/// A device whose work goes on after its calls have returned, and that says afterwards what it did when.
public protocol RecordingDevice: Device {
  /// Whether it was opened to record its commands; otherwise it has none to show.
  var recordsCommands: Bool { get }

  /// Records the commands of the following calls, all as those of `owner`; nil ends the recording.
  func record(for owner: Int?)

  /// Hands over the recorded commands that are done, in order, each once. A device that has very many waits for
  /// some of them.
  ///
  /// - Parameter isIdle: Whether the caller has just waited for the queue.
  func takeCommands(isIdle: Bool) -> [DeviceCommand]

  /// By how many nanoseconds the times may be wrong, since the device has a clock of its own.
  var clockError: Int { get }
}

/// The host's monotonic clock in nanoseconds.
public func hostNanoseconds() -> UInt64 {
  var time = timespec()
  clock_gettime(CLOCK_MONOTONIC, &time)
  return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
}
