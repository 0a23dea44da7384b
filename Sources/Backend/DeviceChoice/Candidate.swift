import Compute
import ComputeCPU
import ComputeOpenCL

/// A device of this machine that has not been opened.
public struct Candidate: Sendable {
  /// How to ask for it: `cpu` or `opencl:N`.
  public var label: String
  /// What it says of itself.
  public var description: DeviceDescription
  /// The families of kernels to try, the fitting one first; empty where there is only one.
  public var families: [KernelFamily]
  /// What else there is to say of it, in one line.
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
  ///   - threads: The number of threads; what fits the processors unless given.
  ///   - instructionSet: The inner loops to use, which must be available; the widest unless given.
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
  static func openCL(_ handle: OpenCLDeviceHandle) -> Candidate {
    let first: KernelFamily = handle.description.kind == .cpu ? .cpu : .gpu
    return Candidate(
      label: "opencl:\(handle.index)", description: handle.description,
      families: [first] + KernelFamily.allCases.filter { $0 != first }
    ) { family throws(DeviceError) in try handle.makeDevice(kernels: family) }
  }
}
