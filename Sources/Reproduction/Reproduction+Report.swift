import Datasets
import Files
import Foundation
import Generation
import Models
import Reporting

extension Reproduction {
  /// Writes `report.html`, and the figures as files of their own.
  func writeReport() throws {
    try makeFolder("\(folder)/figures")
    let seconds = results.stages.map(\.seconds).reduce(0, +)
    var report = HTMLReport(
      title: "Statistical generation of hand-written digits",
      subtitle: "The paper of Vargas Aguilar, Gu and Lee, computed anew",
      facts: [
        .init(
          "Data", "\(training.count) training and \(test.count) test images of \(plan.dataset)"),
        .init("Device", results.device), .init("Seed", String(plan.seed)),
        .init("Time", readable(seconds: seconds)),
        .init("Autoencoders", "\(plan.epochs) epochs each"),
        .init("Samples", "\(plan.reportSamples) images of each class in the table"),
      ])
    addTable(to: &report)
    try addFigure1(to: &report)
    try addSampleGrids(to: &report)
    try addLatentMaps(to: &report)
    try addLosses(to: &report)
    addClassifiers(to: &report)
    report.add(
      .heading("What the paper leaves open"), .definitions(Self.choices),
      .heading("Time"), .table(stageTable))
    try report.write(to: "\(folder)/report.html")
  }

  // MARK: Table 4

  private func addTable(to report: inout HTMLReport) {
    var rows: [[HTMLReport.Cell]] = []
    for paper in PaperRow.all {
      rows.append([
        .text(paper.title), .text("paper: \(paper.parameters)"),
        .number(paper.cosine, decimals: 4), .number(paper.accuracy, decimals: 4), .none, .none,
      ])
      for row in results.rows where row.paper == paper.title {
        let score = row.score
        rows.append([
          .text(""), .text(row.describedParameters),
          .number(score.cosine, decimals: 4, margin: score.cosineInterval),
          .number(score.accuracy, decimals: 4, margin: score.accuracyInterval),
          .number(score.judgedAccuracy ?? .nan, decimals: 4, margin: score.judgedInterval),
          row.candidates.map { .number(Double($0), decimals: 0) } ?? .none,
        ])
      }
    }
    report.add(
      .heading("Table 4: variety and accuracy"),
      .paragraph(
        "The mean cosine of all pairs of images of a class (less is more varied), and the part of the "
          + "images that a classifier takes for their class: the paper's, which learned from "
          + "reconstructions, and a judge that saw real images only. Each searched row is the least "
          + "cosine whose accuracy reached the paper's on the search's own samples; the table's "
          + "samples are new. ± is half a 95 % confidence interval."),
      .table(
        HTMLReport.Table(
          columns: [
            .init("Model and generator"), .init("θ / n"), .init("Cosine"), .init("Accuracy"),
            .init("By the judge"), .init("Candidates"),
          ], rows: rows)))
    let effort = results.rows.compactMap { row in
      row.images.map { "\(row.paper) \(($0 + 500) / 1000) thousand" }
    }
    report.add(
      .paragraph(
        "Each sweep ended where no step of 0.1 in one θ improves its row. The images that the "
          + "searches drew: \(effort.joined(separator: ", "))."))
    if plan.dataset != "mnist" {
      report.add(.note("The paper's figures are of MNIST; these are of \(plan.dataset)."))
    }
    for row in results.rows where row.reachedFloor == false {
      report.add(
        .note(
          "The search of \(row.paper) found no candidate that reached the paper's accuracy "
            + "everywhere; the most accurate ones stand in its row."))
    }
  }

  private var classNames: [String] { DatasetSource(plan.dataset).classNames }

  // MARK: Figures

  private func addFigure1(to report: inout HTMLReport) throws {
    var series = results.grids.map { grid in
      Chart.Series(
        grid.model,
        grid.points.map { Chart.Point($0.cosine, $0.accuracy) }.sorted { $0.x < $1.x },
        form: .markers)
    }
    let paper = PaperRow.all.map { Chart.Point($0.cosine, $0.accuracy, label: $0.title) }
    series.append(
      Chart.Series(
        "Table 4 of the paper", paper, form: .markers,
        look: .init(color: 5, marker: .hollowDiamond)))
    let searched = results.rows.filter { $0.candidates != nil }.map {
      Chart.Point(
        $0.score.cosine, $0.score.accuracy, xMargin: $0.score.cosineInterval ?? 0,
        yMargin: $0.score.accuracyInterval)
    }
    series.append(
      Chart.Series(
        "searched", searched, form: .markers, look: .init(color: 2, marker: .diamond)))
    let references = plan.dataset == "mnist" ? [Chart.Reference.x(realCosine, "real digits")] : []
    let lowest = results.grids.flatMap(\.points).map(\.accuracy).min() ?? 0
    let chart = Chart(
      summary: "Accuracy against mean pairwise cosine of Simple on ELBO-20 and MMD-20.",
      x: .init("mean pairwise cosine"),
      y: .init("accuracy by the classifier", range: min(lowest, 0.95)...1.005), series: series,
      references: references)
    report.add(
      .heading("Figure 1: accuracy against variety"),
      .figure(
        try figure(
          chart.drawing(), "figure1",
          "Simple over θ from 0 to 1 and n of 1, 2, 3, 5, \(plan.gridSamples) images of each class a "
            + "point." + (references.isEmpty ? "" : " The line marks MNIST's training digits."))))
  }

  private func addSampleGrids(to report: inout HTMLReport) throws {
    var figures: [HTMLReport.Figure] = []
    for (index, paper) in PaperRow.all.enumerated() {
      guard let row = results.rows.first(where: { $0.paper == paper.title && $0.candidates != nil })
      else { continue }
      let grid = ImageGrid(
        images: try samples(row, of: paper.model, columns: 10), imageWidth: training.columns,
        imageHeight: training.rows, columns: 10, scale: 2)
      let name = "figure\(index + 2)"
      try grid.image.writePNG(
        to: "\(folder)/figures/\(name).png",
        text: [("Software", "digitalis"), ("Title", paper.title), ("Seed", String(plan.seed))])
      figures.append(
        try HTMLReport.Figure(
          grid.image, scale: 2, alt: "Samples of \(paper.title), a row for each class",
          caption: "Figure \(index + 2): \(paper.title), θ searched."))
    }
    report.add(
      .heading("Figures 2 to 5: samples"),
      .paragraph(
        "Not picked: the first ten images of each class with the report's seed. The rows, from the top: "
          + classNames.joined(separator: ", ") + "."),
      .figures(figures))
  }

  private func addLatentMaps(to report: inout HTMLReport) throws {
    let figures = try Plan.models.filter { $0.latent == 2 }.map { name in
      let map = LatentMap(
        points: try testLatents(of: name), labels: test.labels.map { Int($0) },
        classNames: classNames, title: name.title,
        summary: "The latent space of \(name.title), test images coloured by class.")
      return try figure(map.drawing(), "map-\(name.folder)", "")
    }
    report.add(
      .heading("The latent spaces at D = 2"),
      .paragraph("The encoder's means of the test images; no label was seen in training."),
      .figures(figures))
  }

  private func addLosses(to report: inout HTMLReport) throws {
    let series = try Plan.models.map { name in
      let history = try TrainingHistory(of: run(of: name), epochs: plan.epochs, steps: .max)
      return Chart.Series(
        name.title, values: history.epochs.map(\.test.reconstruction),
        look: .init(
          color: [2, 10, 20].firstIndex(of: name.latent) ?? 0,
          dash: name.objective == .elbo ? .solid : .dashed))
    }
    let chart = Chart(
      summary: "The test reconstruction loss of the six autoencoders over the epochs.",
      x: .init("epoch"), y: .init("reconstruction loss (nats per image)"), series: series)
    let rows: [[HTMLReport.Cell]] = try Plan.models.map { name in
      let history = try TrainingHistory(of: run(of: name), epochs: plan.epochs, steps: .max)
      let last = history.epochs.last
      return [
        .text(name.title), .number(last?.test.reconstruction ?? .nan, decimals: 2),
        .number(last?.test.regularizer ?? .nan, decimals: name.objective == .elbo ? 2 : 5),
        .number(last?.test.total ?? .nan, decimals: 2),
        .number(last?.imagesPerSecond ?? .nan, decimals: 0),
      ]
    }
    report.add(
      .heading("Training"),
      .figure(
        try figure(
          chart.drawing(), "losses",
          "The loss of reconstructing the test images at one sample of q(z|x).")),
      .table(
        HTMLReport.Table(
          caption: "The test images at the end: nats per image; the regularizer is KL or MMD.",
          columns: [
            .init("Model"), .init("Reconstruction"), .init("Regularizer"), .init("Total"),
            .init("Training images/s"),
          ], rows: rows)))
  }

  private func addClassifiers(to report: inout HTMLReport) {
    report.add(
      .table(
        HTMLReport.Table(
          caption:
            "The classifiers of table 3. Each but the judge learned from reconstructions, which are its samples.",
          columns: [
            .init("Classifier"), .init("Epochs"), .init("On training samples", group: "Accuracy"),
            .init("On test samples", group: "Accuracy"),
          ],
          rows: results.classifiers.map {
            [
              .text($0.name), .number(Double($0.epochs), decimals: 0),
              .number($0.trainingAccuracy, decimals: 4), .number($0.testAccuracy, decimals: 4),
            ]
          })))
    for classifier in results.classifiers {
      let isJudge = classifier.name == "judge"
      let (reached, goal) =
        isJudge
        ? (classifier.testAccuracy, Classifier.judgeMark)
        : (classifier.trainingAccuracy, Classifier.trainingMark)
      if reached < goal {
        report.add(
          .note(
            "The classifier \(classifier.name) stayed at \(String(format: "%.4f", reached)), "
              + "below its mark of \(goal)."))
      }
    }
  }

  /// Writes a drawing as a file, and makes it a figure of the report.
  private func figure(_ drawing: Drawing, _ name: String, _ caption: String) throws
    -> HTMLReport.Figure
  {
    try writeAtomically(drawing.svg(), to: "\(folder)/figures/\(name).svg")
    return HTMLReport.Figure(drawing, caption: caption)
  }

  private var stageTable: HTMLReport.Table {
    HTMLReport.Table(
      columns: [.init("Stage"), .init("Seconds")],
      rows: results.stages.map { [.text($0.name), .number($0.seconds, decimals: 1)] })
  }

  /// What the paper does not say, and what is done here.
  private static let choices: [HTMLReport.Definition] = [
    .init(
      "Spread σ_y",
      "Of encoded samples: the variance of the encoder's means plus the mean of its "
        + "variances."),
    .init("θ", "Multiplies the standard deviation, not the variance."),
    .init(
      "n",
      "The mean of n draws N(μ, θσ) is one draw N(μ, θσ/√n); of the paper's 44 points 41 "
        + "differ."),
    .init(
      "cos",
      "Over all pairs of different images of a class, decoded to grey values in [0, 1]; the "
        + "mean over the classes."),
    .init(
      "Objective",
      "The paper's rows do not minimise cos + (1 − accuracy): its own curve goes lower. "
        + "Here a row is the least cosine at the paper's accuracy."),
    .init(
      "Search",
      "Coordinate sweeps until no step of 0.1 in one θ improves a row, where the paper stopped at "
        + "0.01 %. The classes of "
        + "Medium-2 are searched one by one, each with the row's accuracy as its floor."),
    .init(
      "MMD", "Kernel exp(−‖z − z′‖²/D), weight 500 on the reconstruction loss summed over pixels."),
    .init("Who judges", "A second classifier that never saw a decoder's output."),
    .init(
      "Reconstructions",
      "One for each image, at a sample of q(z|x), rounded to bytes like the images."),
  ]
}

extension Results.Row {
  /// Where θ came from, and θ itself where it is short.
  fileprivate var describedParameters: String {
    let first = theta[0]
    if Set(first).count == 1 && Set(theta).count == 1 { return "\(origin): \(first[0]) / \(draws)" }
    if Set(theta).count == 1 {
      return "\(origin): [\(first.map { String(format: "%g", $0) }.joined(separator: " "))]"
    }
    return "\(origin): \(theta.count) × \(first.count) numbers"
  }
}
