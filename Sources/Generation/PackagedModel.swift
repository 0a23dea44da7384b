import CDefaultModel
import Compute
import Datasets
import Files
import Models
import NeuralNetwork

/// A decoder with the statistics of its classes and a generator's θ, in one small file: all that drawing
/// digits needs. One of them is part of this package.
public struct PackagedModel: Sendable {
  /// The weights of the decoder, the statistics and θ.
  let arrays: [String: NamedArray]
  /// The extents of an image.
  public let image: ImageShape
  /// The names of the classes.
  public let classNames: [String]
  /// n, the draws that are averaged.
  public let draws: Int
  /// What σ and θ stand for.
  public let convention: Convention
  /// What it was made from.
  public let origin: String

  /// The model of this package; `tools/train-default` makes it.
  /// - Throws: `FileError` when the package was built with a file that is not a model.
  public static func standard() throws -> PackagedModel {
    let bytes = UnsafeBufferPointer(
      start: digitalis_default_model(), count: digitalis_default_model_size)
    return try PackagedModel(Array(bytes), of: "the packaged model")
  }

  /// Reads a file that ``write(_:theta:draws:of:configuration:to:)`` made.
  /// - Throws: `FileError`.
  public init(_ bytes: [UInt8], of path: String) throws {
    let (arrays, metadata) = try SafeTensors.read(bytes, of: path)
    func number(_ key: String) throws -> Int {
      guard let value = metadata[key].flatMap(Int.init), (1...100_000).contains(value) else {
        throw FileError(
          path, "has no number \(key)", remedy: "make it again with: digitalis export")
      }
      return value
    }
    self.arrays = arrays
    image = ImageShape(
      rows: try number("imageRows"), columns: try number("imageColumns"),
      channels: metadata["imageChannels"] == nil ? 1 : try number("imageChannels"))
    classNames =
      try value([String].self, "classNames", in: metadata, of: path)
      ?? (0..<10).map(String.init)
    draws = try number("draws")
    convention = Convention(
      spread: metadata["spread"].flatMap(Spread.init) ?? .samples,
      theta: metadata["thetaScale"].flatMap(ThetaScale.init) ?? .deviation)
    origin = metadata["origin"] ?? path
  }

  /// The generator with the packaged θ.
  /// - Throws: `FileError` when an array is missing or has another extent.
  public func generator() throws -> SpreadGenerator {
    let theta = try rows("theta")
    let (means, first, second) = (
      try rows("mean"), try rows("varianceOfMeans"), try rows("meanOfVariances")
    )
    for (name, rows) in [
      ("theta", theta), ("varianceOfMeans", first), ("meanOfVariances", second),
    ] {
      if let negative = rows.joined().first(where: { $0 < 0 }) {
        throw FileError(
          origin, "holds \(negative) in \(name)", remedy: "make it again with: digitalis export")
      }
    }
    let statistics = LatentStatistics(
      classes: means.indices.map {
        .init(mean: means[$0], varianceOfMeans: first[$0], meanOfVariances: second[$0])
      })
    return SpreadGenerator(statistics, theta: theta, draws: draws, convention: convention)
  }

  /// The model with the packaged decoder; its encoder is not trained.
  /// - Throws: `FileError` when an array is missing or has another extent, or `DeviceError`.
  public func autoencoder(on device: any Device) throws -> VariationalAutoencoder {
    let latent = try rows("theta")[0].count
    let hidden = arrays["decoder.hidden2.bias"]?.values.count ?? 0
    guard hidden > 0 else { throw missing("decoder.hidden2.bias") }
    let shape = AutoencoderShape(
      pixels: image.count, hidden: hidden, latentDimension: latent)
    // All is there before a model of these extents takes memory.
    let decoder = shape.specifications.filter { $0.name.hasPrefix("decoder.") }
    for specification in decoder {
      guard arrays[specification.name]?.values.count == specification.shape.count else {
        throw missing(specification.name)
      }
    }
    let model = try VariationalAutoencoder(shape, seed: 0, on: device)
    let values = try zip(shape.specifications, model.parameters.values()).map {
      $0.name.hasPrefix("decoder.") ? arrays[$0.name]!.values : $1
    }
    try model.parameters.setValues(values)
    return model
  }

  private func rows(_ name: String) throws -> [[Float]] {
    let classes = classNames.count
    guard let array = arrays[name], array.shape.count == 2, array.shape[0] == classes,
      array.shape[1] == arrays["decoder.hidden1.weight"]?.shape.first, array.shape[1] > 0
    else { throw missing(name) }
    let width = array.shape[1]
    return (0..<classes).map { Array(array.values[$0 * width..<($0 + 1) * width]) }
  }

  private func missing(_ name: String) -> FileError {
    FileError(
      origin, "has no \(name), or one of another extent",
      remedy: "make it again with: digitalis export")
  }

  // MARK: Writing

  /// Writes the decoder in half precision, the statistics and θ.
  /// - Throws: `FileError` or `DeviceError`.
  public static func write(
    _ model: VariationalAutoencoder, _ generator: SpreadGenerator, of origin: String,
    configuration: RunConfiguration, classNames: [String], to path: String
  ) throws {
    var arrays: [NamedArray] = []
    for (specification, values) in zip(
      model.parameters.specifications, try model.parameters.values())
    where specification.name.hasPrefix("decoder.") {
      let shape = specification.shape
      arrays.append(
        NamedArray(
          specification.name, shape.rows == 1 ? [shape.columns] : [shape.rows, shape.columns],
          values, precision: .half))
    }
    let statistics = generator.statistics
    let extent = [statistics.classes.count, statistics.latentDimension]
    arrays += [
      NamedArray("mean", extent, statistics.classes.flatMap(\.mean)),
      NamedArray("varianceOfMeans", extent, statistics.classes.flatMap(\.varianceOfMeans)),
      NamedArray("meanOfVariances", extent, statistics.classes.flatMap(\.meanOfVariances)),
      NamedArray("theta", extent, Array(generator.theta.joined())),
    ]
    try SafeTensors.write(
      arrays,
      metadata: [
        "imageRows": String(configuration.imageRows),
        "imageColumns": String(configuration.imageColumns),
        "imageChannels": String(configuration.image.channels),
        "classNames": try json(classNames), "draws": String(generator.draws),
        "spread": generator.convention.spread.rawValue,
        "thetaScale": generator.convention.theta.rawValue, "origin": origin,
      ], to: path)
  }
}
