import ArgumentParser
import Datasets
import Files
import Foundation
import Generation
import Labelling
import Models
import Reporting

struct StatisticsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "statistics",
    abstract: "Recompute the latent statistics of a run's classes, or add classes.",
    discussion: """
      With --labelled, pictures join the labels that the run uses, those of its data set if it has \
      none of its own: as new classes, or as more images of existing ones. The autoencoder is not \
      retrained; what depends on the labels is.
      """)

  @Option(name: .customLong("run"), parsing: .unconditional, help: "The folder of the run.")
  var runFolder: String

  @Option(
    parsing: .unconditional,
    help: "Labelled pictures: a folder with a subfolder for each class, or any other data set.")
  var labelled: String?

  @OptionGroup var deviceOptions: DeviceOptions

  func run() throws {
    let run = Run(runFolder)
    let configuration = try run.configuration()
    let training = try configuration.images().training
    let lock = try FolderLock(runFolder)
    defer { withExtendedLifetime(lock) {} }
    let model = try run.autoencoder(on: try deviceOptions.open())
    if let labelled {
      var labels = try run.labels() ?? RunLabels(of: training)
      let pictures = try labelledPictures(labelled, like: training, of: configuration)
      labels.add(pictures, to: training, from: labelled)
      try run.claim([run.labelsPath])
      try labels.save(to: run.labelsPath)
    }
    try run.claim([run.statisticsPath])
    unlink(run.statisticsPath)
    let statistics = try run.statistics(of: model)
    let images = try run.labelledImages(of: try run.images().training)
    var rows = [["class", "images", "mean σ"]]
    for (label, indices) in images.indicesByLabel().enumerated() {
      let spread = statistics.classes[label].spread()
      rows.append([
        images.classNames[label], String(indices.count),
        String(format: "%.3f", spread.reduce(0, +) / Float(spread.count)),
      ])
    }
    print(table(rows))
    print("saved in \(run.statisticsPath)")
  }
}

/// Pictures that the user has labelled, prepared like those of a run.
/// - Throws: `FileError` when they have no labels, or can't be read.
func labelledPictures(
  _ path: String, like training: ImageDataset, of configuration: RunConfiguration
) throws -> ImageDataset {
  var preparation = configuration.preparation ?? Preparation()
  (preparation.rows, preparation.columns) = (training.rows, training.columns)
  preparation.channels = training.shape.channels
  let images = try Dataset.loadAll(path, preparation)
  guard images.classCount > 0 else {
    throw FileError(path, "has no labels", remedy: "put the pictures into a folder for each class")
  }
  return images
}
