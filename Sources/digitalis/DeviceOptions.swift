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
    let request = DeviceRequest(device)
    return switch request {
    case .cpu: try DeviceChooser(candidates: [.cpu()]).choose(request)
    case .auto: try DeviceChooser.automatic(after: .devices(.choice, kernels))
    default: try DeviceChooser.system(after: .devices(.drivers)).choose(request, kernels: kernels)
    }
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

extension DriverProbe {
  /// `digitalis devices --probe`.
  static func devices(_ probe: Devices.Probe, _ kernels: KernelFamily? = nil) -> DriverProbe {
    let forced = kernels.map { ["--kernels", $0.rawValue] } ?? []
    return DriverProbe("/proc/self/exe", ["devices", "--probe", probe.rawValue] + forced)
  }
}
