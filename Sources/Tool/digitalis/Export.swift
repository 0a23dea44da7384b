import ArgumentParser
import Files
import Foundation
import Generation
import Models
import NeuralNetwork

struct Export: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Write the decoder of a run and a generator as one small file.",
    discussion: """
      The weights are stored in half precision. With --min-confidence the classifier is included, and \
      only draws of which it is that sure are kept. If the run has a classifier, the samples are scored \
      before and after.
      """)

  @Option(name: .customLong("run"), parsing: .unconditional, help: "The folder of the run.")
  var runFolder: String

  @Option(
    parsing: .unconditional,
    help: "The generator: \(Run.generatorNames.joined(separator: ", ")).")
  var generator = "medium2"

  @Option(
    parsing: .unconditional, help: "With kernel: the most encoded images to keep per class.")
  var components = 1000

  @OptionGroup var guidance: GuidanceOptions

  @Option(parsing: .unconditional, help: "The number of images of each class for the scores.")
  var samples = 2000

  @Option(parsing: .unconditional, help: "The file to write.")
  var out: String

  @OptionGroup var output: OutputOptions

  @OptionGroup var deviceOptions: DeviceOptions

  func run() throws {
    let isReplaced = try output.check(out, .safetensors, reading: runFolder)
    try OptionError.require("--samples", samples, in: 2...10_000_000)
    try OptionError.require("--components", components, in: 1...100_000)
    try guidance.check()
    if let command = guidance.referee.classifier {
      throw OptionError("--classifier", command, "cannot be packed; leave it out")
    }
    let run = Run(runFolder)
    let device = try deviceOptions.open()
    let model = try run.autoencoder(on: device)
    let statistics = try run.statistics(of: model)
    var chosen = try run.generator(named: generator, of: model, statistics: statistics)
    if let fitted = chosen as? FittedGenerator { chosen = fitted.thinned(to: components) }
    let configuration = try run.configuration()
    let classifier =
      FileManager.default.fileExists(atPath: guidance.referee.by.path(in: run))
      ? try run.classifier(at: guidance.referee.by.path(in: run), on: device) : nil
    let guide = try guidance.minConfidence.map { confidence in
      (
        classifier: try classifier
          ?? run.classifier(at: guidance.referee.by.path(in: run), on: device),
        minimumConfidence: confidence
      )
    }
    let origin =
      "\(configuration.objective.rawValue.uppercased())-\(configuration.shape.latentDimension), "
      + "\(configuration.epochs) epochs of \(configuration.dataset), "
      + "seed \(configuration.seed), \(generator)\(guidance.note)"
    try PackagedModel.write(
      model, statistics: statistics, chosen, guide: guide, of: origin,
      configuration: configuration, classNames: try run.classNames(), to: out)
    let bytes = try readFile(out)
    print("\(isReplaced ? "replaced" : "wrote") \(out): \(bytes.count) bytes, \(origin)")

    guard let classifier else { return }
    let judge = try run.judge(on: device)
    let package = try PackagedModel(bytes, of: out)
    let packaged = try package.autoencoder(on: device)
    for (name, model, generator, own) in [
      ("single", model, chosen, classifier),
      (
        "half", packaged, try package.generator(on: device),
        try package.classifier(on: device) ?? classifier
      ),
    ] {
      let guided: any Generator =
        guide.map {
          GuidedGenerator(generator, model, by: own, minimumConfidence: $0.minimumConfidence)
        } ?? generator
      let score = try Scorer(model, classifier, judge: judge).score(
        guided, count: samples, seed: 1, purpose: .report)
      print("\(name) precision: \(score.text)")
    }
  }
}
