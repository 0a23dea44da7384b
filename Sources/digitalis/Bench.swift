import ArgumentParser
import Benchmark
import Reporting

struct Bench: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Measure the operations of a device, and whole loops on it.",
    discussion: """
      Each time is the median of several timings of as many calls as fill --seconds. Matrix \
      products are named by their extents M×K×N, with T for a factor that is stored transposed.
      """)

  @Option(help: "Measure only this group: matmul, operations or training. May be repeated.")
  var only: [BenchmarkCase.Group] = []

  @Option(help: "Measure only what has this text in its name. May be repeated.")
  var matching: [String] = []

  @Option(help: "The images of a batch.")
  var batch = 128

  @Option(help: "The dimension of the latent space.")
  var latent = 20

  @Option(help: "The timings of each measurement.")
  var repeats = 7

  @Option(help: "The shortest duration of a timing.")
  var seconds = 0.1

  @Flag(help: "Print one JSON object instead of a table.")
  var json = false

  @OptionGroup var deviceOptions: DeviceOptions

  func run() throws {
    try OptionError.require("--batch", batch, in: 1...60_000)
    try OptionError.require("--latent", latent, in: 1...10_000)
    try OptionError.require("--repeats", repeats, in: 1...1000)
    try OptionError.require("--seconds", seconds, in: 0...60)
    let settings = BenchmarkSettings(
      batch: batch, latentDimension: latent, repeats: repeats, seconds: seconds)
    let cases = BenchmarkCase.all(settings).filter { item in
      (only.isEmpty || only.contains(item.group))
        && (matching.isEmpty || matching.contains(where: item.name.contains))
    }
    guard !cases.isEmpty else {
      throw OptionError(
        "--matching", matching.joined(separator: ", "),
        "no measurement has that in its name; run without it to see the names")
    }
    let choice = try deviceOptions.choose()
    if !json { print(choice.summary) }
    var report = BenchmarkReport(choice.label, choice.device.description, settings)
    for item in cases {
      report.measurements.append(try item.measure(on: choice.device, settings))
    }
    print(
      json
        ? try report.json() : table([Measurement.header] + report.measurements.map(\.cells)))
  }
}

extension BenchmarkCase.Group: ExpressibleByArgument {}
