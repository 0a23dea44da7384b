import ArgumentParser
import Compute
import Evaluation
import Foundation
import Generation
import Models

/// Which classifier of a run decides.
enum Referee: String, ExpressibleByArgument, CaseIterable {
  case classifier
  case judge

  /// Where a run keeps it.
  func path(in run: Run) -> String { self == .judge ? run.judgePath : run.classifierPath }
}

/// Who decides: a classifier of the run, or a program.
struct RefereeOptions: ParsableArguments {
  @Option(parsing: .unconditional, help: "Whose word counts: classifier, or judge.")
  var by = Referee.classifier

  @Option(
    parsing: .unconditional,
    help: """
      A command that classifies in place of the run's classifier: it reads .npy arrays of images on its \
      standard input and answers each with one of probabilities, images × classes.
      """)
  var classifier: String?

  func check() throws {
    if let classifier, by == .judge {
      throw OptionError("--classifier", classifier, "cannot go with --by judge")
    }
  }

  /// What texts call it.
  var name: String { classifier == nil ? by.rawValue : "program" }

  /// The one of the options, or the classifier of the run.
  func open(of run: Run, on device: any Device) throws -> any ImageClassifier {
    try program(of: run) ?? run.classifier(at: by.path(in: run), on: device)
  }

  /// The same; nil where the run has no such classifier.
  func openIfThere(of run: Run, on device: any Device) throws -> (any ImageClassifier)? {
    let isThere = classifier != nil || FileManager.default.fileExists(atPath: by.path(in: run))
    return isThere ? try open(of: run, on: device) : nil
  }

  /// The program that the options name.
  func program(of run: Run) throws -> ExternalClassifier? {
    try classifier.map {
      try ExternalClassifier(
        $0, image: try run.configuration().image, classes: try run.classNames().count)
    }
  }
}

/// Keeping only what a classifier is sure of.
struct GuidanceOptions: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: "Keep only what a classifier takes for the class with this probability at least.")
  var minConfidence: Float?

  @OptionGroup var referee: RefereeOptions

  func check() throws {
    try referee.check()
    if let minConfidence { try OptionError.require("--min-confidence", minConfidence, in: 0...1) }
  }

  /// The generator, guided where the options ask for it.
  func guide(_ generator: any Generator, of run: Run, _ model: VariationalAutoencoder) throws
    -> any Generator
  {
    guard let minConfidence else { return generator }
    return GuidedGenerator(
      generator, model, by: try referee.open(of: run, on: model.device),
      minimumConfidence: minConfidence)
  }

  /// The candidates, each followed by itself guided by a classifier of a run, where the options ask
  /// for that and it has a latent space.
  func withGuided(_ candidates: [Candidate], by run: Run, on device: any Device) throws
    -> [Candidate]
  {
    guard let minConfidence else { return candidates }
    let classifier = try referee.open(of: run, on: device)
    return candidates.flatMap { candidate in
      let guided = candidate.guided(by: classifier, minimumConfidence: minConfidence, note: note)
      return [candidate] + (guided.map { [$0] } ?? [])
    }
  }

  /// What was asked for, to go with other settings.
  var note: String { minConfidence.map { ", confidence \($0) by the \(referee.name)" } ?? "" }

  /// What was refused.
  func text(_ guided: GuidedGenerator) -> String {
    String(format: "refused %.1f %% of \(guided.drawn) draws: ", 100 * guided.refusedShare)
      + "the \(referee.name) was less than \(guided.minimumConfidence) sure of their class"
  }
}
