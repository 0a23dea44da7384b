import Compute
import Files

/// What a ``Profiler`` has measured, summed up.
public struct Profile: Sendable {
  /// All calls of an operation with the same extents.
  public struct Operation: Sendable, Hashable {
    /// Its name with the extents, such as `matmul 128x784x500 NN`.
    public var name: String
    /// The number of calls.
    public var calls = 0
    /// The kernels and copies that they took; 0 on a device that has none.
    public var commands = 0
    /// The time that the device spent on them, in nanoseconds: the sum over its events in the trace.
    public var nanoseconds: UInt64 = 0
    /// The work of all calls.
    public var cost = Cost()

    /// The time in seconds.
    public var seconds: Double { Double(nanoseconds) / 1e9 }
  }

  /// What a device did.
  public struct DeviceUse: Sendable {
    /// How to ask for it: `cpu` or `opencl:N`.
    public var label: String
    /// The device's description of itself.
    public var description: DeviceDescription
    /// Its operations, those that took longest first.
    public var operations: [Operation] = []
    /// The calls that waited for the queue.
    public var waits = 0
    /// The time that the host waited, in nanoseconds.
    public var waitNanoseconds: UInt64 = 0
    /// The bytes written to the device.
    public var bytesWritten = 0
    /// The bytes read from the device.
    public var bytesRead = 0
    /// The most bytes that buffers held at the start of an operation.
    public var mostMemory = 0
    /// By how many nanoseconds the device's times may be wrong against the host's; nil where the calls themselves are
    /// timed.
    public var clockError: Int?
    /// The commands whose times the driver doesn't say.
    public var untimedCommands = 0

    /// The kernels and copies of all operations.
    public var commands: Int { operations.reduce(0) { $0 + $1.commands } }
  }

  /// The time from the start to the end, in nanoseconds.
  public var nanoseconds: UInt64
  /// The devices, in the order in which they were used.
  public var devices: [DeviceUse]
  /// Why the trace ends before the work does; nil if it is whole.
  public var failure: FileError?

  /// The time of all operations, in nanoseconds.
  public var operationNanoseconds: UInt64 {
    devices.reduce(0) { $0 + $1.operations.reduce(0) { $0 + $1.nanoseconds } }
  }
}
