import Compute
import ComputeCPU
import ComputeOpenCL

/// A device of this machine that is not open yet.
public struct Candidate: Sendable {
  /// How to ask for it: `cpu` or `opencl:N`.
  public var label: String
  /// Its description of itself.
  public var description: DeviceDescription
  /// The families of kernels to try, the preferred one first; empty if there is only one.
  public var families: [KernelFamily]
  /// A note about it, in one line.
  public var note: String?
  /// Opens the device with a family of kernels, or with its own choice.
  public var open: @Sendable (KernelFamily?) throws(DeviceError) -> any Device

  /// Describes a device.
  public init(
    label: String, description: DeviceDescription, families: [KernelFamily] = [],
    note: String? = nil,
    open: @escaping @Sendable (KernelFamily?) throws(DeviceError) -> any Device
  ) {
    self.label = label
    self.description = description
    self.families = families
    self.note = note
    self.open = open
  }

  /// The pure-Swift device.
  ///
  /// - Parameters:
  ///   - threads: The number of threads; by default what fits the processors.
  ///   - instructionSet: The inner loops to use, which must be available; by default the widest.
  public static func cpu(
    threads: Int? = nil, instructionSet: InstructionSet? = nil
  ) -> Candidate {
    let device = CPUDevice(threads: threads, instructionSet: instructionSet)
    return Candidate(
      label: "cpu", description: device.description,
      note: "the device cpu computes with \(device.threads)"
    ) { _ in device }
  }

  /// An OpenCL device.
  static func openCL(_ handle: OpenCLDeviceHandle, _ settings: OpenCLSettings) -> Candidate {
    let first: KernelFamily = handle.description.kind == .cpu ? .cpu : .gpu
    return Candidate(
      label: "opencl:\(handle.index)", description: handle.description,
      families: [first] + KernelFamily.allCases.filter { $0 != first }
    ) { family throws(DeviceError) in
      try handle.makeDevice(kernels: family, settings: settings)
    }
  }
}
