import Compute
import ComputeCPU
import ComputeOpenCL

/// A device of this machine, as an argument of tests.
public struct TestDevice: Sendable, CustomStringConvertible {
  /// The open device.
  public let device: any Device
  /// What a failed test names.
  public let description: String

  init(_ device: any Device) {
    self.device = device
    let own = device.description
    description = "\(own.platform), \(own.kernels) kernels, \(own.computeUnits) units"
  }

  /// The CPU and every OpenCL device, each as it is used by default.
  public static let all: [TestDevice] =
    [TestDevice(CPUDevice())] + openCL { _ in [nil] }

  /// Every instruction set of the CPU, and every OpenCL device with both families of kernels.
  public static let allVariants: [TestDevice] =
    InstructionSet.available.map { TestDevice(CPUDevice(instructionSet: $0)) }
    + openCL { _ in KernelFamily.allCases }

  private static func openCL(
    _ families: (OpenCLDeviceHandle) -> [KernelFamily?]
  ) -> [TestDevice] {
    OpenCLDevice.available().devices.flatMap { handle in
      families(handle).compactMap { try? TestDevice(handle.makeDevice(kernels: $0)) }
    }
  }
}
