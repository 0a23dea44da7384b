import ArgumentParser
import Compute
import Datasets
import Foundation
import Generation
import Models
import Reporting

/// The options that the latent-space commands share: the run, and the picture.
struct LatentOptions: ParsableArguments {
  @Option(name: .customLong("run"), parsing: .unconditional, help: "The folder of the run.")
  var runFolder: String

  @Option(parsing: .unconditional, help: "The picture to write, a PNG file.")
  var out: String

  @OptionGroup var output: OutputOptions

  @OptionGroup var deviceOptions: DeviceOptions

  func open() throws -> LatentSpace {
    try output.check(out, .png, reading: runFolder)
    let run = Run(runFolder)
    let images = try run.images().test
    let device = try deviceOptions.open()
    let model = try run.autoencoder(on: device)
    return LatentSpace(model, try run.statistics(of: model), images)
  }

  /// Writes images as a picture with a number of columns, and shows it on a terminal.
  func write(_ images: [Float], columns: Int, of space: LatentSpace, _ settings: String) throws {
    func grid(scale: Int? = nil) -> Picture {
      ImageGrid(
        images: images, imageWidth: space.images.columns, imageHeight: space.images.rows,
        channels: space.images.shape.channels, columns: columns,
        scale: scale ?? ImageGrid.scale(width: space.images.columns, height: space.images.rows)
      ).image
    }
    try grid().writePNG(
      to: out,
      text: [("Software", "digitalis"), ("Run", runFolder), ("Settings", settings)])
    let terminal = Terminal.standardOutput()
    if terminal.isTerminal {
      print(TextPreview(grid(scale: 1)).text(width: terminal.width, color: terminal.allowsColor))
    }
    print("wrote \(out)")
  }
}

extension LatentPoint: ExpressibleByArgument {
  public init?(argument: String) { self.init(argument) }
}

struct Interpolate: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Walk through the latent space from one image or class to another.",
    discussion: "Two rows: along the line, and along the great circle.")

  @Option(parsing: .unconditional, help: "Where to start: label:N, or image:N of the test images.")
  var from: LatentPoint

  @Option(parsing: .unconditional, help: "Where to end.")
  var to: LatentPoint

  @Option(parsing: .unconditional, help: "The number of images in a row.")
  var steps = 11

  @OptionGroup var options: LatentOptions

  func run() throws {
    try OptionError.require("--steps", steps, in: 2...1000)
    let space = try options.open()
    let (start, end) = (try space.coordinates(from), try space.coordinates(to))
    let points = [false, true].flatMap {
      LatentSpace.interpolate(start, end, steps: steps, isSpherical: $0)
    }
    try options.write(
      try space.decode(points), columns: steps, of: space,
      "interpolate from \(from) to \(to), \(steps) steps: linear, spherical")
  }
}

struct Traverse: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Move along each latent dimension in turn, from −3σ to 3σ.",
    discussion: "A row for each dimension.")

  @Option(
    parsing: .unconditional,
    help: "The centre: label:N, or image:N of the test images; by default the mean of all.")
  var around: LatentPoint?

  @Option(parsing: .unconditional, help: "The number of images in a row.")
  var steps = 11

  @OptionGroup var options: LatentOptions

  func run() throws {
    try OptionError.require("--steps", steps, in: 2...1000)
    let space = try options.open()
    let overall = space.statistics.overall
    var (center, spread) = (overall.mean, overall.spread)
    if let around { center = try space.coordinates(around) }
    if case .label(let label)? = around { spread = space.statistics.classes[label].spread() }
    let points = LatentSpace.traverse(center, spread: spread, steps: steps)
    try options.write(
      try space.decode(points), columns: steps, of: space,
      "traverse around \(around.map { "\($0)" } ?? "the mean"), −3σ to 3σ, \(steps) steps")
  }
}

struct Attribute: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Add the difference between two classes, or two sets of images, to given images.",
    discussion: """
      A row for each image: the image itself, then its reconstruction with the attribute vector \
      added at increasing strength.
      """)

  @Option(
    parsing: .unconditional,
    help: "What to add: label:N, image:N or images:N,N,… of the test images.")
  var add: LatentPoint

  @Option(parsing: .unconditional, help: "What to subtract.")
  var subtract: LatentPoint

  @Option(parsing: .unconditional, help: "The test images to change: image:N or images:N,N,….")
  var to: LatentPoint

  @Option(parsing: .unconditional, help: "The strengths: comma-separated numbers.")
  var strengths = "0,0.25,0.5,0.75,1,1.25,1.5"

  @OptionGroup var options: LatentOptions

  func run() throws {
    guard case .images(let indices) = to else {
      throw OptionError("--to", "\(to)", "name test images, as in image:3 or images:1,2,3")
    }
    let strengths = try strengths.split(separator: ",", omittingEmptySubsequences: false).map {
      guard let strength = Float($0), abs(strength) <= 100 else {
        throw OptionError("--strengths", String($0), "must be numbers between -100 and 100")
      }
      return strength
    }
    let space = try options.open()
    let vector = zip(try space.coordinates(add), try space.coordinates(subtract)).map(-)
    let originals = try space.pixels(indices)
    let pixels = space.images.pixels
    var images: [Float] = []
    for (row, latent) in try space.encode(indices).enumerated() {
      images += originals[row * pixels..<(row + 1) * pixels]
      images += try space.decode(
        strengths.map { strength in zip(latent, vector).map { $0 + strength * $1 } })
    }
    try options.write(
      images, columns: strengths.count + 1, of: space,
      "attribute \(add) − \(subtract) added to \(to), strengths \(strengths)")
  }
}

struct Reconstruct: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Pass test images through the latent space.",
    discussion: "Images above their reconstructions.")

  @Option(
    parsing: .unconditional, help: "The test images: images:N,N,…; by default the first ten.")
  var of: LatentPoint = .images(Array(0..<10))

  @OptionGroup var options: LatentOptions

  func run() throws {
    guard case .images(let indices) = of else {
      throw OptionError("--of", "\(of)", "name test images, as in images:1,2,3")
    }
    let space = try options.open()
    let images = try space.pixels(indices) + (try space.decode(try space.encode(indices)))
    try options.write(images, columns: indices.count, of: space, "reconstruct \(of)")
  }
}
