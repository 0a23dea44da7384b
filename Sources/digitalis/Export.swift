import ArgumentParser
import Files
import Foundation
import Generation
import Models
import NeuralNetwork

struct Export: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Write the decoder of a run, its statistics and a found θ as one small file.",
    discussion: """
      The weights are kept in half precision. Where the run has a classifier, the samples are scored \
      before and after.
      """)

  @Option(name: .customLong("run"), parsing: .unconditional, help: "The folder of the run.")
  var runFolder: String

  @Option(
    parsing: .unconditional, help: "The generator whose θ goes with it: simple, medium1 or medium2."
  )
  var generator = GeneratorKind.medium2

  @Option(parsing: .unconditional, help: "The images of each class for the scores.")
  var samples = 2000

  @Option(parsing: .unconditional, help: "The file.")
  var out: String

  @OptionGroup var output: OutputOptions

  @OptionGroup var deviceOptions: DeviceOptions

  func run() throws {
    let isReplaced = try output.check(out, .safetensors, reading: runFolder)
    try OptionError.require("--samples", samples, in: 2...10_000_000)
    let run = Run(runFolder)
    let device = try deviceOptions.open()
    let model = try run.autoencoder(on: device)
    let found = try SearchResult.load(
      generator, of: run, classes: try run.classNames().count,
      latentDimension: model.shape.latentDimension)
    let spread = found.spreadGenerator(try run.statistics(of: model))
    let configuration = try run.configuration()
    let origin =
      "\(configuration.objective.rawValue.uppercased())-\(configuration.shape.latentDimension), "
      + "\(configuration.epochs) epochs of \(configuration.dataset), "
      + "seed \(configuration.seed), \(generator.title)"
    try PackagedModel.write(
      model, spread, of: origin, configuration: configuration, classNames: try run.classNames(),
      to: out)
    let bytes = try readFile(out)
    print("\(isReplaced ? "replaced" : "wrote") \(out): \(bytes.count) bytes, \(origin)")

    guard FileManager.default.fileExists(atPath: run.classifierPath) else { return }
    let classifier = try run.classifier(at: run.classifierPath, on: device)
    let package = try PackagedModel(bytes, of: out)
    let packaged = try package.autoencoder(on: device)
    for (name, model) in [("single", model), ("half", packaged)] {
      let score = try Scorer(model, classifier).score(
        spread, count: samples, seed: 1, purpose: RandomPurpose.report)
      print("\(name) precision: \(score.text)")
    }
  }
}
