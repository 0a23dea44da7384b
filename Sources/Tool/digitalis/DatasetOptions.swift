import ArgumentParser
import ComputeCPU
import Datasets
import Generation
import Reporting
import Training

extension Preparation.Fit: ExpressibleByArgument {}

/// How the images of a data set are prepared for the models.
struct PreparationOptions: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: """
      The size to scale images to: 32 for 32 × 32 pixels, or WIDTHxHEIGHT such as 32x24; \
      by default their own.
      """)
  var size: String?

  @Option(
    parsing: .unconditional,
    help: "With --size: crop cuts out the centre, pad adds black borders, stretch distorts.")
  var fit: Preparation.Fit?

  @Option(
    parsing: .unconditional,
    help: "1 for grey images, 3 for colour ones; by default their own.")
  var channels: Int?

  @Flag(help: "Swap rows and columns, as the images of EMNIST need.")
  var transpose = false

  @Flag(help: "Skip files that cannot be read, and list them, instead of stopping.")
  var skipUnreadable = false

  /// The image sides, in pixels, that can be asked for.
  private static let sides = 1...1024

  /// What the options ask for.
  /// - Throws: `OptionError` for an invalid value.
  func value() throws -> Preparation {
    if let channels, channels != 1 && channels != 3 {
      throw OptionError("--channels", channels, "must be 1 (gray) or 3 (coloured)")
    }
    if let fit, size == nil { throw OptionError("--fit", fit.rawValue, "needs a --size") }
    let sides = try size.map(Self.sides(of:))
    return Preparation(
      rows: sides?.height, columns: sides?.width, fit: fit ?? .crop, channels: channels,
      isTransposed: transpose, skipsUnreadable: skipUnreadable)
  }

  /// Reads `32` or `32x24`.
  private static func sides(of text: String) throws -> (width: Int, height: Int) {
    let words = text.lowercased().split(omittingEmptySubsequences: false) { $0 == "x" || $0 == "×" }
    let numbers = words.compactMap { Int($0) }
    guard numbers.count == words.count, (1...2).contains(numbers.count),
      numbers.allSatisfy(sides.contains)
    else {
      throw OptionError(
        "--size", text,
        "must be a side or WIDTHxHEIGHT, such as 32 or 32x24, each between \(sides.lowerBound) and "
          + "\(sides.upperBound)")
    }
    return (numbers[0], numbers[numbers.count - 1])
  }
}

/// The data set, and how its images are prepared.
struct DatasetOptions: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: """
      The images: mnist, fashion-mnist, or a path: IDX files, .npy or .npz arrays, CIFAR's .bin \
      files, or folders or archives of pictures.
      """)
  var dataset = "mnist"

  @OptionGroup var preparation: PreparationOptions

  /// What the options ask for.
  /// - Throws: `OptionError` for an invalid value.
  func value() throws -> (source: DatasetSource, preparation: Preparation) {
    (DatasetSource(dataset), try preparation.value())
  }

  /// Reads the data set, shows its progress, and prints what a user should know about it.
  func load() throws -> Dataset {
    let (source, preparation) = try value()
    let data = try Dataset.load(showing: source, preparation)
    for note in try data.notes + data.turnedNote { print("note: \(note)") }
    if let first = data.leftOut.first {
      print("note: left out \(data.leftOut.count) files that cannot be read, such as \(first)")
    }
    return data
  }
}

extension Dataset {
  /// A hint if the packaged classifier finds that the images are rotated.
  var turnedNote: [String] {
    get throws {
      guard !notes.contains(where: { $0.contains("--transpose") }),
        try PackagedModel.standard().seesTurned(training, on: CPUDevice())
      else { return [] }
      return ["the images seem to lie on their side, as those of EMNIST do: try --transpose"]
    }
  }

  /// Reads a data set, and shows its progress.
  static func load(showing source: DatasetSource, _ preparation: Preparation) throws -> Dataset {
    var line = ProgressLine()
    defer { line.clear() }
    return try load(source, preparation) { done, all in
      line.update("\(done) of \(all) images")
    }
  }
}
