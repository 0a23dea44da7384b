import Compute

extension OpenCLDevice: RecordingDevice {
  /// Whether ``OpenCLSettings/recordsCommands`` was set.
  public var recordsCommands: Bool { context.log != nil }

  /// Marks the following commands.
  public func record(for owner: Int?) { context.log?.owner = owner }

  /// The commands that are done, with the times of their events.
  public func takeCommands(isIdle: Bool) -> [DeviceCommand] {
    context.log?.take(isIdle: isIdle) ?? []
  }

  /// Half of the narrowest interval between a call and its return in which the clocks were compared.
  public var clockError: Int { context.log?.clockError ?? 0 }
}
