import ArgumentParser
import Datasets
import Files
import Foundation
import Generation
import Models
import Reporting

struct Sample: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Draw images of a class, or of all, from a trained run.",
    discussion: """
      A generator averages n draws of N(μ, θσ), with the mean μ and the spread σ of the class in the \
      latent space, and decodes the result. Simple takes θ and n from the options, or from its \
      search where they are not given; Medium-1 and Medium-2 take θ from their search.
      """)

  @Option(name: .customLong("run"), help: "The folder of the run.")
  var runFolder: String

  @Option(
    parsing: .unconditional, help: "The class, 0 to 9; all classes, one to a row, unless given.")
  var label: Int?

  @Option(
    parsing: .unconditional, help: "The images of each class; 64 of one, 12 of all unless given.")
  var count: Int?

  @Option(help: "simple, medium1 or medium2.")
  var generator = GeneratorKind.simple

  @Option(
    parsing: .unconditional,
    help: "θ: the factor of the spread; 0.4 for simple unless searched.")
  var theta: Float?

  @Option(
    parsing: .unconditional,
    help: "n: the draws that are averaged; 2 for simple unless searched.")
  var draws: Int?

  @Option(help: "The seed of the draws.")
  var seed: UInt64 = 1

  @Option(help: "The picture, a PNG file.")
  var out = "samples.png"

  @OptionGroup var deviceOptions: DeviceOptions

  func run() throws {
    let classes = 0...ImageDataset.classCount - 1
    if let label { try OptionError.require("--label", label, in: classes) }
    let count = count ?? (label == nil ? 12 : 64)
    try OptionError.require("--count", count, in: 1...10_000)
    if let theta { try OptionError.require("--theta", theta, in: 0...100) }
    if let draws { try OptionError.require("--draws", draws, in: 1...1000) }
    if generator != .simple, theta != nil || draws != nil {
      throw OptionError(
        "--generator", generator.rawValue, "takes θ from its search; leave out --theta and --draws")
    }

    let folder = Run(runFolder)
    let configuration = try folder.configuration()
    let device = try deviceOptions.open()
    let model = try folder.autoencoder(on: device)
    let (spread, settings) = try spreadGenerator(folder, model)
    let labels = label.map { [$0] } ?? Array(classes)
    let images = try labels.flatMap { label in
      try model.images(spread, label: label, count: count, seed: seed).values()
    }

    let columns = labels.count > 1 ? count : Int(Double(count).squareRoot().rounded(.up))
    func grid(scale: Int) -> ImageGrid {
      ImageGrid(
        images: images, imageWidth: configuration.imageColumns,
        imageHeight: configuration.imageRows, columns: columns, scale: scale)
    }
    try grid(scale: 2).image.writePNG(to: out, text: notes(settings, labels, count))
    let terminal = Terminal.standardOutput()
    if terminal.isTerminal {
      print(
        TextPreview(grid(scale: 1).image).text(width: terminal.width, color: terminal.allowsColor))
    }
    print("wrote \(out): \(labels.count * count) images, \(columns) to a row")
  }

  /// The generator that the options ask for, and its settings in words.
  private func spreadGenerator(_ folder: Run, _ model: VariationalAutoencoder) throws -> (
    SpreadGenerator, String
  ) {
    let statistics = try folder.statistics(of: model)
    let isSearched = FileManager.default.fileExists(atPath: folder.searchPath("simple"))
    if generator != .simple || (theta == nil && draws == nil && isSearched) {
      let result = try SearchResult.load(
        generator, of: folder, latentDimension: model.shape.latentDimension)
      return (
        SpreadGenerator(statistics, theta: result.theta, draws: result.draws),
        "generator \(generator.rawValue), theta searched, draws \(result.draws)"
      )
    }
    let (theta, draws) = (theta ?? 0.4, draws ?? 2)
    return (
      SpreadGenerator(statistics, theta: theta, draws: draws),
      "generator simple, theta \(theta), draws \(draws)"
    )
  }

  /// What made the picture, for its text chunks.
  private func notes(_ settings: String, _ labels: [Int], _ count: Int) -> [(
    key: String, value: String
  )] {
    [
      ("Software", "digitalis"), ("Run", runFolder), ("Seed", String(seed)),
      (
        "Settings",
        "\(settings), labels \(labels.map(String.init).joined(separator: " ")), count \(count)"
      ),
    ]
  }
}
