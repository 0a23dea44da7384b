import ArgumentParser
import Benchmark
import Compute
import Conformance
import DeviceChoice
import Files
import Foundation
import Models
import Reporting

struct Tune: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Find the fastest ways of an OpenCL device to do the work of the models.",
    discussion: """
      Tries the tiles, the work-groups and the algorithms that the device can run for the shapes of \
      the models. Every way is checked against the device cpu before it is timed, and is taken if it \
      is faster. The result is kept in the cache folder and used from then on; the bytes of a trained \
      run depend on it, as they do on the device.
      """)

  @Option(parsing: .unconditional, help: "The seconds after which the search ends.")
  var patience = 60.0

  @Option(parsing: .unconditional, help: "The shortest duration of a timing.")
  var seconds = 0.02

  @OptionGroup var extents: ExtentOptions

  @Option(
    name: .customLong("export"), parsing: .unconditional,
    help:
      "Also write the result to this file, which --tuning takes on a machine with the same device.")
  var exported: String?

  @OptionGroup var output: OutputOptions
  @OptionGroup var deviceOptions: DeviceOptions

  func run() throws {
    try OptionError.require("--patience", patience, in: 1...86_400)
    try OptionError.require("--seconds", seconds, in: 0...60)
    try extents.check()
    if let profile = deviceOptions.profile {
      throw OptionError("--profile", profile, "has no place here: tune times the work itself")
    }
    if let exported { try output.check(exported, .other, reading: nil) }

    var options = deviceOptions
    options.openCL.noTuning = true
    let choice = try options.choose()
    print(choice.summary)
    guard let device = choice.device as? any TunableDevice else {
      throw OptionError(
        "--device", choice.label,
        "only OpenCL devices are tuned; the device cpu takes its sizes from the processor")
    }
    let reference = try deviceOptions.processor.candidate().open(nil)
    if let reason = ConformanceReport(Conformance.cases(.selfCheck), on: reference).reason {
      throw CheckError(description: "the device cpu, which results are compared with, \(reason)")
    }

    let tuner = Tuner(
      device, against: reference,
      BenchmarkSettings(batch: extents.batch, latentDimension: extents.latent, seconds: seconds),
      patience: patience)
    var line = ProgressLine()
    let result = try tuner.run { progress in
      let share = 100 * progress.done / max(1, progress.count)
      line.update("\(share) %  \(progress.name)")
    }
    line.clear()
    try report(result, of: choice)
  }

  private func report(_ result: Tuner.Result, of choice: Choice) throws {
    func time(_ microseconds: Double) -> String { String(format: "%.1f µs", microseconds) }
    let rows = result.choices.sorted { $0.usualMicroseconds > $1.usualMicroseconds }.map {
      choice -> [String] in
      let gain = choice.usualMicroseconds / choice.microseconds
      return [
        choice.name, choice.usual, choice.way, time(choice.usualMicroseconds),
        time(choice.microseconds), String(format: "%.2f ×", gain),
      ]
    }
    if !rows.isEmpty {
      print(table([["work", "as usual", "tuned", "before", "after", "gain"]] + rows))
    }
    for line in result.wrong { print("not taken: \(line)") }
    print(
      "\(result.tried) ways tried, \(result.choices.count) taken, \(result.wrong.count) wrong"
        + (result.left > 0
          ? "; no time was left for \(result.left) pieces of work: --patience gives more" : ""))
    let description = choice.device.description
    let record = TuningRecord(description, choices: result.choices)
    if let exported {
      try writeAtomically(try jsonText(record), to: exported)
      print("wrote \(exported)")
    }
    print("kept in \(try TuningStore().keep(record, of: description))")
  }
}
