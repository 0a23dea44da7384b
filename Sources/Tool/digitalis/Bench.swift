import ArgumentParser
import Benchmark
import Models
import Reporting
import Training

struct Bench: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Measure the operations of a device, and whole loops on it.",
    discussion: """
      Each time is the median of several timings of as many calls as fill --seconds. Matrix \
      products are named by their dimensions M×K×N, with T for a factor stored transposed.

      First come the device's own peaks, multiply-adds that touch no memory and arrays too large \
      for caches; after a speed comes its share of the peak. A share of the bandwidth above 100 % is \
      work on cached data, a convolution counts as a direct one, and launches are \
      the kernels and copies of one call.
      """)

  @Option(
    parsing: .unconditionalSingleValue,
    help: "Measure only this group: matmul, operations, loops or peak. May be repeated.")
  var only: [BenchmarkCase.Group] = []

  @Option(
    parsing: .unconditionalSingleValue,
    help: "Measure only cases with this text in their name. May be repeated.")
  var matching: [String] = []

  @OptionGroup var extents: ExtentOptions

  @Option(parsing: .unconditional, help: "The number of timings of each measurement.")
  var repeats = 7

  @Option(parsing: .unconditional, help: "The shortest duration of a timing.")
  var seconds = 0.1

  @Flag(name: .customLong("no-peak"), help: "Omit the device's peaks, and shares of them.")
  var leavesPeakOut = false

  @Flag(help: "Print one JSON object instead of a table.")
  var json = false

  @OptionGroup var deviceOptions: DeviceOptions

  func run() throws {
    try extents.check()
    try OptionError.require("--repeats", repeats, in: 1...1000)
    try OptionError.require("--seconds", seconds, in: 0...60)
    let settings = BenchmarkSettings(
      batch: extents.batch, latentDimension: extents.latent, repeats: repeats, seconds: seconds)
    let cases = BenchmarkCase.all(settings).filter { item in
      (only.isEmpty || only.contains(item.group))
        && (matching.isEmpty || matching.contains(where: item.name.contains))
    }
    guard !cases.isEmpty || (only.contains(.peak) && matching.isEmpty) else {
      throw OptionError(
        "--matching", matching.joined(separator: ", "),
        "no measurement has that in its name; run without it to see the names")
    }
    if cases.isEmpty && leavesPeakOut {
      throw OptionError("--no-peak", "with --only peak", "leave out one of them")
    }
    if json, let profile = deviceOptions.profile {
      throw OptionError("--profile", profile, "prints a table, which cannot go with --json")
    }
    let choice = try deviceOptions.choose()
    if !json { print(choice.summary) }
    var report = BenchmarkReport(choice.label, choice.device.description, settings)
    if !leavesPeakOut {
      report.measurements = try BenchmarkCase.peaks(of: choice.device).map {
        try $0.measure(on: choice.device, settings)
      }
      report.peak = Peak(report.measurements)
    }
    for item in cases {
      report.measurements.append(
        try item.measure(on: choice.device, settings, peak: report.peak))
    }
    print(
      json
        ? try report.json() : table([Measurement.header] + report.measurements.map(\.cells)))
  }
}

extension BenchmarkCase.Group: ExpressibleByArgument {}
