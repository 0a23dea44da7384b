import ArgumentParser
import Compute
import Datasets
import Files
import Foundation
import Generation
import Models
import NeuralNetwork
import Reporting
import Training

extension GeneratorKind: ExpressibleByArgument {}

struct SearchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "search",
    abstract: "Search for the θ of a generator that keeps the class and adds variety.",
    discussion: """
      Minimises cos + W · (1 − accuracy), or the cosine alone among θ whose accuracy reaches a \
      floor. The result is saved with the run, where sample --generator finds it; a search that is \
      stopped continues when it is started again.

      For a fitted generator (gaussian, bayes-net, mixture, kernel, diffusion) it is one θ for each class, out of \
      0, 0.1 … 1.5, and is saved with the fit.
      """)

  enum Order: String, ExpressibleByArgument, CaseIterable {
    case sweeps
    case paper
  }

  enum Method: String, ExpressibleByArgument, CaseIterable {
    case coordinates
    case gradient
  }

  @Argument(help: "\(Run.generatorNames.joined(separator: ", ")).")
  var generatorName: String

  @Option(name: .customLong("run"), parsing: .unconditional, help: "The folder of the run.")
  var runFolder: String

  @Option(parsing: .unconditional, help: "W: the weight of lost accuracy.")
  var accuracyWeight: Double?

  @Option(
    parsing: .unconditional, help: "The floor of the accuracy; 0.99 unless a weight is given.")
  var minAccuracy: Double?

  @OptionGroup var referee: RefereeOptions

  @Option(
    parsing: .unconditional,
    help:
      "How to search: by coordinates, or by gradients and then steps of one tenth; needs a weight.")
  var method = Method.coordinates

  @Option(
    parsing: .unconditional,
    help: "With --method gradient: the number of Adam steps, with 16 images of each class.")
  var steps = GradientSearch.Options().steps

  @OptionGroup var conventionOptions: ConventionOptions

  @Option(
    parsing: .unconditional,
    help: "The cosine between pairs of images, or with the decoder's image of the class mean.")
  var cosine = CosineKind.pairwise

  @Option(
    parsing: .unconditional,
    help: "The number of images of each class for comparing the best candidates.")
  var samples = 400

  @Option(
    parsing: .unconditional,
    help: "The random starts of the sweeps, besides the best equal θ.")
  var starts = 1

  @Option(parsing: .unconditional, help: "For medium1: sweeps, or the paper's own order.")
  var order = Order.sweeps

  @Option(parsing: .unconditional, help: "With the paper's order: the number of candidates.")
  var candidates = 1000

  @Option(parsing: .unconditional, help: "The number of images of each class in the final report.")
  var reportSamples = 10_000

  @Option(parsing: .unconditional, help: "The seed of the samples.")
  var seed: UInt64 = 1

  @OptionGroup var deviceOptions: DeviceOptions

  func run() throws {
    try referee.check()
    let objective = try objective()
    _ = try Run(runFolder).configuration()
    let failover = try deviceOptions.openWithStandby()
    let lock = try FolderLock(runFolder)
    defer { withExtendedLifetime(lock) {} }
    let run = Run(runFolder)
    try run.claim(
      FittedKind(rawValue: generatorName) != nil
        ? [run.generatorPath(generatorName)]
        : [run.searchPath(generatorName), run.historyPath(historyName)])
    try failover.run { try search(objective, on: $0) }
  }

  private func search(_ objective: SearchObjective, on device: any Device) throws {
    let run = Run(runFolder)
    let model = try run.autoencoder(on: device)
    let statistics = try run.statistics(of: model)
    // A missing judge is an error only if it is asked for.
    let judge =
      referee.by == .judge
      ? try run.classifier(at: run.judgePath, on: device) : try run.judge(on: device)
    let program = try referee.program(of: run)
    let scorer = Scorer(
      model, try program ?? run.classifier(at: run.classifierPath, on: device), judge: judge,
      centers: cosine == .center ? statistics : nil)
    if program == nil, let accuracy = try run.trainingAccuracy(), accuracy < Classifier.trainingMark
    {
      print(
        String(format: "note: the classifier's accuracy is %.4f, ", accuracy)
          + "below the mark of \(Classifier.trainingMark)")
    }
    let counting = referee.by == .judge ? judge ?? scorer.classifier : scorer.classifier
    let searcher = Scorer(model, counting, centers: scorer.centers)

    Interrupt.watch()
    let found: any Generator
    if let kind = FittedKind(rawValue: generatorName) {
      found = try searchTemperature(kind, of: run, objective, scorer: searcher)
    } else {
      let generator = try paperGenerator()
      found = try searchTheta(generator, of: run, objective, scorer: searcher, statistics)
    }
    do {
      let score = try scorer.score(
        found, count: reportSamples, seed: seed, purpose: .report)
      print(score.text)
      if case .floor(let floor) = objective, score.accuracy < floor {
        print(
          "note: with \(reportSamples) images of each class the accuracy is below the floor of "
            + "\(floor); search with more --samples")
      }
    } catch  where referee.wasInterrupted(error) {
      print("stopped; what was found is saved")
      throw ExitCode(130)
    }
  }

  /// The name of the history: one method's scores would hide what the other needs.
  private var historyName: String { generatorName + (method == .gradient ? "-gradient" : "") }

  /// The paper's generator of the given name.
  private func paperGenerator() throws -> GeneratorKind {
    guard let kind = GeneratorKind(rawValue: generatorName) else {
      throw OptionError(
        "generator", generatorName,
        "must be one of \(Run.generatorNames.joined(separator: ", "))")
    }
    return kind
  }

  /// Searches and saves the temperatures of a fitted generator.
  private func searchTemperature(
    _ kind: FittedKind, of run: Run, _ objective: SearchObjective, scorer: Scorer
  ) throws -> any TemperedGenerator {
    let fitted = try run.fittedGenerator(
      kind, of: scorer.autoencoder, classes: try run.classNames().count)
    var line = ProgressLine()
    let search = TemperatureSearch(
      scorer: scorer, objective: objective, samples: samples, seed: seed)
    do {
      let (result, score) = try search.run(
        fitted,
        progress: { line.update("class \($0)  θ \($1) of \(TemperatureSearch.line.count)") },
        shouldStop: { Interrupt.isRequested })
      line.print(line: "\(kind.title): \(objective.text), by the \(referee.name)")
      if case .floor(let floor) = objective, score.classes.contains(where: { $0.accuracy < floor })
      {
        print("note: no θ reached the floor everywhere; the most accurate ones are kept")
      }
      let path = run.generatorPath(kind.rawValue)
      try result.save(
        to: path,
        metadata: [
          "search": "\(objective.text), by the \(referee.name)", "origin": try run.origin(),
        ])
      print("θ = [\(result.theta.map { String(format: "%.1f", $0) }.joined(separator: " "))]")
      print("saved in \(path)")
      return result
    } catch  where error is SearchStopped || referee.wasInterrupted(error) {
      line.print(line: "stopped; nothing is saved")
      throw ExitCode(130)
    }
  }

  /// Searches and saves the θ of one of the paper's generators.
  private func searchTheta(
    _ generator: GeneratorKind, of run: Run, _ objective: SearchObjective, scorer: Scorer,
    _ statistics: LatentStatistics
  ) throws -> SpreadGenerator {
    var convention = conventionOptions.value
    convention.cosine = cosine
    let settings = SearchSettings(
      generator: generator, samples: samples, seed: seed,
      models: try models(of: run), convention: convention)
    var line = ProgressLine()
    let search = Search(
      settings, scorer: scorer, statistics: statistics, objective: objective,
      history: try SearchHistory(at: run.historyPath(historyName), of: settings),
      progress: { line.update($0.text) }, shouldStop: { Interrupt.isRequested })
    let result: SearchResult
    do {
      if method == .gradient, let accuracyWeight {
        var options = GradientSearch.Options()
        options.steps = steps
        guard let classifier = scorer.classifier as? Classifier else {
          throw OptionError("--method", "gradient", "needs a classifier of the run, not a program")
        }
        let gradient = try GradientSearch(
          generator, scorer.autoencoder, classifier, statistics: statistics,
          accuracyWeight: accuracyWeight, seed: seed, convention: convention, options: options)
        let theta = try gradient.run(
          progress: { line.update("gradient step \($0)") },
          shouldStop: { Interrupt.isRequested })
        result = try search.polish(from: theta, images: gradient.images)
      } else {
        result =
          order == .paper
          ? try search.prioritized(count: candidates) : try search.run(randomStarts: starts)
      }
    } catch  where error is SearchStopped || referee.wasInterrupted(error) {
      line.print(line: "stopped; start the same search again to continue it")
      throw ExitCode(130)
    }
    line.print(
      line: "\(generator.title): \(result.candidates) candidates, \(result.images) images, "
        + objective.text)
    print(
      String(
        format: "objective %.4f with %d images of each class",
        objective.value(cosine: result.cosine, accuracy: result.accuracy), result.samples))
    if order == .sweeps && method == .coordinates && generator != .simple {
      print("it ends where no step of 0.1 in one θ improves the objective")
    }
    if !result.reachedFloor {
      print("note: no candidate reached the floor everywhere; the most accurate ones are kept")
    }
    try result.save(to: run)
    print(result.thetaText(classNames: try run.classNames()))
    print("saved in \(run.searchPath(generator.rawValue))")
    return result.spreadGenerator(statistics)
  }

  /// A fingerprint of these weights and this classifier.
  private func models(of run: Run) throws -> String {
    if let command = referee.classifier {
      return try run.weightsChecksum() + checksum(Array(command.utf8))
    }
    return try run.digest(with: referee.by == .judge ? run.judgePath : nil)
  }

  private func objective() throws -> SearchObjective {
    try OptionError.require("--samples", samples, in: 2...1_000_000)
    try OptionError.require("--report-samples", reportSamples, in: 2...10_000_000)
    try OptionError.require("--starts", starts, in: 0...1000)
    try OptionError.require("--candidates", candidates, in: 1...10_000_000)
    try OptionError.require("--steps", steps, in: 1...1_000_000)
    if FittedKind(rawValue: generatorName) == nil { _ = try paperGenerator() }
    if order == .paper && generatorName != "medium1" {
      throw OptionError("--order", "paper", "is the order of medium1")
    }
    if method == .gradient {
      guard GeneratorKind(rawValue: generatorName) != nil else {
        throw OptionError("--method", "gradient", "is for simple, medium1 and medium2")
      }
      guard accuracyWeight != nil && cosine == .pairwise && order == .sweeps else {
        throw OptionError(
          "--method", "gradient", "needs an --accuracy-weight, and the pairwise cosine")
      }
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
