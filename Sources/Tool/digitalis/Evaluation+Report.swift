import Datasets
import Evaluation
import Files
import Foundation
import Reporting

extension Evaluator {
  /// Adds a section to a report: the table, accuracy against variety, what the numbers mean, samples,
  /// and the pairs that are nearest to training images.
  /// - Throws: `PNGError` when a picture cannot be encoded.
  func add(to report: inout HTMLReport) throws {
    report.add(
      .heading("Evaluation"),
      .paragraph(
        "Every row beside two references: real test images, and their reconstructions by the run's "
          + "autoencoder. The distances are to \(results.featureSamples) training images, in the "
          + "feature layer of a judge that learned from real images; they can't be compared with "
          + "distances in another network's features. ± is half a 95 % confidence interval."),
      .table(scores), .figure(HTMLReport.Figure(chart.drawing(), caption: chartCaption)),
      .table(distances), .table(copies))
    for row in results.notReached ?? [] {
      report.add(.paragraph("Nothing was measured of \(row.name): \(row.reason)."))
    }
    report.add(.definitions(Self.meanings))
    try addPictures(to: &report)
  }

  private var chart: Chart {
    var series: [Chart.Series] = []
    for (name, isReference, marker) in [
      ("generators", false, Chart.Marker.circle), ("references", true, .diamond),
    ] {
      series.append(
        Chart.Series(
          name,
          results.rows.filter { $0.isReference == isReference }.map {
            Chart.Point(
              $0.cosine.value, $0.judgedAccuracy.value, xMargin: $0.cosine.margin ?? 0,
              yMargin: $0.judgedAccuracy.margin ?? 0, label: $0.name)
          }, form: .markers, look: .init(color: isReference ? 2 : 0, marker: marker)))
    }
    series.append(
      Chart.Series(
        "generators, by the run's classifier",
        results.rows.filter { !$0.isReference }.map {
          Chart.Point($0.cosine.value, $0.accuracy.value)
        }, form: .markers, look: .init(color: 5, marker: .cross)))
    let real = results.rows.first { $0.isReference }
    return Chart(
      summary: "Accuracy by the judge against the mean pairwise cosine of each source of images.",
      x: .init("mean pairwise cosine within a class"), y: .init("accuracy"),
      series: series.filter { !$0.points.isEmpty },
      references: real.map { [Chart.Reference.x($0.cosine.value, $0.name)] } ?? [])
  }

  private var chartCaption: String {
    "Up is more recognisable, left is more varied. Accuracy by the judge, and by the classifier that "
      + "learned from reconstructions; the line marks the real images' variety."
  }

  private var scores: HTMLReport.Table {
    func cell(_ interval: EvaluationResults.Interval?) -> HTMLReport.Cell {
      interval.map { .number($0.value, decimals: 4, margin: $0.margin) } ?? .none
    }
    return HTMLReport.Table(
      caption:
        "Accuracy and variety. Generators: \(results.settings.samples) images of each class.",
      columns: [
        .init("Images"), .init("Cosine"), .init("By the classifier", group: "Accuracy"),
        .init("By the judge", group: "Accuracy"), .init("Classification score"),
        .init("Refused"),
      ],
      rows: results.rows.map {
        [
          .text($0.name), cell($0.cosine), cell($0.accuracy), cell($0.judgedAccuracy),
          cell($0.classificationScore), $0.refusedShare.map { .number($0, decimals: 3) } ?? .none,
        ]
      })
  }

  private var distances: HTMLReport.Table {
    HTMLReport.Table(
      caption: "Against real training images in the judge's feature space, "
        + "\(results.featureSamples) of each; k = \(results.settings.neighbours).",
      columns: [
        .init("Images"), .init("Fréchet", group: "Distance"), .init("Kernel", group: "Distance"),
        .init("Precision"), .init("Recall"), .init("Density"), .init("Coverage"),
      ],
      rows: results.rows.map {
        [
          .text($0.name), .number($0.frechetDistance, decimals: 2),
          .number(
            $0.kernelDistance.value, decimals: 3, margin: $0.kernelDistance.error.map { 1.96 * $0 }),
          .number($0.manifold.precision, decimals: 3), .number($0.manifold.recall, decimals: 3),
          .number($0.manifold.density, decimals: 3), .number($0.manifold.coverage, decimals: 3),
        ]
      })
  }

  private var copies: HTMLReport.Table {
    HTMLReport.Table(
      caption: "Copies of training images, by Euclidean distance of the pixels.",
      columns: [
        .init("Images"), .init("Closer than 99 % of test images"), .init("Rank"),
        .init("Nearer to training than test"),
      ],
      rows: results.rows.map {
        [
          .text($0.name), .number($0.copying.closeShare, decimals: 4),
          .number($0.copying.rank, decimals: 3),
          $0.copying.nearerToTraining.map { .number($0, decimals: 3) } ?? .none,
        ]
      })
  }

  private func addPictures(to report: inout HTMLReport) throws {
    var grids: [HTMLReport.Figure] = []
    var pairs: [HTMLReport.Figure] = []
    for (row, pictures) in zip(results.rows, self.pictures) {
      grids.append(
        try HTMLReport.Figure(
          grid(pictures.samples).image, scale: 2,
          alt: "Samples, a row for each class, of \(row.name)", caption: row.name + "."))
      guard !pictures.pairs.isEmpty else { continue }
      let distances = pictures.pairs.map { String(format: "%.1f", $0.distance) }
      pairs.append(
        try HTMLReport.Figure(
          grid(ofPairs: pictures.pairs).image, scale: 2, alt: "The nearest pairs of \(row.name)",
          caption:
            "\(row.name): above the image of each class nearest to a training image, below that. "
            + "Distances: \(distances.joined(separator: ", "))."))
    }
    report.add(
      .subheading("Samples"),
      .paragraph("Not picked: ten of each class, a row for each, with the evaluation's seed."),
      .figures(grids), .subheading("Nearest training images"), .figures(pairs))
  }

  /// Ten images of each class, a row per class, as a picture.
  func grid(_ images: [Float]) -> ImageGrid {
    let (bytes, row) = (ImageDataset.bytes(images), 10 * test.pixels)
    return ImageGrid(
      classes: stride(from: 0, to: bytes.count, by: row).map { Array(bytes[$0..<$0 + row]) },
      perRow: 10, imageWidth: test.columns, imageHeight: test.rows, channels: test.shape.channels)
  }

  /// Samples above their neighbours, twenty pairs to a row.
  private func grid(ofPairs pairs: [(sample: [Float], neighbour: [Float], distance: Float)])
    -> ImageGrid
  {
    let columns = min(20, pairs.count)
    let rows = stride(from: 0, to: pairs.count, by: columns).map { first in
      pairs[first..<min(pairs.count, first + columns)]
    }
    let blank = [Float](repeating: 0, count: test.pixels)
    let images = rows.flatMap { row in
      let rest = [[Float]](repeating: blank, count: columns - row.count)
      return (row.map(\.sample) + rest + row.map(\.neighbour) + rest).flatMap(\.self)
    }
    return ImageGrid(
      images: images, imageWidth: test.columns, imageHeight: test.rows,
      channels: test.shape.channels, columns: columns,
      scale: ImageGrid.scale(width: test.columns, height: test.rows))
  }

  private static let meanings: [HTMLReport.Definition] = [
    .init(
      "Cosine",
      "The mean cosine of all pairs of images of a class: less is more varied. Noise lowers it too, so "
        + "it counts only beside accuracy."),
    .init(
      "Accuracy",
      "The part of the images that is taken for its class: by the classifier that learned from the "
        + "run's reconstructions, as in the paper, and by the judge, which learned from real images."
    ),
    .init(
      "Classification score",
      "The accuracy on real test images of a classifier that learned from these images only; for the "
        + "references, from training images and their reconstructions."),
    .init(
      "Refused",
      "The part of the draws that a guided generator threw away, since a classifier was not sure enough "
        + "of their class. The accuracy by the classifier that did so says nothing."),
    .init(
      "Fréchet distance",
      "Squared, between Gaussians fitted to the features. Kernel distance: the squared maximum mean "
        + "discrepancy with a cubic kernel."),
    .init(
      "Precision, recall",
      "The part of the images inside the support of the real ones, and the part of the real ones inside "
        + "the support of the images."),
    .init(
      "Density, coverage",
      "How many real neighbourhoods an image lies in, over k; and the part of the real neighbourhoods "
        + "that hold an image."),
    .init(
      "Closer than 99 % of test images",
      "The part of the images nearer to a training image than that: 0.01 if they are like test images. "
        + "Smooth images are nearer to everything: compare with the reconstructions of test images."
    ),
    .init(
      "Rank",
      "The chance that an image is farther from the training images than a test image: ½ if alike."),
    .init(
      "Nearer to training than test",
      "The part of the images whose nearest neighbour among as many training and test images is of the "
        + "training images: about ½ where these two sets are alike, and above where training images are "
        + "copied, however smooth the images are."),
  ]
}
