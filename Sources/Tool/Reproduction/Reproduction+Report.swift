import Datasets
import Files
import Foundation
import Generation
import Models
import Reporting
import Training

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
        .init("Device", results.device + (results.trainedOn.map { ", networks by \($0)" } ?? "")),
        .init("Seed", String(plan.seed)),
        .init("Time", readable(seconds: seconds)),
        .init("Autoencoders", "\(plan.epochs) epochs each"),
        .init("Samples", "\(plan.reportSamples) images of each class in the table"),
      ])
    addTable(to: &report)
    try addFigure1(to: &report)
    try addFronts(to: &report)
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
          + "cosine whose accuracy reached the paper's"
          + (plan.accuracySlack > 0 ? ", less \(plan.accuracySlack)," : "")
          + " on the search's own samples; the table's samples are new. ± is half a 95 % confidence "
          + "interval."),
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

  var classNames: [String] { training.classNames }

  private func addLosses(to report: inout HTMLReport) throws {
    let series = try Plan.models.map { name in
      let history = try run(of: name).history(upToEpoch: plan.epochs)
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
      let history = try run(of: name).history(upToEpoch: plan.epochs)
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
