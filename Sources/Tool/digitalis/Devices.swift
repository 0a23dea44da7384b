import ArgumentParser
import ComputeCPU
import ComputeOpenCL
import Conformance
import DeviceChoice
import Foundation
import Launch
import Reporting

struct Devices: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "List the devices of this machine, and the one that auto takes.")

  @Flag(
    help: "Check every operation on every device against a reference, and show the worst errors.")
  var check = false

  @Flag(help: "With --check: only the few small cases that auto itself relies on.")
  var quick = false

  @Option(
    parsing: .unconditionalSingleValue,
    help: .init(
      "With --check: skip the cases that match this expression.", visibility: .hidden)
  )
  var skip: [String] = []

  @Option(parsing: .unconditional, help: "With --check: check only this device, and list none.")
  var device: String?

  @OptionGroup var processor: ProcessorOptions

  @OptionGroup var openCL: OpenCLOptions

  @Flag(help: .init("With --check: no variants of the device.", visibility: .hidden))
  var noVariants = false

  /// What another process asks for.
  enum Probe: String, ExpressibleByArgument {
    /// Whether the drivers list their devices without trouble.
    case drivers
    /// In one line, which device auto takes.
    case choice
  }
  @Option(
    parsing: .unconditional, help: .init("Only answer another process.", visibility: .hidden))
  var probe: Probe?

  func run() throws {
    if let probe {
      // A driver that hangs must not outlive the process that asked for the probe.
      alarm(2 * UInt32(DriverProbe.patience))
      let chooser = DeviceChooser.system(settings: openCL.settings)
      if probe == .choice {
        print(ProbedChoice(try chooser.choose(.auto, kernels: openCL.kernels)).line)
      }
      return
    }
    try processor.check()
    try openCL.check()
    if quick && !check { throw OptionError("--quick", "without --check", "add --check") }
    // The list shows auto's verdict on each device, and so checks them.
    let chooser = DeviceChooser.system(
      after: DriverProbe.devices(device == nil ? .choice : .drivers, openCL).run(),
      cpu: try processor.candidate(), settings: openCL.settings)
    Signals.setUp()
    if let device {
      guard check else { throw OptionError("--device", device, "needs --check here") }
      let label = try chooser.choose(DeviceRequest(device)).label
      return try checkAll(chooser.candidates.filter { $0.label == label })
    }
    let (choice, verdicts) = chooser.automatic(kernels: openCL.kernels)
    let rows = zip(chooser.candidates, verdicts).map { candidate, verdict in
      let description = candidate.description
      return [
        candidate.label == choice?.label ? "*" : " ", candidate.label,
        description.kind.rawValue, description.name, description.platform, description.driver,
        readable(bytes: description.memory), String(description.computeUnits),
        description.kernels, verdict,
      ]
    }
    let header = [
      " ", "device", "kind", "name", "platform", "driver", "memory", "units", "kernels", "auto",
    ]
    print(table([header] + rows))
    let tunings = TuningStore()
    let notes = chooser.candidates.map { candidate in
      candidate.note ?? tunings.note(candidate.description)
    }
    for note in chooser.problems + notes.compactMap({ $0 }) { print("note: \(note)") }
    if check { try checkAll(chooser.candidates) }
  }

  private func checkAll(_ candidates: [Candidate]) throws {
    let patterns = try skip.map { try Regex($0) }
    let cases = Conformance.cases(quick ? .selfCheck : .full).filter { item in
      !patterns.contains { item.description.contains($0) }
    }
    var failed: [String] = []
    for candidate in candidates {
      let families: [KernelFamily?] =
        candidate.families.isEmpty ? [nil] : openCL.kernels.map { [$0] } ?? candidate.families
      for family in families {
        let kernels = family?.rawValue ?? candidate.description.kernels
        print("\n\(candidate.label), \(candidate.description.name), \(kernels) kernels")
        do {
          let report = ConformanceReport(
            cases, on: try candidate.open(family), withVariants: !noVariants)
          print(report.table)
          if !report.passed { failed.append("\(candidate.label) with \(kernels) kernels") }
        } catch {
          print("cannot be opened: \(error)")
          failed.append(candidate.label)
        }
      }
    }
    if !failed.isEmpty {
      throw CheckError(description: "--check failed on: \(failed.joined(separator: ", "))")
    }
    print("\nevery operation is right on \(device ?? "every device")")
  }
}

/// Devices that are wrong.
struct CheckError: Error, CustomStringConvertible {
  let description: String
}
