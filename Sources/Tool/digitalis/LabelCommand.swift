import ArgumentParser
import Datasets
import Files
import Foundation
import Labelling
import Models
import Reporting

struct Label: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Label a run: a few labels of your own instead of those of its data set.",
    discussion: """
      The autoencoder needs none. Statistics, classifier and generators then use these labels \
      only. --suggest chooses the pictures that are most worth a label and writes a numbered \
      sheet and a table to fill in; --labels reads such a table. --spread finds labels for most other \
      images from those of their neighbours in the latent space. Without options it shows the run's \
      labels.
      """)

  @Option(name: .customLong("run"), parsing: .unconditional, help: "The folder of the run.")
  var runFolder: String

  @Option(
    parsing: .unconditional,
    help: "A table with the columns image (the number of a training image) and label.")
  var labels: String?

  @Option(
    parsing: .unconditional,
    help: "Labelled pictures: a folder with a subfolder for each class, or any other data set.")
  var labelled: String?

  @Option(
    parsing: .unconditional,
    help: "Take N random labels of each class of the data set, to try how few suffice.")
  var labelsPerClass: Int?

  @Option(
    parsing: .unconditional,
    help: "Choose the N images that are most worth a label.")
  var suggest: Int?

  @Option(
    parsing: .unconditional,
    help: "With --suggest: the sheet, a PNG file; the table has the same name with .csv.")
  var out = "suggestions.png"

  @Flag(help: "With --suggest: label them from the data set, to try how far they go.")
  var simulate = false

  @Flag(help: "Spread the labels to the other images.")
  var spread = false

  @Option(
    parsing: .unconditional, help: "With --spread: the share of each class to keep, the surest.")
  var keep = 0.6

  @Flag(help: "Forget the labels so far, and use those of the data set unless others are given.")
  var forget = false

  @Option(parsing: .unconditional, help: "The seed of random choices.")
  var seed: UInt64 = 1

  @OptionGroup var output: OutputOptions

  @OptionGroup var deviceOptions: DeviceOptions

  func run() throws {
    try check()
    let run = Run(runFolder)
    let configuration = try run.configuration()
    let training = try configuration.images().training
    let lock = try FolderLock(runFolder)
    defer { withExtendedLifetime(lock) {} }
    if let suggest, !simulate { return try writeSuggestions(suggest, run, training) }
    let before = try run.labels()
    var labels = forget ? nil : before
    var isChanged = forget && before != nil
    if let suggest {
      let chosen = try suggestions(suggest, run, training)
      var own = RunLabels(for: training)
      let known = try chosen.map { image in
        guard training.labels[image] != ImageDataset.unlabelled else {
          throw FileError(
            training.name, "has no label for image \(image)", remedy: "leave out --simulate")
        }
        return (image, training.classNames[Int(training.labels[image])])
      }
      own.add(
        known, from: "\(suggest) suggested images, seed \(seed)", order: training.classNames)
      labels = own
    } else if let labelsPerClass {
      labels = try .choosing(labelsPerClass, ofEachClassOf: training, seed: seed)
    }
    if let path = self.labels {
      var own = labels ?? RunLabels(for: training)
      let blank = try own.add(table: path, to: training)
      if blank > 0 { print("note: \(blank) lines of \(path) have no label") }
      labels = own
    }
    if let labelled {
      var own = labels ?? RunLabels(for: training)
      let pictures = try labelledPictures(labelled, like: training, of: configuration)
      own.add(pictures, to: training, from: labelled)
      labels = own
    }
    if labels != before { isChanged = true }
    if spread {
      guard let given = labels else {
        throw OptionError(
          "--spread", "", "there are no labels to spread; give some, or --labels-per-class")
      }
      labels = try spreading(given, run, training)
      isChanged = true
    }
    if isChanged { try save(labels, of: run) }
    show(labels, training)
  }

  private func check() throws {
    if let labelsPerClass {
      try OptionError.require("--labels-per-class", labelsPerClass, in: 1...1_000_000)
    }
    if let suggest { try OptionError.require("--suggest", suggest, in: 1...10_000) }
    try OptionError.require("--keep", keep, in: 0...1)
    if suggest != nil && labelsPerClass != nil {
      throw OptionError("--suggest", suggest ?? 0, "cannot go with --labels-per-class")
    }
    if simulate && suggest == nil { throw OptionError("--simulate", "", "needs --suggest") }
    if suggest != nil && !simulate && (labels != nil || labelled != nil || spread) {
      throw OptionError(
        "--suggest", suggest ?? 0, "writes a table to fill in; read that by --labels afterwards")
    }
  }

  /// Writes the labels, and removes what was derived from others and is recomputed automatically.
  private func save(_ labels: RunLabels?, of run: Run) throws {
    if let labels {
      try run.claim([run.labelsPath])
      try labels.save(to: run.labelsPath)
    } else {
      unlink(run.labelsPath)
    }
    unlink(run.statisticsPath)
  }

  private func labeller(_ labels: RunLabels?, _ run: Run, _ training: ImageDataset) throws
    -> Labeller
  {
    let extra = labels.flatMap { labels in
      labels.extra.isEmpty
        ? nil
        : ImageDataset(
          name: "labelled images", images: labels.extra,
          labels: [UInt8](
            repeating: ImageDataset.unlabelled, count: labels.extra.count / training.pixels),
          shape: training.shape, classNames: [])
    }
    let model = try run.autoencoder(on: try deviceOptions.open())
    return try Labeller(training, extra: extra, under: model)
  }

  private func suggestions(_ count: Int, _ run: Run, _ training: ImageDataset) throws -> [Int] {
    try labeller(nil, run, training).suggestions(count, seed: seed)
  }

  private func spreading(_ given: RunLabels, _ run: Run, _ training: ImageDataset) throws
    -> RunLabels
  {
    let (labels, all) = try labeller(given, run, training).spreading(given, keeping: keep)
    // The true accuracy, where known, is shown but never used.
    let names = training.classNames
    func rightShare(_ images: some Sequence<Int>) -> (share: Double, count: Int) {
      let known = images.filter {
        $0 < training.count && training.labels[$0] != ImageDataset.unlabelled
          && names.contains(labels.classNames[all.labels[$0]])
      }
      let right = known.filter {
        names[Int(training.labels[$0])] == labels.classNames[all.labels[$0]]
      }
      return (Double(right.count) / Double(max(1, known.count)), known.count)
    }
    let isGiven = Set(given.given.map(\.image))
    let everything = rightShare(training.labels.indices.filter { !isGiven.contains($0) })
    let kept = rightShare(labels.entries.filter { $0.certainty != nil }.map(\.image))
    print("\(labels.entries.count - labels.given.count) labels found, beside the given ones")
    if everything.count > 0 {
      print(
        String(
          format: "by the data set's own labels: %.1f %% of what was kept is right, %.1f %% of all",
          100 * kept.share, 100 * everything.share))
    }
    return labels
  }

  private func writeSuggestions(_ count: Int, _ run: Run, _ training: ImageDataset) throws {
    let table = (out as NSString).deletingPathExtension + ".csv"
    try output.check(out, .png, reading: runFolder)
    try output.check(table, .other, reading: runFolder)
    let chosen = try suggestions(count, run, training)
    let picked = training.selecting(chosen.map(Int32.init))
    let sheet = NumberedSheet(
      bytes: picked.images, imageWidth: training.columns, imageHeight: training.rows,
      channels: training.shape.channels, columns: 10,
      scale: ImageGrid.scale(width: training.columns, height: training.rows))
    try sheet.image.writePNG(
      to: out, text: [("Software", "digitalis"), ("Run", runFolder), ("Seed", String(seed))])
    let lines = chosen.enumerated().map { "\($0 + 1),\($1)," }
    try writeAtomically(
      (["number,image,label"] + lines).joined(separator: "\n") + "\n", to: table)
    print("wrote \(out) and \(table): \(chosen.count) pictures to label")
    print(
      "fill in the labels, and read them with: digitalis label --run \(runFolder) --labels \(table) "
        + "--spread")
  }

  private func show(_ labels: RunLabels?, _ training: ImageDataset) {
    guard let labels else {
      let names = training.classNames
      print(
        names.isEmpty
          ? "no image has a label"
          : "the run goes by the data set's own labels: \(training.labelled.count) images of "
            + "\(names.count) classes")
      return
    }
    let (given, all) = (labels.counts(of: labels.given), labels.counts(of: labels.entries))
    var rows = [["class", "given", "found"]]
    for (label, name) in labels.classNames.enumerated() {
      rows.append([name, String(given[label]), String(all[label] - given[label])])
    }
    print("labels: \(labels.source)")
    print(table(rows))
  }
}
