import ArgumentParser
import Compute
import Datasets
import Files
import Foundation
import Generation
import Models
import NeuralNetwork
import Reporting

extension GeneratorKind: ExpressibleByArgument {}

struct SearchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "search",
    abstract: "Search the θ of a generator that keeps the class and gains variety.",
    discussion: """
      Minimises cos + W · (1 − accuracy), or the cosine alone among those whose accuracy reaches a \
      floor. The result is kept with the run, where sample --generator finds it; a search that is \
      stopped continues when it is started again.
      """)

  enum Order: String, ExpressibleByArgument, CaseIterable {
    case sweeps
    case paper
  }

  @Argument(help: "simple, medium1 or medium2.")
  var generator: GeneratorKind

  @Option(name: .customLong("run"), help: "The folder of the run.")
  var runFolder: String

  @Option(help: "W: the weight of the lost accuracy.")
  var accuracyWeight: Double?

  @Option(help: "The floor of the accuracy; 0.99 unless a weight is given.")
  var minAccuracy: Double?

  @OptionGroup var conventionOptions: ConventionOptions

  @Option(
    help: "The cosine between pairs of images, or with the decoder's image of the class mean.")
  var cosine = CosineKind.pairwise

  @Option(help: "The images of each class with which the best candidates are compared.")
  var samples = 400

  @Option(help: "The random starts of the sweeps, beside the best line of equal θ.")
  var starts = 1

  @Option(help: "For medium1: sweeps, or the paper's own order.")
  var order = Order.sweeps

  @Option(help: "With the paper's order: the number of candidates.")
  var candidates = 1000

  @Option(help: "The images of each class in the final report.")
  var reportSamples = 10_000

  @Option(help: "The seed of the samples.")
  var seed: UInt64 = 1

  @OptionGroup var deviceOptions: DeviceOptions

  func run() throws {
    let objective = try objective()
    _ = try Run(runFolder).configuration()
    let failover = try deviceOptions.openWithStandby()
    let lock = try FolderLock(runFolder)
    defer { withExtendedLifetime(lock) {} }
    try failover.run { try search(objective, on: $0) }
  }

  private func search(_ objective: SearchObjective, on device: any Device) throws {
    let run = Run(runFolder)
    let model = try run.autoencoder(on: device)
    let statistics = try run.statistics(of: model)
    let judge =
      FileManager.default.fileExists(atPath: run.judgePath)
      ? try run.classifier(at: run.judgePath, on: device) : nil
    var convention = conventionOptions.value
    convention.cosine = cosine
    let centers = cosine == .center ? statistics : nil
    let scorer = Scorer(
      model, try run.classifier(at: run.classifierPath, on: device), judge: judge, centers: centers)
    if let accuracy = try run.trainingAccuracy(), accuracy < Classifier.trainingMark {
      print(
        String(format: "note: the classifier's accuracy is %.4f, ", accuracy)
          + "below the mark of \(Classifier.trainingMark)")
    }
    let searcher = Scorer(model, scorer.classifier, centers: centers)
    let settings = SearchSettings(
      generator: generator, samples: samples, seed: seed, models: try run.digest(),
      convention: convention)

    Interrupt.watch()
    var line = ProgressLine()
    let search = Search(
      settings, scorer: searcher, statistics: statistics, objective: objective,
      history: try SearchHistory(at: run.historyPath(generator.rawValue), of: settings),
      progress: { line.update($0.text) }, shouldStop: { Interrupt.isRequested })
    let result: SearchResult
    do {
      result =
        order == .paper
        ? try search.prioritized(count: candidates) : try search.run(randomStarts: starts)
    } catch is SearchStopped {
      line.print(line: "stopped; start the same search again to continue it")
      throw ExitCode(130)
    }
    line.print(
      line: "\(generator.title): \(result.candidates) candidates, \(result.images) images, "
        + objective.text)
    if order == .sweeps && generator != .simple {
      print("it ends where no step of 0.1 in one θ improves the objective")
    }
    if !result.reachedFloor {
      print("note: no candidate reached the floor everywhere; the most accurate ones are kept")
    }
    try result.save(to: run.searchPath(generator.rawValue))
    let score = try scorer.score(
      result.spreadGenerator(statistics), count: reportSamples, seed: seed,
      purpose: RandomPurpose.report)
    print(result.thetaText(classNames: DatasetSource(try run.configuration().dataset).classNames))
    print(score.text)
    print("saved in \(run.searchPath(generator.rawValue))")
  }

  private func objective() throws -> SearchObjective {
    try OptionError.require("--samples", samples, in: 2...1_000_000)
    try OptionError.require("--report-samples", reportSamples, in: 2...10_000_000)
    try OptionError.require("--starts", starts, in: 0...1000)
    try OptionError.require("--candidates", candidates, in: 1...10_000_000)
    if order == .paper && generator != .medium1 {
      throw OptionError("--order", "paper", "is the order of medium1")
    }
    if let accuracyWeight {
      guard minAccuracy == nil else {
        throw OptionError("--accuracy-weight", accuracyWeight, "cannot go with --min-accuracy")
      }
      try OptionError.require("--accuracy-weight", accuracyWeight, in: 0...1e6)
      return .weighted(accuracyWeight: accuracyWeight)
    }
    let floor = minAccuracy ?? 0.99
    try OptionError.require("--min-accuracy", floor, in: 0...1)
    return .floor(minimumAccuracy: floor)
  }
}

extension SearchProgress {
  fileprivate var text: String {
    let scope = label.map { "class \($0)  " } ?? ""
    return "\(scope)\(candidates) candidates  "
      + String(format: "%.1f per second  best %.4f", candidatesPerSecond, best)
  }
}

extension SearchResult {
  /// θ as a table of classes by dimensions, or as one line where all classes share it.
  fileprivate func thetaText(classNames: [String]) -> String {
    func line(_ theta: [Float]) -> String {
      theta.map { String(format: "%.1f", $0) }.joined(separator: " ")
    }
    if generator == .simple { return "θ = \(theta[0][0]), n = \(draws)" }
    if Set(theta).count == 1 { return "θ = [\(line(theta[0]))]" }
    return theta.enumerated().map { "θ of \(classNames[$0]) = [\(line($1))]" }.joined(
      separator: "\n")
  }
}

extension Score {
  var text: String {
    let interval = cosineInterval.map { String(format: " ± %.4f", $0) } ?? ""
    var text =
      String(format: "cosine %.4f", cosine) + interval
      + String(format: ", accuracy %.4f ± %.4f", accuracy, accuracyInterval)
    if let judgedAccuracy {
      text += String(format: ", by the judge %.4f ± %.4f", judgedAccuracy, judgedInterval)
    }
    return text + " (\(classes[0].count) images of each class)"
  }
}
