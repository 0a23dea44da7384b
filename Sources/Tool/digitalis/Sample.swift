import ArgumentParser
import Autograd
import Compute
import Datasets
import Files
import Foundation
import Generation
import Models
import Reporting

struct Sample: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Draw images of a class, or of all, from a trained run or the packaged model.",
    discussion: """
      The paper's generators average n draws of N(μ, θσ), with the mean μ and the spread σ of the class \
      in the latent space, and decode the result. Simple takes θ and n from the options, or from its \
      search if not given; Medium-1 and Medium-2 take θ from their search. Gaussian, Bayes \
      net, mixture and kernel are fitted with digitalis fit, and take θ from the options or from \
      there. The packaged model has a θ of its own.
      """)

  @Option(
    name: .customLong("run"), parsing: .unconditional,
    help: "The folder of the run; by default the packaged model.")
  var runFolder: String?

  @Option(
    parsing: .unconditional,
    help: "The class, by number or name; by default all classes, one per row.")
  var label: String?

  @Option(
    parsing: .unconditional,
    help: "Draw images like these pictures, comma-separated PNG or JPEG files.")
  var like: String?

  @Option(
    parsing: .unconditional, help: "The images of each class; by default 64 of one, 12 of all.")
  var count: Int?

  @Option(
    parsing: .unconditional,
    help:
      "\(Run.generatorNames.joined(separator: ", ")); simple for a run unless given.")
  var generator: String?

  @Option(
    parsing: .unconditional,
    help:
      "θ: the factor of the spread; 0.4 for simple unless searched, 1 for a fit unless searched.")
  var theta: Float?

  @Option(
    parsing: .unconditional,
    help: "n: the number of draws averaged; 2 for simple unless searched.")
  var draws: Int?

  @OptionGroup var conventionOptions: ConventionOptions

  @OptionGroup var guidance: GuidanceOptions

  @Option(parsing: .unconditional, help: "The seed of the draws.")
  var seed: UInt64 = 1

  @Option(
    parsing: .unconditional,
    help: """
      Where the samples go: one picture such as samples.png, NumPy arrays if the name ends in \
      .npz, otherwise a folder with a subfolder of pictures for each class.
      """)
  var out = "samples.png"

  @Option(
    parsing: .unconditional,
    help:
      "What to write, whatever the name: grid, folders, npz, or idx, a folder in MNIST's format."
  )
  var format: SampleFormat?

  @OptionGroup var output: OutputOptions

  @OptionGroup var deviceOptions: DeviceOptions

  func run() throws {
    let format = format ?? SampleFormat(of: out)
    let count = count ?? (label == nil && like == nil ? 12 : 64)
    try OptionError.require("--count", count, in: 1...format.limit)
    if let theta { try OptionError.require("--theta", theta, in: 0...100) }
    if let draws { try OptionError.require("--draws", draws, in: 1...1000) }
    try guidance.check()
    try checkGenerator()
    let isReplaced = try isReplaced(format)
    let source = try source()
    let labels =
      try label.map { [try number(of: $0, in: source.classNames)] }
      ?? Array(source.classNames.indices)
    guard labels.count * count <= format.limit else {
      throw OptionError(
        "--count", count, "makes \(labels.count * count) images, more than \(format.limit)")
    }
    if format == .grid {
      try writeGrid(source, labels, count, isReplaced)
    } else {
      let samples = try draw(source, labels, count)
      try samples.write(
        format, to: out, prefix: "digitalis-\(seed)", notes: notes(source, labels, count))
      print(
        "\(isReplaced ? "replaced" : "wrote") \(out): \(samples.count) images of "
          + "\(labels.count) classes")
    }
    if let guided = source.generator as? GuidedGenerator { print(guidance.text(guided)) }
  }

  /// Checks the output path before work begins; whether a file is replaced.
  private func isReplaced(_ format: SampleFormat) throws -> Bool {
    switch format {
    case .grid: return try output.check(out, .png, reading: runFolder)
    case .npz: return try output.check(out, .zip, reading: runFolder)
    case .folders, .idx:
      guard try !Run(out).exists() else {
        throw FileError(out, "holds a run", remedy: "name another folder")
      }
      return false
    }
  }

  /// Writes one picture of all, and shows it on a terminal.
  private func writeGrid(_ source: Source, _ labels: [Int], _ count: Int, _ isReplaced: Bool) throws
  {
    let images = try labels.flatMap { label in
      try source.model.images(source.generator, label: label, count: count, seed: seed).values()
    }
    let columns = labels.count > 1 ? count : Int(Double(count).squareRoot().rounded(.up))
    let bytes = ImageDataset.bytes(images)
    let row = columns * source.image.count
    func grid(scale: Int? = nil) -> ImageGrid {
      ImageGrid(
        classes: stride(from: 0, to: bytes.count, by: row).map {
          Array(bytes[$0..<min(bytes.count, $0 + row)])
        }, perRow: columns, imageWidth: source.image.columns, imageHeight: source.image.rows,
        channels: source.image.channels, scale: scale)
    }
    try grid().image.writePNG(to: out, text: notes(source, labels, count))
    let terminal = Terminal.standardOutput()
    if terminal.isTerminal {
      print(
        TextPreview(grid(scale: 1).image).text(width: terminal.width, color: terminal.allowsColor))
    }
    print(
      "\(isReplaced ? "replaced" : "wrote") \(out): \(labels.count * count) images, \(columns) to a row"
    )
  }

  /// Draws the images with everything that goes with them, in chunks.
  private func draw(_ source: Source, _ labels: [Int], _ count: Int) throws -> Samples {
    var samples = Samples(
      shape: source.image, classNames: source.classNames,
      latentDimension: source.model.shape.latentDimension)
    let (device, dimension) = (source.model.device, samples.latentDimension)
    var line = ProgressLine()
    for label in labels {
      let latents = try source.generator.latents(
        label: label, count: count, seed: seed, on: device
      ).values()
      for first in stride(from: 0, to: count, by: 1000) {
        let size = min(1000, count - first)
        let part = Array(latents[first * dimension..<(first + size) * dimension])
        let images = try source.model.images(
          at: try Tensor(part, Rows(size, dimension), on: device))
        samples.images += ImageDataset.bytes(try images.values())
        if let classifier = source.classifier {
          let seen = try classifier.probabilities(images)
          let values = try seen.values()
          samples.confidences += (0..<size).map { values[$0 * seen.shape.columns + label] }
        }
        line.update("\(samples.labels.count + first + size) of \(labels.count * count) images")
      }
      samples.latents += latents
      samples.labels += [UInt8](repeating: UInt8(label), count: count)
    }
    line.clear()
    return samples
  }

  private func checkGenerator() throws {
    guard let generator, generator != "simple" else { return }
    guard Run.generatorNames.contains(generator) else {
      throw OptionError(
        "--generator", generator, "must be one of \(Run.generatorNames.joined(separator: ", "))")
    }
    if FittedKind(rawValue: generator) == nil && (theta != nil || draws != nil) {
      throw OptionError(
        "--generator", generator, "takes θ from its search; leave out --theta and --draws")
    }
    if let draws { throw OptionError("--draws", draws, "is for simple alone") }
  }

  /// The label of a class by its number or its name.
  private func number(of label: String, in names: [String]) throws -> Int {
    if let index = names.firstIndex(where: { $0.lowercased() == label.lowercased() }) {
      return index
    }
    guard let number = Int(label), names.indices.contains(number) else {
      let hasNames = names != names.indices.map(String.init)
      throw OptionError(
        "--label", label,
        "must be between 0 and \(names.count - 1)"
          + (hasNames ? ", or one of \(names.joined(separator: ", "))" : ""))
    }
    return number
  }
}
