import ArgumentParser
import Evaluation
import Files
import Foundation
import Models
import Reporting

struct Evaluate: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Evaluate generators: recognisable, varied, like real images, and not copied.",
    discussion: """
      The generators are compared with two references: real test images, and their reconstructions. A \
      source is a generator of the run, the folder of a baseline (see train cvae, train gan), or \
      FOLDER:GENERATOR for one of another run. The classifier and the judge are the run's. With \
      --min-confidence each generator has a second row, of what a classifier is that sure of. What \
      each number means is in the report, and in docs/evaluation.md.
      """)

  @Option(
    name: .customLong("run"), parsing: .unconditional,
    help: "The folder of the run, or of a baseline.")
  var runFolder: String

  @Option(parsing: .unconditional, help: "The generator, such as medium2; none for a baseline.")
  var generator: String?

  @Option(parsing: .unconditionalSingleValue, help: "A generator to compare with. May be repeated.")
  var against: [String] = []

  @Option(
    parsing: .unconditional,
    help: "The run whose classifier and judge score; by default that of --run.")
  var classifiers: String?

  @Option(parsing: .unconditional, help: "The images of each class for accuracy and cosine.")
  var samples = 10_000

  @Option(
    parsing: .unconditional,
    help: "The epochs of the classifier trained on samples; 0 omits it.")
  var classificationEpochs = 2

  @Option(parsing: .unconditional, help: "The seed of the samples.")
  var seed: UInt64 = 1

  @Option(parsing: .unconditional, help: "The folder for the results.")
  var out = "evaluation"

  @Flag(help: "Keep the samples and their features, for tools/checks/metrics.")
  var keepSamples = false

  @OptionGroup var guidance: GuidanceOptions

  @OptionGroup var deviceOptions: DeviceOptions

  func run() throws {
    try guidance.check()
    try OptionError.require("--samples", samples, in: 2...10_000_000)
    try OptionError.require("--classification-epochs", classificationEpochs, in: 0...1000)
    let run = Run(runFolder)
    if run.holdsBaseline {
      if let generator {
        throw OptionError("--generator", generator, "a baseline has none; leave it out")
      }
      if classifiers == nil {
        throw OptionError(
          "--run", runFolder, "a baseline has no classifiers; name a run that has by --classifiers")
      }
    } else if generator == nil {
      throw OptionError("--run", runFolder, "needs a --generator, such as medium2")
    }
    let scoring = classifiers.map { Run($0) } ?? run
    let device = try deviceOptions.open()
    Interrupt.watch()
    let line = LineBox()
    try makeFolder(out)
    do {
      // All are opened before the first is measured, so that a wrong name fails at once.
      let named = try ([generator ?? runFolder] + against).map {
        try Candidate(named: $0, of: run, scoredBy: scoring, on: device)
      }
      let program = try guidance.referee.program(of: scoring)
      let candidates = try guidance.withGuided(named, by: scoring, on: device, running: program)
      let (files, names) = (
        FileList(of: out), self.names(rows: candidates.count + Evaluator.referenceCount)
      )
      try files.check(names)
      let evaluator = try Evaluator(
        EvaluationSettings(
          samples: samples, classificationEpochs: classificationEpochs, seed: seed),
        run: scoring, classifier: program, on: device, show: { line.value.update($0) },
        shouldStop: { Interrupt.isRequested })
      try files.claim(names)
      if keepSamples { try evaluator.reference.save(to: "\(out)/samples-reference.safetensors") }
      for candidate in try evaluator.references() + candidates {
        let samples = try evaluator.evaluate(candidate)
        if keepSamples, let samples {
          let index = evaluator.results.rows.count - 1
          try samples.save(to: "\(out)/samples-\(index).safetensors")
        }
        try evaluator.results.save(to: "\(out)/results.json")
        let reason = samples == nil ? evaluator.results.notReached?.last?.reason : nil
        line.value.print(line: "\(candidate.name): \(reason ?? "done")")
      }
      try finish(evaluator)
    } catch  where error is EvaluationStopped || guidance.referee.wasInterrupted(error) {
      line.value.print(line: "stopped; what was measured is in \(out)/results.json")
      throw ExitCode(130)
    }
  }

  /// The names of all files to write.
  private func names(rows: Int) -> [String] {
    var names = ["results.json", "report.html"] + (0..<rows).map { "samples-\($0).png" }
    if keepSamples {
      names += (["reference"] + (0..<rows).map(String.init)).map { "samples-\($0).safetensors" }
    }
    return names
  }

  private func finish(_ evaluator: Evaluator) throws {
    for rows in evaluator.results.tables { print(table(rows) + "\n") }
    var report = HTMLReport(
      title: "Evaluation of generators",
      facts: [
        .init("Data", evaluator.test.name), .init("Run", evaluator.results.run),
        .init("Device", evaluator.results.device), .init("Seed", String(seed)),
      ])
    try evaluator.add(to: &report)
    try report.write(to: "\(out)/report.html")
    for (index, (row, pictures)) in zip(evaluator.results.rows, evaluator.pictures).enumerated() {
      try evaluator.grid(pictures.samples).image.writePNG(
        to: "\(out)/samples-\(index).png",
        text: [("Software", "digitalis"), ("Images", row.name), ("Seed", String(seed))])
    }
    print("the report is \(out)/report.html")
  }
}
