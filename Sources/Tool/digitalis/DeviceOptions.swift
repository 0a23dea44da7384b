import ArgumentParser
import Compute
import ComputeCPU
import ComputeOpenCL
import DeviceChoice
import Foundation
import Launch
import Models
import Training

/// Options of the device cpu.
struct ProcessorOptions: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: "The number of threads of the device cpu; by default as fits the processors.")
  var threads: Int?

  func check() throws {
    if let threads { try OptionError.require("--threads", threads, in: 1...1024) }
  }

  func candidate() throws -> Candidate {
    .cpu(threads: threads, instructionSet: try InstructionSet.forced())
  }
}

/// Options of OpenCL devices.
struct OpenCLOptions: ParsableArguments {
  @Option(parsing: .unconditional, help: "Force a family of OpenCL kernels: gpu or cpu.")
  var kernels: KernelFamily?

  @Option(
    parsing: .unconditional,
    help: "The longest that one launch should keep a GPU, in milliseconds.")
  var launchMilliseconds = OpenCLSettings().launchMilliseconds

  @Flag(help: "Build OpenCL kernels anew, and keep none of them for the next start.")
  var noProgramCache = false

  func check() throws {
    try OptionError.require("--launch-milliseconds", launchMilliseconds, in: 1...3_600_000)
  }

  var settings: OpenCLSettings {
    var settings = OpenCLSettings()
    settings.launchMilliseconds = launchMilliseconds
    settings.programCache = noProgramCache ? nil : .standard
    return settings
  }

  /// The same for another process of the tool.
  var arguments: [String] {
    (kernels.map { ["--kernels", $0.rawValue] } ?? [])
      + ["--launch-milliseconds", "\(launchMilliseconds)"]
      + (noProgramCache ? ["--no-program-cache"] : [])
  }
}

struct DeviceOptions: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: "Where to compute: auto, cpu, opencl, opencl:N, or part of a device's name.")
  var device = "auto"

  @OptionGroup var openCL: OpenCLOptions

  @OptionGroup var processor: ProcessorOptions

  func validate() throws {
    do {
      try processor.check()
      try openCL.check()
    } catch { throw ValidationError("\(error)") }
  }

  /// Opens the device silently.
  func choose() throws -> Choice {
    defer { Signals.setUp() }
    let request = DeviceRequest(device)
    let cpu = try processor.candidate()
    return switch request {
    case .cpu: try DeviceChooser(candidates: [cpu]).choose(request)
    case .auto:
      try DeviceChooser.automatic(
        after: DriverProbe.devices(.choice, openCL).run(), cpu: cpu, settings: openCL.settings)
    default:
      try DeviceChooser.system(
        after: DriverProbe.devices(.drivers, openCL).run(), cpu: cpu, settings: openCL.settings
      ).choose(request, kernels: openCL.kernels)
    }
  }

  /// Opens the device, and says which and why.
  func open() throws -> any Device { try openWithStandby().device }

  /// Opens the device, and says which and why. If the program chose it, and not the user, the pure-Swift
  /// device stands by.
  func openWithStandby() throws -> Failover {
    let choice = try choose()
    print(choice.summary)
    return Failover(choice.device, standby: choice.standby) { print($0) }
  }
}

extension InstructionSet {
  /// The instruction set that `DIGITALIS_INSTRUCTION_SET` asks for, so that the loops for other processors
  /// can be tested and measured on this one.
  static func forced() throws -> InstructionSet? {
    let name = "DIGITALIS_INSTRUCTION_SET"
    guard let value = ProcessInfo.processInfo.environment[name], !value.isEmpty else { return nil }
    guard let set = InstructionSet(rawValue: value), available.contains(set) else {
      throw OptionError(
        name, value,
        "this processor has \(available.map(\.rawValue).joined(separator: ", ")); name one of them")
    }
    return set
  }
}

extension KernelFamily: ExpressibleByArgument {}

extension DriverProbe {
  /// `digitalis devices --probe`.
  static func devices(_ probe: Devices.Probe, _ options: OpenCLOptions) -> DriverProbe {
    DriverProbe("/proc/self/exe", ["devices", "--probe", probe.rawValue] + options.arguments)
  }
}
