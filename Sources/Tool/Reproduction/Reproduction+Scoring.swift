import Compute
import Files
import Foundation
import Generation
import Models
import NeuralNetwork
import Training

extension Reproduction {
  private func scorer(_ name: ModelName, withJudge: Bool) throws -> (Scorer, LatentStatistics) {
    let run = run(of: name)
    let model = try run.autoencoder(on: device)
    var judge: Classifier?
    if withJudge {
      judge = try Classifier(
        training.shape, classes: training.classCount, seed: 0, on: device)
      try judge?.parameters.load(from: judgePath)
    }
    let classifier = try run.classifier(at: run.classifierPath, on: device)
    return (Scorer(model, classifier, judge: judge), try run.statistics(of: model))
  }

  /// The search whose history is kept beside the run.
  private func search(
    _ name: ModelName, _ kind: GeneratorKind, samples: Int, history file: String,
    _ objective: SearchObjective
  ) throws -> Search {
    let (scorer, statistics) = try scorer(name, withJudge: false)
    let settings = SearchSettings(
      generator: kind, samples: samples, seed: plan.seed, models: try run(of: name).digest())
    let path = run(of: name).historyPath(file)
    try run(of: name).claim([path])
    return Search(
      settings, scorer: scorer, statistics: statistics, objective: objective,
      history: try SearchHistory(at: path, of: settings),
      progress: { [show] progress in
        let scope = progress.label.map { " class \($0)" } ?? ""
        show(
          "search \(kind.title) on \(name.title)\(scope)  \(progress.candidates) candidates  "
            + String(
              format: "%.1f per second  best %.4f", progress.candidatesPerSecond, progress.best),
          false)
      }, shouldStop: shouldStop)
  }

  /// Scores Simple over all θ and n: the points of Figure 1.
  func scoreGrid(_ title: String) throws {
    if results.grids.contains(where: { $0.model == title }) { return }
    guard let name = Plan.models.first(where: { $0.title == title }) else { return }
    let search = try search(
      name, .simple, samples: plan.gridSamples, history: "grid", .weighted(accuracyWeight: 1))
    results.grids.append(.init(model: title, points: try search.simpleGrid()))
  }

  /// Searches the generator of a row of the table for the lowest cosine at the row's accuracy.
  func search(_ row: PaperRow) throws {
    let run = run(of: row.model)
    if FileManager.default.fileExists(atPath: run.searchPath(row.generator.rawValue)) { return }
    let search = try search(
      row.model, row.generator, samples: plan.searchSamples, history: row.generator.rawValue,
      .floor(minimumAccuracy: row.accuracy - plan.accuracySlack))
    let result = try search.run(randomStarts: plan.randomStarts)
    try result.save(to: run)
    show(
      "\(row.title)  \(result.candidates) candidates  "
        + String(format: "cosine %.4f, accuracy %.4f", result.cosine, result.accuracy), true)
  }

  /// Searches the generator of a row for other accuracies: what is attainable where the paper's own row is
  /// not. The candidates of the row's search aren't scored again.
  func scoreFront(_ row: PaperRow) throws {
    if results.fronts.contains(where: { $0.paper == row.title }) { return }
    let (scorer, statistics) = try scorer(row.model, withJudge: true)
    let points = try plan.frontFloors.map { floor in
      let search = try search(
        row.model, row.generator, samples: plan.searchSamples, history: row.generator.rawValue,
        .floor(minimumAccuracy: floor))
      let found = try search.run(randomStarts: 0)
      let score = try scorer.score(
        found.spreadGenerator(statistics), count: plan.reportSamples, seed: plan.seed,
        purpose: .report)
      show(
        "\(row.title), accuracy ≥ \(floor)  "
          + String(format: "cosine %.4f, accuracy %.4f", score.cosine, score.accuracy), true)
      return Results.Front.Point(minimumAccuracy: floor, theta: found.theta, score: score)
    }
    results.fronts.append(.init(paper: row.title, points: points))
  }

  /// Scores each row with new random numbers and many samples: at the paper's θ and n, and at those found.
  func scoreRows() throws {
    for row in PaperRow.all {
      let (scorer, statistics) = try scorer(row.model, withJudge: true)
      func add(
        _ origin: String, _ theta: [[Float]], _ draws: Int, _ found: SearchResult? = nil
      ) throws {
        if shouldStop() { throw ReproductionStopped() }
        show("table: \(row.title), \(origin)", false)
        let score = try scorer.score(
          SpreadGenerator(statistics, theta: theta, draws: draws), count: plan.reportSamples,
          seed: plan.seed, purpose: .report)
        results.rows.append(
          .init(
            paper: row.title, origin: origin, theta: theta, draws: draws,
            candidates: found?.candidates, images: found?.images, reachedFloor: found?.reachedFloor,
            score: score))
        show(
          "\(row.title), \(origin)  "
            + String(
              format: "cosine %.4f, accuracy %.4f, by the judge %.4f", score.cosine,
              score.accuracy, score.judgedAccuracy ?? .nan), true)
      }
      if let (theta, draws) = row.simple {
        let all = [Float](repeating: theta, count: statistics.latentDimension)
        try add("the paper's θ and n", statistics.classes.map { _ in all }, draws)
      }
      let found = try SearchResult.load(
        row.generator, of: run(of: row.model), classes: statistics.classes.count,
        latentDimension: statistics.latentDimension)
      try add("searched", found.theta, found.draws, found)
    }
  }

  /// Images of a searched generator, a row for each class.
  func samples(_ row: Results.Row, of name: ModelName, columns: Int) throws -> [Float] {
    let run = run(of: name)
    let model = try run.autoencoder(on: device)
    let generator = SpreadGenerator(
      try run.statistics(of: model), theta: row.theta, draws: row.draws)
    return try training.classNames.indices.flatMap { label in
      try model.images(generator, label: label, count: columns, seed: plan.seed).values()
    }
  }

  /// The encoder's means of the test images, for a map of a latent space.
  func testLatents(of name: ModelName) throws -> [(x: Float, y: Float)] {
    let model = try run(of: name).autoencoder(on: device)
    let data = try DeviceDataset(test, on: device)
    return try data.ranges(of: 1000).flatMap { range in
      let encoded = try model.encode(try data.images(range)).values()
      return range.indices.map { i in
        let row = 2 * name.latent * (i - range.lowerBound)
        return (encoded[row], encoded[row + 1])
      }
    }
  }
}
