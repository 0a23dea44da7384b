/// A device's description of itself.
public struct DeviceDescription: Sendable, Hashable {
  /// The kind of processor behind a device.
  public enum Kind: String, Sendable {
    /// A processor of the host.
    case cpu
    /// A graphics processor.
    case gpu
    /// A processor made for such work alone.
    case accelerator
    /// Anything else.
    case other
  }

  /// The marketing name, such as `AMD EPYC`.
  public var name: String
  /// The kind of processor.
  public var kind: Kind
  /// The platform that drives it: `Swift`, or the name of the OpenCL platform.
  public var platform: String
  /// The version of the driver, or the instruction set of the pure-Swift device.
  public var driver: String
  /// The memory in bytes.
  public var memory: Int
  /// The bytes of the largest buffer; the same as ``memory`` where there is no lower limit.
  public var largestBuffer: Int
  /// The number of compute units or threads.
  public var computeUnits: Int
  /// The family of kernels in use, such as `avx512`, `gpu` or `cpu`.
  public var kernels: String

  /// The name and the platform, as in reports.
  public var nameAndPlatform: String { "\(name), \(platform)" }

  /// Describes a device.
  public init(
    name: String, kind: Kind, platform: String, driver: String, memory: Int, computeUnits: Int,
    kernels: String, largestBuffer: Int? = nil
  ) {
    self.name = name
    self.kind = kind
    self.platform = platform
    self.driver = driver
    self.memory = memory
    self.largestBuffer = largestBuffer ?? memory
    self.computeUnits = computeUnits
    self.kernels = kernels
  }
}
