import ArgumentParser
import Compute
import Evaluation
import Files
import Foundation
import Generation
import Models

/// The classifier of a run that decides.
enum Referee: String, ExpressibleByArgument, CaseIterable {
  case classifier
  case judge

  /// Its file in a run.
  func path(in run: Run) -> String { self == .judge ? run.judgePath : run.classifierPath }
}

/// Who decides: a classifier of the run, or a program.
struct RefereeOptions: ParsableArguments {
  @Option(parsing: .unconditional, help: "Who decides: classifier or judge.")
  var by = Referee.classifier

  @Option(
    parsing: .unconditional,
    help: """
      A command that replaces the run's classifier: it reads .npy arrays of images on its \
      standard input and answers each with an array of probabilities, images × classes.
      """)
  var classifier: String?

  @Option(
    parsing: .unconditional,
    help: """
      With --classifier: the seconds that an answer may take, including the command's startup; 300 \
      unless given.
      """)
  var classifierTimeout: Double?

  func check() throws {
    if let classifier, by == .judge {
      throw OptionError("--classifier", classifier, "cannot go with --by judge")
    }
    guard let classifierTimeout else { return }
    try OptionError.require("--classifier-timeout", classifierTimeout, in: 0.001...1_000_000)
    if classifier == nil {
      throw OptionError("--classifier-timeout", classifierTimeout, "needs a --classifier")
    }
  }

  /// Its name in messages.
  var name: String { classifier == nil ? by.rawValue : "program" }

  /// The classifier that the options name, or the run's.
  ///
  /// - Parameter program: The options' program if it already runs; otherwise it's started.
  func open(of run: Run, on device: any Device, running program: ExternalClassifier? = nil) throws
    -> any ImageClassifier
  {
    if let program = try program ?? self.program(of: run) { return program }
    return try run.classifier(at: by.path(in: run), on: device)
  }

  /// The same; nil if the run has no such classifier.
  func openIfThere(of run: Run, on device: any Device) throws -> (any ImageClassifier)? {
    let isThere = classifier != nil || FileManager.default.fileExists(atPath: by.path(in: run))
    return isThere ? try open(of: run, on: device) : nil
  }

  /// Starts the program that the options name.
  func program(of run: Run) throws -> ExternalClassifier? {
    try classifier.map {
      try ExternalClassifier(
        $0, image: try run.configuration().image, classes: try run.classNames().count,
        patience: classifierTimeout ?? ExternalClassifier.patience)
    }
  }

  /// Whether an error only means that Ctrl-C ended the program too.
  func wasInterrupted(_ error: any Error) -> Bool {
    guard let classifier, let error = error as? FileError else { return false }
    return Interrupt.isRequested && error.path == classifier
  }
}

/// Options to keep only what a classifier is sure of.
struct GuidanceOptions: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: "Keep only images to whose class a classifier gives at least this probability.")
  var minConfidence: Float?

  @OptionGroup var referee: RefereeOptions

  func check() throws {
    try referee.check()
    if let minConfidence { try OptionError.require("--min-confidence", minConfidence, in: 0...1) }
  }

  /// The generator, guided if the options ask for it.
  ///
  /// - Parameter classifier: The one that decides, if it's already open.
  func guide(
    _ generator: any Generator, of run: Run, _ model: VariationalAutoencoder,
    by classifier: (any ImageClassifier)? = nil
  ) throws -> any Generator {
    guard let minConfidence else { return generator }
    return GuidedGenerator(
      generator, model, by: try classifier ?? referee.open(of: run, on: model.device),
      minimumConfidence: minConfidence, classNames: try run.classNames())
  }

  /// The candidates, each followed by its guided version, if the options ask for that and it has a latent
  /// space.
  ///
  /// - Parameter program: The options' program, if it already runs.
  func withGuided(
    _ candidates: [Candidate], by run: Run, on device: any Device,
    running program: ExternalClassifier?
  ) throws -> [Candidate] {
    guard let minConfidence else { return candidates }
    let classifier = try referee.open(of: run, on: device, running: program)
    let names = try run.classNames()
    return candidates.flatMap { candidate in
      let guided = candidate.guided(
        by: classifier, minimumConfidence: minConfidence, classNames: names, note: note)
      return [candidate] + (guided.map { [$0] } ?? [])
    }
  }

  /// What was asked for, as a suffix of other settings.
  var note: String { minConfidence.map { ", confidence \($0) by the \(referee.name)" } ?? "" }

  /// What was refused.
  func text(_ guided: GuidedGenerator) -> String {
    String(format: "refused %.1f %% of \(guided.drawn) draws: ", 100 * guided.refusedShare)
      + "the \(referee.name) was less than \(guided.minimumConfidence) sure of their class"
  }
}
