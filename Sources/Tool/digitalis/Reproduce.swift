import ArgumentParser
import Foundation
import Reporting
import Reproduction

struct Reproduce: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Reproduce the whole paper, and write a report.",
    discussion: """
      Six autoencoders, their classifiers, an independent judge, the searches of the three \
      generators, the figures and the table. Started again, it continues where it stopped.
      """)

  @Flag(help: "Train and sample less: a few minutes.")
  var quick = false

  @Option(parsing: .unconditional, help: "The folder for all results.")
  var out = "reproduction"

  @Option(
    parsing: .unconditional, help: "The images: mnist, fashion-mnist, or a folder of IDX files.")
  var dataset = "mnist"

  @Option(
    parsing: .unconditional,
    help: "Use the networks of another reproduction, such as one on another device.")
  var trained: String?

  @Option(parsing: .unconditional, help: "The seed of all random numbers.")
  var seed: UInt64 = 1

  @OptionGroup var deviceOptions: DeviceOptions

  func run() throws {
    let plan =
      quick ? Plan.quick(dataset: dataset, seed: seed) : .full(dataset: dataset, seed: seed)
    let failover = try deviceOptions.openWithStandby()
    Interrupt.watch()
    let line = LineBox()
    let reproduction = try Reproduction(
      in: out, plan: plan, trained: trained, on: failover,
      show: { text, keep in
        if keep { line.value.print(line: text) } else { line.value.update(text) }
      },
      shouldStop: { Interrupt.isRequested })
    do {
      try reproduction.run()
    } catch is ReproductionStopped {
      line.value.print(line: "stopped; the same command continues")
      throw ExitCode(130)
    }
    line.value.print(line: "the report is \(out)/report.html")
  }
}
