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

/// Keeping only what a classifier is sure of.
struct GuidanceOptions: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: "Keep only what a classifier takes for the class with this probability at least.")
  var minConfidence: Float?

  @Option(parsing: .unconditional, help: "Who is that sure: classifier, or judge.")
  var by = Referee.classifier

  func check() throws {
    if let minConfidence { try OptionError.require("--min-confidence", minConfidence, in: 0...1) }
  }

  /// The generator, guided where the options ask for it.
  func guide(_ generator: any Generator, of run: Run, _ model: VariationalAutoencoder) throws
    -> any Generator
  {
    guard let minConfidence else { return generator }
    return GuidedGenerator(
      generator, model, by: try run.classifier(at: by.path(in: run), on: model.device),
      minimumConfidence: minConfidence)
  }

  /// The candidates, each followed by itself guided by a classifier of a run, where the options ask
  /// for that and it has a latent space.
  func withGuided(_ candidates: [Candidate], by run: Run, on device: any Device) throws
    -> [Candidate]
  {
    guard let minConfidence else { return candidates }
    let classifier = try run.classifier(at: by.path(in: run), on: device)
    return candidates.flatMap { candidate in
      let guided = candidate.guided(by: classifier, minimumConfidence: minConfidence, note: note)
      return [candidate] + (guided.map { [$0] } ?? [])
    }
  }

  /// What was asked for, to go with other settings.
  var note: String { minConfidence.map { ", confidence \($0) by the \(by.rawValue)" } ?? "" }

  /// What was refused.
  func text(_ guided: GuidedGenerator) -> String {
    String(format: "refused %.1f %% of \(guided.drawn) draws: ", 100 * guided.refusedShare)
      + "the \(by.rawValue) was less than \(guided.minimumConfidence) sure of their class"
  }
}
