import ArgumentParser
import Datasets
import Files
import Foundation
import Reporting
import Training

struct DataCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "data",
    abstract: "Inspect a data set, write it as arrays, or fetch a known one.",
    subcommands: [DataShow.self, DataFetch.self], defaultSubcommand: DataShow.self)
}

struct DataShow: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show",
    abstract: "Summarise a data set; this is the default.",
    discussion: """
      Shows the number of training and test images, their size, the classes, which \
      images are duplicates, and what could not be read.
      """)

  @Argument(
    help: """
      The images: mnist, fashion-mnist, or a path: IDX files, .npy or .npz arrays, CIFAR's .bin \
      files, or folders or archives of pictures.
      """)
  var dataset: String

  @OptionGroup var preparation: PreparationOptions

  @Option(
    parsing: .unconditional,
    help:
      "Write the prepared images: as arrays to a file ending in .npz, else as IDX to a folder.")
  var out: String?

  @Option(
    parsing: .unconditional, help: "Write ten images per class, a row for each, as a PNG file.")
  var sheet: String?

  @OptionGroup var output: OutputOptions

  func run() throws {
    let preparation = try preparation.value()
    let isArchive = out?.lowercased().hasSuffix(".npz") ?? false
    if let sheet { try output.check(sheet, .png, reading: nil, also: [dataset]) }
    if let out, isArchive { try output.check(out, .zip, reading: nil, also: [dataset]) }
    let data = try Dataset.load(showing: DatasetSource(dataset), preparation)
    let summary = DatasetSummary(data)
    print(summary.lines.joined(separator: "\n"))
    for note in try data.turnedNote { print("note: \(note)") }
    if !summary.classes.isEmpty {
      let rows = summary.classes.map { [$0.name, "\($0.training)", "\($0.test)"] }
      print(table([["class", "to learn from", "to judge by"]] + rows))
    }
    if let sheet {
      let grid = contactSheet(data.training)
      try grid.image.writePNG(to: sheet, text: [("Software", "digitalis"), ("Source", dataset)])
      print("wrote \(sheet)")
    }
    if let out {
      try isArchive ? data.writeNPZ(to: out) : data.writeIDX(to: out)
      print("wrote \(out)")
    }
  }
}

struct DataFetch: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fetch",
    abstract: "Download a known data set from its publisher, and verify it.")

  @Argument(help: "\(KnownDataset.all.map(\.name).joined(separator: " or ")).")
  var name: String

  @Option(
    parsing: .unconditional,
    help: "The folder for the files; by default the one where --dataset looks for them.")
  var into: String?

  func run() throws {
    guard let set = KnownDataset(named: name) else {
      throw OptionError(
        "data fetch", name,
        "must be \(KnownDataset.all.map(\.name).joined(separator: " or "))")
    }
    try set.fetch(into: into) { print($0) }
  }
}

/// Ten images of each class, evenly spaced from its first to its last, a row per class.
private func contactSheet(_ images: ImageDataset) -> ImageGrid {
  let (shape, perClass) = (images.shape, 10)
  // Without classes, the first images.
  let rows =
    images.classCount > 0
    ? images.indicesByLabel().map { places in
      // Files with neighbouring names are often alike.
      let count = min(places.count, perClass)
      return (0..<count).map { Int(places[$0 * places.count / count]) }
    }
    : stride(from: 0, to: min(images.count, 100), by: perClass).map { first in
      Array(first..<min(images.count, first + perClass))
    }
  return ImageGrid(
    classes: rows.map { row in
      row.flatMap { images.images[$0 * shape.count..<($0 + 1) * shape.count] }
    }, perRow: perClass, imageWidth: shape.columns, imageHeight: shape.rows,
    channels: shape.channels)
}
