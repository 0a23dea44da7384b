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
      The Simple generator averages n draws of N(μ, θσ), with the mean μ and the spread σ of the \
      class in the latent space, and decodes the result.
      """)

  @Option(name: .customLong("run"), help: "The folder of the run.")
  var runFolder: String

  @Option(
    parsing: .unconditional, help: "The class, 0 to 9; all classes, one to a row, unless given.")
  var label: Int?

  @Option(
    parsing: .unconditional, help: "The images of each class; 64 of one, 12 of all unless given.")
  var count: Int?

  @Option(parsing: .unconditional, help: "θ: the factor of the spread.")
  var theta: Float = 0.4

  @Option(parsing: .unconditional, help: "n: the draws that are averaged.")
  var draws = 2

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
    try OptionError.require("--theta", theta, in: 0...100)
    try OptionError.require("--draws", draws, in: 1...1000)

    let folder = Run(runFolder)
    let configuration = try folder.configuration()
    let device = try deviceOptions.open()
    let model = try folder.autoencoder(on: device)
    let generator = SimpleGenerator(
      try folder.statistics(of: model), theta: theta, draws: draws)
    let labels = label.map { [$0] } ?? Array(classes)
    let images = try labels.flatMap { label in
      try model.images(generator, label: label, count: count, seed: seed).values()
    }

    let columns = labels.count > 1 ? count : Int(Double(count).squareRoot().rounded(.up))
    func grid(scale: Int) -> ImageGrid {
      ImageGrid(
        images: images, imageWidth: configuration.imageColumns,
        imageHeight: configuration.imageRows, columns: columns, scale: scale)
    }
    try grid(scale: 2).image.writePNG(to: out, text: notes(labels, count))
    let terminal = Terminal.standardOutput()
    if terminal.isTerminal {
      print(
        TextPreview(grid(scale: 1).image).text(width: terminal.width, color: terminal.allowsColor))
    }
    print("wrote \(out): \(labels.count * count) images, \(columns) to a row")
  }

  /// What made the picture, for its text chunks.
  private func notes(_ labels: [Int], _ count: Int) -> [(key: String, value: String)] {
    [
      ("Software", "digitalis"), ("Run", runFolder), ("Seed", String(seed)),
      (
        "Settings",
        "generator simple, theta \(theta), draws \(draws), "
          + "labels \(labels.map(String.init).joined(separator: " ")), count \(count)"
      ),
    ]
  }
}
