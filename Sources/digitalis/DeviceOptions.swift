import ArgumentParser
import Compute
import ComputeOpenCL
import DeviceChoice

struct DeviceOptions: ParsableArguments {
  @Option(
    help: "Where to compute: auto, cpu, opencl, opencl:N, or a part of a device's name.")
  var device = "auto"

  @Option(help: "Force a family of OpenCL kernels: gpu or cpu.")
  var kernels: KernelFamily?

  /// Opens the device, and says which and why.
  func open() throws -> any Device {
    let choice = try DeviceChooser.system().choose(DeviceRequest(device), kernels: kernels)
    let description = choice.device.description
    print(
      "device: \(choice.label), \(description.name), \(description.platform), "
        + "\(description.kernels) kernels (\(choice.reason))")
    return choice.device
  }
}

extension KernelFamily: ExpressibleByArgument {}
