import ArgumentParser
import Compute
import ComputeOpenCL
import DeviceChoice
import Models

struct DeviceOptions: ParsableArguments {
  @Option(
    help: "Where to compute: auto, cpu, opencl, opencl:N, or a part of a device's name.")
  var device = "auto"

  @Option(help: "Force a family of OpenCL kernels: gpu or cpu.")
  var kernels: KernelFamily?

  /// Opens the device in silence.
  func choose() throws -> Choice {
    try DeviceChooser.system().choose(DeviceRequest(device), kernels: kernels)
  }

  /// Opens the device, and says which and why.
  func open() throws -> any Device { try openWithStandby().device }

  /// Opens the device, and says which and why. Where the program chose it, and not the user, the
  /// pure-Swift device stands by.
  func openWithStandby() throws -> Failover {
    let choice = try choose()
    print(choice.summary)
    return Failover(choice.device, standby: choice.standby) { print($0) }
  }
}

extension Choice {
  /// Which device it is and why, in one line.
  var summary: String {
    let description = device.description
    return "device: \(label), \(description.name), \(description.platform), "
      + "\(description.kernels) kernels (\(reason))"
  }
}

extension KernelFamily: ExpressibleByArgument {}
