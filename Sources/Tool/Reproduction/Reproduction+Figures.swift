import Files
import Foundation
import Generation
import Models
import Reporting

/// The figures of the report.
extension Reproduction {
  func addFigure1(to report: inout HTMLReport) throws {
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
    let searched = results.rows.filter { $0.candidates != nil }.map { point($0.score) }
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

  /// What Medium-1 and Medium-2 reach at several accuracies, beside the paper's rows.
  func addFronts(to report: inout HTMLReport) throws {
    let fronts = PaperRow.all.filter { $0.simple == nil }
    var series = fronts.enumerated().map { index, paper in
      let searched = results.rows.filter { $0.paper == paper.title }.map(\.score)
      let scores = results.fronts.filter { $0.paper == paper.title }.flatMap(\.points).map(\.score)
      return Chart.Series(
        paper.title, (scores + searched).map(point).sorted { $0.x < $1.x },
        form: .markers, look: .init(color: index, marker: index == 0 ? .circle : .diamond))
    }
    series.append(
      Chart.Series(
        "the paper", fronts.map { Chart.Point($0.cosine, $0.accuracy, label: $0.title) },
        form: .markers, look: .init(color: 5, marker: .hollowDiamond)))
    let chart = Chart(
      summary:
        "Accuracy against mean pairwise cosine of Medium-1 and Medium-2, searched for several "
        + "accuracies.",
      x: .init("mean pairwise cosine"), y: .init("accuracy by the classifier"), series: series,
      references: plan.dataset == "mnist" ? [.x(realCosine, "real digits")] : [])
    report.add(
      .heading("What Medium-1 and Medium-2 reach"),
      .figure(
        try figure(
          chart.drawing(), "fronts",
          "Each point is the least cosine found for an accuracy: "
            + plan.frontFloors.map { "\($0)" }.joined(separator: ", ")
            + " and the row's of Table 4, scored with new samples.")))
    for paper in fronts where plan.dataset == "mnist" {
      guard let row = results.rows.first(where: { $0.paper == paper.title }) else { continue }
      let score = row.score
      if score.cosine > paper.cosine || score.accuracy < paper.accuracy {
        report.add(
          .note(
            "\(paper.title) does not reach the paper's row here "
              + "(\(paper.cosine) at \(paper.accuracy)): the figure shows the best that was found.")
        )
      }
    }
  }

  func addSampleGrids(to report: inout HTMLReport) throws {
    var figures: [HTMLReport.Figure] = []
    for (index, paper) in PaperRow.all.enumerated() {
      guard let row = results.rows.first(where: { $0.paper == paper.title && $0.candidates != nil })
      else { continue }
      let grid = ImageGrid(
        images: try samples(row, of: paper.model, columns: 10), imageWidth: training.columns,
        imageHeight: training.rows, channels: training.shape.channels, columns: 10, scale: 2)
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

  func addLatentMaps(to report: inout HTMLReport) throws {
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

  /// Accuracy against cosine, with their intervals.
  private func point(_ score: Score) -> Chart.Point {
    Chart.Point(
      score.cosine, score.accuracy, xMargin: score.cosineInterval ?? 0,
      yMargin: score.accuracyInterval)
  }

  /// Writes a drawing as a file, and makes it a figure of the report.
  func figure(_ drawing: Drawing, _ name: String, _ caption: String) throws
    -> HTMLReport.Figure
  {
    try writeAtomically(drawing.svg(), to: "\(folder)/figures/\(name).svg")
    return HTMLReport.Figure(drawing, caption: caption)
  }
}
