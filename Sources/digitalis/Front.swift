import ArgumentParser
import Foundation
import Generation
import Models
import NeuralNetwork
import Reporting

struct Front: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Score generators at several temperatures: accuracy against variety.",
    discussion: """
      A row for each generator and θ; simple has one draw. The cosine is that of pairs within a class; \
      real digits of MNIST have 0.523.
      """)

  @Option(name: .customLong("run"), parsing: .unconditional, help: "The folder of the run.")
  var runFolder: String

  @Option(
    parsing: .unconditionalSingleValue,
    help: "\(Run.generatorNames.joined(separator: ", ")). May be repeated.")
  var generator: [String]

  @Option(
    parsing: .unconditionalSingleValue,
    help: "θ of simple and the fitted generators; as saved unless given. May be repeated.")
  var theta: [Float] = []

  @Option(parsing: .unconditional, help: "The images of each class.")
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
    // One program answers all.
    let program = try guidance.referee.program(of: run)
    let scorer = Scorer(
      model, try program ?? run.classifier(at: run.classifierPath, on: device),
      judge: try run.judge(on: device))

    var rows = [["generator", "θ", "cosine", "accuracy", "judge", "refused"]]
    for name in generator {
      let saved = try run.generator(named: name, of: model, statistics: statistics)
      var variants: [(theta: String, generator: any Generator)] = theta.compactMap { theta in
        if let fitted = saved as? FittedGenerator { return ("\(theta)", fitted.at(theta: theta)) }
        guard name == "simple" else { return nil }
        return ("\(theta)", SpreadGenerator(statistics, theta: theta, draws: 1))
      }
      if variants.isEmpty { variants = [("saved", saved)] }
      for variant in variants {
        let guided = try guidance.guide(variant.generator, of: run, model, by: program)
        let score = try scorer.score(
          guided, count: samples, seed: seed, purpose: RandomPurpose.report)
        func text(_ value: Double?) -> String { value.map { String(format: "%.4f", $0) } ?? "–" }
        rows.append([
          name, variant.theta, text(score.cosine), text(score.accuracy), text(score.judgedAccuracy),
          text((guided as? GuidedGenerator)?.refusedShare),
        ])
      }
    }
    print(table(rows))
  }
}
