import COpenCL
import Compute
import Synchronization

/// A device behind an OpenCL 1.2 driver: one context, one in-order queue.
///
/// The operations are in one extension for each family, beside `Kernels/<family>.cl`. A file of
/// kernels is built when one of its operations is first used.
public final class OpenCLDevice: Device {
  /// The device's description of itself.
  public let description: DeviceDescription
  let context: Context
  let pool: MemoryPool
  let tuning: Tuning
  let pace: Pace
  let kernels: KernelCache
  let decisions: Decisions
  /// The commands enqueued so far.
  let enqueued = Atomic<Int>(0)

  /// Opens a device; `maximumGroup` imposes a lower limit than the device's, `pace` another pace.
  init(
    _ handle: OpenCLDeviceHandle, kernels: KernelFamily?,
    settings: OpenCLSettings = OpenCLSettings(), maximumGroup: Int = .max, pace: Pace? = nil
  ) throws(DeviceError) {
    var description = handle.description
    let family = kernels ?? (description.kind == .cpu ? .cpu : .gpu)
    description.kernels = family.rawValue
    self.description = description
    let device = handle.identifier
    let group = number(device, CL_DEVICE_MAX_WORK_GROUP_SIZE, as: Int.self, clGetDeviceInfo)
    let local = number(device, CL_DEVICE_LOCAL_MEM_SIZE, as: cl_ulong.self, clGetDeviceInfo)
    let width = number(
      device, CL_DEVICE_NATIVE_VECTOR_WIDTH_FLOAT, as: cl_uint.self, clGetDeviceInfo)
    tuning = Tuning(
      family: family,
      maximumGroup: min(group ?? 1, largestItems(device) ?? .max, maximumGroup),
      localMemory: Int(clamping: local ?? 32768), computeUnits: description.computeUnits,
      width: Int(width ?? 1))
    let clock = number(device, CL_DEVICE_MAX_CLOCK_FREQUENCY, as: cl_uint.self, clGetDeviceInfo)
    self.pace =
      pace
      ?? Pace(
        limit: description.kind == .gpu ? settings.launchMilliseconds : .infinity,
        computeUnits: description.computeUnits, megahertz: Int(clock ?? 0))
    // Before the context, which may load more libraries: the store lists them.
    self.kernels = KernelCache(settings.programCache.flatMap { ProgramStore($0, handle) })
    context = try Context(device: device, recordsCommands: settings.recordsCommands)
    pool = MemoryPool(context)
    decisions = Decisions(settings.ways(description))
  }

  /// The same device with other sizes: buffers and kernels are shared.
  private init(
    _ device: OpenCLDevice, _ description: DeviceDescription, _ tuning: Tuning,
    _ decisions: Decisions
  ) {
    self.description = description
    self.tuning = tuning
    self.decisions = decisions
    context = device.context
    pool = device.pool
    kernels = device.kernels
    pace = device.pace
  }

  /// The same device with other sizes.
  private convenience init(_ device: OpenCLDevice, _ variant: Tuning.Variant) {
    var description = device.description
    description.kernels += ", \(variant.name)"
    self.init(device, description, variant.tuning, Decisions())
  }

  /// The same device with other decisions.
  convenience init(_ device: OpenCLDevice, _ decisions: Decisions) {
    self.init(device, device.description, device.tuning, decisions)
  }

  /// The device with each of the tiles that a shape may choose.
  public var variants: [any Device] {
    tuning.variants.map { OpenCLDevice(self, $0) }
  }
}
