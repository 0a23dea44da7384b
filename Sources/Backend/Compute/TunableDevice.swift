/// Something that a device does in one of several ways with the same results but for rounding: a product of some
/// shape in tiles of some size, or a kernel in work-groups of some size.
public struct Decision: Sendable, Hashable {
  /// What is done, with its dimensions, such as `matmul 128x784x500`.
  public var name: String
  /// The way that it was done.
  public var taken: String
  /// The ways that it can be done on this device.
  public var ways: [String]

  /// Describes a decision.
  public init(name: String, taken: String, ways: [String]) {
    self.name = name
    self.taken = taken
    self.ways = ways
  }
}

/// A device with more than one way to do things, of which the fastest is found by measuring.
public protocol TunableDevice: Device {
  /// The decisions of the operations that `body` enqueues on the device that it is given, each once.
  func decisions(_ body: (any Device) throws -> Void) throws -> [Decision]

  /// The same device, which does what is named in the ways given. A way that it doesn't have is passed over.
  func deciding(_ ways: [String: String]) -> any TunableDevice
}
