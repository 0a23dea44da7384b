import Compute

/// What a user decides about OpenCL devices; each setting has a default.
public struct OpenCLSettings: Sendable {
  /// The longest time in milliseconds that one launch should keep a GPU, so that a display stays alive: longer
  /// work is launched in parts, with the same results. Devices that are no GPUs launch all at once.
  public var launchMilliseconds = 100.0

  /// The ways in which a device does things faster than as usual, as a tuning of it found; see `TunableDevice`.
  public var ways: @Sendable (DeviceDescription) -> [String: String] = { _ in [:] }

  /// Where built programs are kept for the next start; nil builds them at every start.
  public var programCache: ProgramCache?

  /// Whether the driver notes when each command began and ended, for a profile; see ``/Compute/RecordingDevice``.
  public var recordsCommands = false

  /// The defaults.
  public init() {}
}
