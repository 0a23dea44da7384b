import ArgumentParser
import Compute
import Evaluation
import Foundation
import Generation
import Models
import NeuralNetwork
import Reporting

struct Front: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Score generators at several temperatures: accuracy against variety.",
    discussion: """
      A row for each generator and θ; simple has one draw. The cosine is over pairs within a class; \
      real MNIST digits have 0.523. If the run has a judge, the Fréchet distance to training images \
      in its features is shown too.
      """)

  @Option(name: .customLong("run"), parsing: .unconditional, help: "The folder of the run.")
  var runFolder: String

  @Option(
    parsing: .unconditionalSingleValue,
    help: """
      \(Run.generatorNames.joined(separator: ", ")), or the folder of a baseline. May be repeated.
      """)
  var generator: [String]

  @Option(
    parsing: .unconditionalSingleValue,
    help: "θ of simple and the fitted generators; by default as saved. May be repeated.")
  var theta: [Float] = []

  @Option(parsing: .unconditional, help: "The number of images of each class.")
  var samples = 10_000

  @Option(parsing: .unconditional, help: "The seed of the draws.")
  var seed: UInt64 = 1

  @OptionGroup var guidance: GuidanceOptions

  @OptionGroup var deviceOptions: DeviceOptions

  func run() throws {
    try OptionError.require("--samples", samples, in: 2...10_000_000)
    for theta in theta { try OptionError.require("--theta", theta, in: 0...100) }
    try guidance.check()
    let run = Run(runFolder)
    let device = try deviceOptions.open()
    let model = try run.autoencoder(on: device)
    let statistics = try run.statistics(of: model)
    let judge = try run.judge(on: device)
    // One program answers for all.
    let program = try guidance.referee.program(of: run)
    let scorer = Scorer(
      model, try program ?? run.classifier(at: run.classifierPath, on: device), judge: judge)
    let training = try run.images().training
    let reference =
      try training.labelled.count > 1
      ? judge.map { try FrechetReference(training, by: $0, seed: seed) } : nil

    func text(_ value: Double?, _ digits: Int = 4) -> String {
      value.map { String(format: "%.\(digits)f", $0) } ?? "–"
    }
    var rows = [["generator", "θ", "cosine", "accuracy", "judge", "Fréchet", "refused"]]
    var notes: [String] = []
    func add(
      _ name: String, _ theta: String, _ score: Score, _ source: any ImageSource, _ refused: Double?
    ) throws {
      let distance = try reference?.squaredDistance(to: source)
      rows.append([
        name, theta, text(score.cosine), text(score.accuracy), text(score.judgedAccuracy),
        text(distance, 1), text(refused),
      ])
    }
    for name in generator {
      if Run(name).holdsBaseline {
        let candidate = try Candidate(named: name, of: run, scoredBy: run, on: device)
        try add(name, "–", try score(candidate.source, statistics, scorer), candidate.source, nil)
        continue
      }
      let saved = try run.generator(named: name, of: model, statistics: statistics)
      var variants: [(theta: String, generator: any Generator)] = theta.compactMap { theta in
        if let fitted = saved as? any TemperedGenerator {
          return ("\(theta)", fitted.at(theta: theta))
        }
        guard name == "simple" else { return nil }
        return ("\(theta)", SpreadGenerator(statistics, theta: theta, draws: 1))
      }
      if variants.isEmpty { variants = [("saved", saved)] }
      for variant in variants {
        let guided = try guidance.guide(variant.generator, of: run, model, by: program)
        do {
          let score = try scorer.score(
            guided, count: samples, seed: seed, purpose: .report)
          let refused = (guided as? GuidedGenerator)?.refusedShare
          try add(name, variant.theta, score, GeneratedImages(model, guided), refused)
        } catch let error as GuidanceError {
          // The other rows are still worth having.
          rows.append([name, variant.theta] + [String](repeating: "–", count: 5))
          notes.append("note: \(name) at θ \(variant.theta): \(error)")
        }
      }
    }
    print(table(rows))
    if !notes.isEmpty { print(notes.joined(separator: "\n")) }
  }

  /// The score of a source that draws images without latent vectors.
  private func score(_ source: any ImageSource, _ statistics: LatentStatistics, _ scorer: Scorer)
    throws -> Score
  {
    Score(
      classes: try statistics.classes.indices.map { label in
        try scorer.score(label: label, count: samples) { positions, part in
          var stream = RandomStream(seed: seed).split(.report).step(label)
          stream.counter.w = UInt32(part)
          return try source.images(label: label, at: positions, stream: stream)
        }
      })
  }
}
