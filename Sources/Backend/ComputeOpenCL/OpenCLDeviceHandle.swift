import COpenCL
import Compute

/// An OpenCL device of this machine that has not been opened yet.
public struct OpenCLDeviceHandle: @unchecked Sendable {
  /// The index in the list of devices of all platforms.
  public let index: Int
  /// The device's description of itself, with its default kernels.
  public let description: DeviceDescription
  let identifier: cl_device_id

  /// Opens the device: makes a context and a queue. Kernels are built on first use.
  ///
  /// - Parameters:
  ///   - kernels: The family of kernels; nil takes that of the kind of device.
  ///   - settings: What the user decides.
  /// - Throws: `DeviceError` when the driver refuses.
  public func makeDevice(
    kernels: KernelFamily? = nil, settings: OpenCLSettings = OpenCLSettings()
  ) throws(DeviceError) -> OpenCLDevice {
    try OpenCLDevice(self, kernels: kernels, settings: settings)
  }
}

extension OpenCLDevice {
  /// The OpenCL devices of this machine, and one line for each problem: no driver, a platform without
  /// devices, a failing driver. Makes no context and never fails.
  public static func available() -> (devices: [OpenCLDeviceHandle], problems: [String]) {
    var devices: [OpenCLDeviceHandle] = []
    var problems: [String] = []
    var count: cl_uint = 0
    var code = clGetPlatformIDs(0, nil, &count)
    guard code == CL_SUCCESS, count > 0 else {
      // The loader returns -1001 if no driver is registered.
      let none = code == -1001 || code == CL_SUCCESS
      problems.append(
        none
          ? "no OpenCL driver is installed; install that of your GPU, or PoCL for the CPU"
          : "the OpenCL loader failed with \(symbol(of: code) ?? "code") (\(code))")
      return (devices, problems)
    }
    var platforms = [cl_platform_id?](repeating: nil, count: Int(count))
    code = clGetPlatformIDs(count, &platforms, nil)
    guard code == CL_SUCCESS else {
      problems.append("the OpenCL loader failed with \(symbol(of: code) ?? "code") (\(code))")
      return (devices, problems)
    }
    for case let platform? in platforms {
      let name = text(platform, CL_PLATFORM_NAME, clGetPlatformInfo)
      for identifier in identifiers(platform, name, &problems) {
        let description = describe(identifier, platform: name)
        if let problem = obstacle(identifier) {
          problems.append("\(description.name) (\(name)): \(problem)")
        } else {
          devices.append(
            OpenCLDeviceHandle(
              index: devices.count, description: description, identifier: identifier))
        }
      }
    }
    return (devices, problems)
  }

  private static func identifiers(
    _ platform: cl_platform_id, _ name: String, _ problems: inout [String]
  ) -> [cl_device_id] {
    let all = cl_device_type(CL_DEVICE_TYPE_ALL)
    var count: cl_uint = 0
    var code = clGetDeviceIDs(platform, all, 0, nil, &count)
    if code == CL_DEVICE_NOT_FOUND || (code == CL_SUCCESS && count == 0) {
      problems.append("the OpenCL platform \(name) has no device")
      return []
    }
    var identifiers = [cl_device_id?](repeating: nil, count: Int(count))
    if code == CL_SUCCESS { code = clGetDeviceIDs(platform, all, count, &identifiers, nil) }
    guard code == CL_SUCCESS else {
      problems.append(
        "the OpenCL platform \(name) failed with \(symbol(of: code) ?? "code") (\(code))")
      return []
    }
    return identifiers.compactMap { $0 }
  }

  /// Why a device is unusable, or nil.
  private static func obstacle(_ device: cl_device_id) -> String? {
    let version = text(device, CL_DEVICE_VERSION, clGetDeviceInfo)
    if number(device, CL_DEVICE_AVAILABLE, as: cl_bool.self, clGetDeviceInfo) != 1 {
      return "not available now"
    }
    if number(device, CL_DEVICE_COMPILER_AVAILABLE, as: cl_bool.self, clGetDeviceInfo) != 1 {
      return "no compiler in its driver"
    }
    if !isAtLeastOpenCL12(version) { return "has '\(version)', but OpenCL 1.2 is needed" }
    return nil
  }

  private static func describe(_ device: cl_device_id, platform: String) -> DeviceDescription {
    let type = number(device, CL_DEVICE_TYPE, as: cl_device_type.self, clGetDeviceInfo) ?? 0
    let kind: DeviceDescription.Kind =
      if type & cl_device_type(CL_DEVICE_TYPE_GPU) != 0 {
        .gpu
      } else if type & cl_device_type(CL_DEVICE_TYPE_ACCELERATOR) != 0 {
        .accelerator
      } else if type & cl_device_type(CL_DEVICE_TYPE_CPU) != 0 {
        .cpu
      } else {
        .other
      }
    let memory = number(device, CL_DEVICE_GLOBAL_MEM_SIZE, as: cl_ulong.self, clGetDeviceInfo)
    let largest = number(
      device, CL_DEVICE_MAX_MEM_ALLOC_SIZE, as: cl_ulong.self, clGetDeviceInfo)
    let units = number(device, CL_DEVICE_MAX_COMPUTE_UNITS, as: cl_uint.self, clGetDeviceInfo)
    let name = text(device, CL_DEVICE_NAME, clGetDeviceInfo)
    return DeviceDescription(
      name: name.isEmpty ? "unnamed device" : name, kind: kind, platform: platform,
      driver: text(device, CL_DRIVER_VERSION, clGetDeviceInfo),
      memory: Int(clamping: memory ?? 0), computeUnits: Int(units ?? 1),
      kernels: (kind == .cpu ? KernelFamily.cpu : .gpu).rawValue,
      largestBuffer: largest.map { Int(clamping: $0) })
  }
}
