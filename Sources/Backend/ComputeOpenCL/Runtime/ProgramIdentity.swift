import COpenCL
import Compute
import Files
import Foundation

/// What, besides source and options, can change the result of a build, as lines of text.
///
/// A driver's version alone is not enough: its compiler may be a library with versions of its own, the environment
/// may change what it makes, and a processor's programs must not run on another model, though both share a home
/// directory.
enum ProgramIdentity {
  /// The identity of a device and of all that builds its programs.
  static func text(of device: cl_device_id) -> String {
    var lines = [line("version", digitalisVersion)]
    let platform = number(device, CL_DEVICE_PLATFORM, as: UInt.self, clGetDeviceInfo)
    if let platform = platform.flatMap({ cl_platform_id(bitPattern: $0) }) {
      for (name, query) in [
        ("platform", CL_PLATFORM_NAME), ("platform version", CL_PLATFORM_VERSION),
      ] {
        lines.append(line(name, ComputeOpenCL.text(platform, query, clGetPlatformInfo)))
      }
    }
    let queries: KeyValuePairs = [
      "device": CL_DEVICE_NAME, "vendor": CL_DEVICE_VENDOR, "device version": CL_DEVICE_VERSION,
      "driver": CL_DRIVER_VERSION, "language": CL_DEVICE_OPENCL_C_VERSION,
      "profile": CL_DEVICE_PROFILE, "extensions": CL_DEVICE_EXTENSIONS,
    ]
    for (name, query) in queries {
      lines.append(line(name, ComputeOpenCL.text(device, query, clGetDeviceInfo)))
    }
    for (name, query) in [
      "vendor number": CL_DEVICE_VENDOR_ID, "address bits": CL_DEVICE_ADDRESS_BITS,
    ] as KeyValuePairs {
      let value = number(device, query, as: cl_uint.self, clGetDeviceInfo)
      lines.append(line(name, value.map(String.init) ?? ""))
    }
    return (lines + processor + variables(of: ProcessInfo.processInfo.environment) + libraries)
      .joined()
  }

  private static func line(_ name: String, _ value: String) -> String {
    "\(name) \(value.debugDescription)\n"
  }

  // Variables

  private static let prefixes = [
    // The loader, its layers, and the system's
    "OPENCL_", "OCL_", "CL_", "LD_",
    // PoCL, Intel, AMD, NVIDIA, Mesa and LLVM, Arm, simulators
    "POCL_", "IGC_", "INTEL_", "NEO_", "SYCL_", "AMD_", "AMDGPU_", "GPU_", "HSA_", "ROC_", "ROCM_",
    "ROCR_", "HIP_",
    "COMGR_", "CUDA_", "NVIDIA_", "NV_", "__GL_", "RUSTICL_", "CLOVER_", "MESA_", "GALLIUM_", "LP_",
    "NIR_",
    "RADEON_", "RADV_", "R600_", "IRIS_", "ZINK_", "NOUVEAU_", "PAN_", "FD_", "ETNA_", "LIBCLC_",
    "LLVM_", "SPIRV_",
    "MALI_", "OCLGRIND_",
  ]

  /// The variables of an environment that a driver may read.
  static func variables(of environment: [String: String]) -> [String] {
    environment.filter { name, _ in
      // Intel's driver for GPUs has hundreds named like ForceSimdWidth.
      prefixes.contains { name.hasPrefix($0) }
        || !name.contains("_") && name.contains(where: \.isLowercase)
    }.sorted { $0.key < $1.key }.map { line("variable \($0.key)", $0.value) }
  }

  // The processor

  /// The model and the features of the processor.
  private static let processor = processor(systemText("/proc/cpuinfo"))

  private static let properties = [
    "vendor_id", "cpu family", "model", "model name", "stepping", "flags", "CPU implementer",
    "CPU architecture", "CPU variant", "CPU part", "CPU revision", "Features", "isa", "uarch",
  ]

  /// The same of the first processor in the text of `/proc/cpuinfo`.
  static func processor(_ text: String) -> [String] {
    var lines: [String] = []
    for property in text.split(separator: "\n", omittingEmptySubsequences: false) {
      // An empty line ends a processor.
      guard let colon = property.firstIndex(of: ":") else { break }
      let name = property[..<colon].trimmingCharacters(in: .whitespaces)
      guard properties.contains(name) else { continue }
      let value = property[property.index(after: colon)...].trimmingCharacters(in: .whitespaces)
      lines.append(line("processor \(name)", value))
    }
    return lines
  }

  // Libraries

  /// The libraries that this process has loaded, with their sizes and times: the drivers and their compilers are
  /// among them. They are listed before the first program is built, since those may be libraries too.
  private static let libraries: [String] = {
    let own = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
    return libraries(in: systemText("/proc/self/maps")).subtracting([own]).sorted().map { path in
      var status = stat()
      guard stat(path, &status) == 0 else { return line("library", path) }
      let time = status.st_mtim
      return line("library", "\(path) \(status.st_size) \(time.tv_sec).\(time.tv_nsec)")
    }
  }()

  /// The files with code in the text of `/proc/self/maps`.
  static func libraries(in maps: String) -> Set<String> {
    Set(
      maps.split(separator: "\n").compactMap { region in
        // Addresses, permissions, offset, device, inode, and the path after some spaces.
        guard let slash = region.firstIndex(of: "/"),
          region.split(separator: " ", maxSplits: 2).dropFirst().first?.contains("x") == true
        else { return nil }
        return String(region[slash...])
      })
  }
}
