import ArgumentParser
import Compute
import ComputeCPU
import ComputeOpenCL
import DeviceChoice
import Files
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

  @Option(
    parsing: .unconditional,
    help: "A file that digitalis tune made for the device, in place of the one in the cache folder."
  )
  var tuning: String?

  @Flag(name: .customLong("no-tuning"), help: "Use no tuning of the device.")
  var noTuning = false

  @Flag(help: "Build OpenCL kernels anew, and keep none of them for the next start.")
  var noProgramCache = false

  func check() throws {
    try OptionError.require("--launch-milliseconds", launchMilliseconds, in: 1...3_600_000)
    if let tuning, noTuning {
      throw OptionError("--tuning", tuning, "with --no-tuning; leave out one of them")
    }
  }

  var settings: OpenCLSettings {
    var settings = OpenCLSettings()
    settings.launchMilliseconds = launchMilliseconds
    if let tunings { settings.ways = { tunings.ways(of: $0) } }
    settings.programCache = noProgramCache ? nil : .standard
    return settings
  }

  /// Where tunings are; nil to use none.
  private var tunings: TuningStore? { noTuning ? nil : TuningStore(file: tuning) }

  /// What is to be said about the tuning of the device that was chosen, if anything.
  /// - Throws: `TuningError` when the user named a file that is none of this device, `FileError` when it cannot be
  ///   read.
  func tuningNote(_ choice: Choice) throws -> String? {
    guard let tunings, choice.label != "cpu" else { return nil }
    let device = choice.device.description
    if tuning != nil { _ = try tunings.record(of: device) }
    if let note = tunings.note(device) { return note }
    return device.kind == .gpu
      ? "\(device.name) is not tuned; digitalis tune takes a minute, and may make it faster" : nil
  }

  /// The same for another process of the tool.
  var arguments: [String] {
    (kernels.map { ["--kernels", $0.rawValue] } ?? [])
      + ["--launch-milliseconds", "\(launchMilliseconds)"]
      + (tuning.map { ["--tuning", $0] } ?? []) + (noTuning ? ["--no-tuning"] : [])
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

  @Option(
    parsing: .unconditional,
    help: "Write a trace of all operations, for Perfetto or chrome://tracing, and print a table.")
  var profile: String?

  func validate() throws {
    do {
      try processor.check()
      try openCL.check()
      if let profile { try checkOutput(profile, .trace, inputs: [], overwrite: nil) }
    } catch { throw ValidationError("\(error)") }
  }

  /// Opens the device silently.
  func choose() throws -> Choice { try profiled(try pick()) }

  /// The same devices, in the trace if there is one.
  private func profiled(_ choice: Choice) throws(FileError) -> Choice {
    guard let profile else { return choice }
    let profiler = try ProfiledCommand.start(profile)
    var choice = choice
    choice.device = profiler.device(choice.device, label: choice.label)
    choice.standby = choice.standby.map { profiler.device($0, label: "cpu") }
    return choice
  }

  private func pick() throws -> Choice {
    defer { Signals.setUp() }
    var settings = openCL.settings
    settings.recordsCommands = profile != nil
    let request = DeviceRequest(device)
    let cpu = try processor.candidate()
    return switch request {
    case .cpu: try DeviceChooser(candidates: [cpu]).choose(request)
    case .auto:
      try DeviceChooser.automatic(
        after: DriverProbe.devices(.choice, openCL).run(), cpu: cpu, settings: settings)
    default:
      try DeviceChooser.system(
        after: DriverProbe.devices(.drivers, openCL).run(), cpu: cpu, settings: settings
      ).choose(request, kernels: openCL.kernels)
    }
  }

  /// Opens the device, and says which and why.
  func open() throws -> any Device { try openWithStandby().device }

  /// Opens the device, and says which and why. If the program chose it, and not the user, the pure-Swift
  /// device stands by.
  func openWithStandby() throws -> Failover {
    let picked = try pick()
    let note = try openCL.tuningNote(picked)
    let choice = try profiled(picked)
    print(choice.summary)
    if let note { print("note: \(note)") }
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
