import Compute
import ComputeOpenCL
import Synchronization

/// Opens a device: the best one of this machine that works, or the one that is asked for.
///
/// ```swift
/// let device = try openDevice()  // or openDevice("cpu"), openDevice("opencl:0")
/// ```
/// - Parameter request: What `--device` takes: `auto`, `cpu`, `opencl`, `opencl:N`, or part of a device's name.
/// - Throws: As ``chooseDevice(_:)``.
public func openDevice(_ request: String = "auto") throws -> any Device {
  try chooseDevice(request).device
}

/// Opens a device, and says why it was taken.
///
/// `auto` takes the first OpenCL GPU or accelerator that passes a self-check of every operation, otherwise the CPU.
/// Some drivers crash or hang the process that calls them on a machine that lacks what they need. So a copy of this
/// process, made by `fork`, calls them first: whatever happens to it, this process goes on, with the CPU. A copy has
/// only the thread that calls this, so call it early, before threads of your own hold locks.
///
/// - Parameter request: What `--device` takes: `auto`, `cpu`, `opencl`, `opencl:N`, or part of a device's name.
/// - Throws: ``NoSuchDeviceError`` when there is no such device, `DeviceError` when it cannot be opened; neither for
///   `auto` and `cpu` while there is memory for a CPU device.
public func chooseDevice(_ request: String = "auto") throws -> Choice {
  let request = DeviceRequest(request)
  return switch request {
  case .cpu: try DeviceChooser(candidates: [.cpu()]).choose(.cpu)
  case .auto: try DeviceChooser.automatic(after: Probed.outcome(), settings: settings)
  default: try DeviceChooser.system(after: Probed.outcome(), settings: settings).choose(request)
  }
}

/// Programs are kept in the user's cache, where tunings are too.
private var settings: OpenCLSettings {
  var settings = OpenCLSettings()
  let tunings = TuningStore()
  settings.ways = { tunings.ways(of: $0) }
  settings.programCache = .standard
  return settings
}

/// What came of calling the drivers, which happens once in a process.
private enum Probed {
  private static let known = Mutex<DriverProbe.Outcome?>(nil)

  static func outcome() -> DriverProbe.Outcome {
    known.withLock { known in
      if let known { return known }
      let outcome = DriverProbe {
        guard let choice = try? DeviceChooser.system(settings: settings).choose(.auto) else {
          return 1
        }
        print(ProbedChoice(choice).line)
        return 0
      }.run()
      known = outcome
      return outcome
    }
  }
}

extension Choice {
  /// Which device it is and why, in one line.
  public var summary: String {
    let description = device.description
    return "device: \(label), \(description.name), \(description.platform), "
      + "\(description.kernels) kernels (\(reason))"
  }
}
