import COpenCL
import Compute
import Synchronization

/// A device behind an OpenCL 1.2 driver: one context, one in-order queue.
///
/// The operations are in one extension for each family, beside `Kernels/<family>.cl`. A file of
/// kernels is built when one of its operations is first used.
public final class OpenCLDevice: Device {
  /// What the device says of itself.
  public let description: DeviceDescription
  let context: Context
  let pool: MemoryPool
  let tuning: Tuning
  let kernels = Mutex(KernelCache())

  init(_ handle: OpenCLDeviceHandle, kernels: KernelFamily?) throws(DeviceError) {
    var description = handle.description
    let family = kernels ?? (description.kind == .cpu ? .cpu : .gpu)
    description.kernels = family.rawValue
    self.description = description
    let device = handle.identifier
    tuning = Tuning(
      family: family,
      maximumGroup: number(
        device, CL_DEVICE_MAX_WORK_GROUP_SIZE, as: Int.self, clGetDeviceInfo) ?? 1,
      localMemory: Int(
        clamping: number(
          device, CL_DEVICE_LOCAL_MEM_SIZE, as: cl_ulong.self, clGetDeviceInfo) ?? 32768))
    context = try Context(device: device)
    pool = MemoryPool(context)
  }
}
