import CDefaultModel
import Compute
import Datasets
import Files
import Models
import NeuralNetwork
import Training

/// A decoder with a generator, in one small file: all that drawing needs. One is included in this package.
///
/// The generator is one of the paper's, as the statistics of the classes and θ, or a fitted one; a
/// classifier may be included, to keep only what it is sure of.
public struct PackagedModel: Sendable {
  /// The weights, the statistics and the generator's arrays.
  let arrays: [String: NamedArray]
  /// The shape of an image.
  public let image: ImageShape
  /// The names of the classes.
  public let classNames: [String]
  /// n, the number of draws averaged.
  public let draws: Int
  /// The meaning of σ and θ.
  public let convention: Convention
  /// The kind of a fitted generator; nil for one of the paper's.
  public let kind: FittedKind?
  /// The extents of the autoencoder; nil in a file of an older version, whose arrays tell.
  private let writtenShape: AutoencoderShape?
  /// The extents and settings of a diffusion, as text.
  private let diffusion: String?
  /// How sure the classifier must be of a draw's class; nil if none is included.
  public let minimumConfidence: Float?
  /// Its origin.
  public let origin: String

  /// The model of this package, made by `tools/studies/train-default`.
  /// - Throws: `FileError` when the package was built with a file that is not a model.
  public static func standard() throws -> PackagedModel {
    let bytes = UnsafeBufferPointer(
      start: digitalis_default_model(), count: digitalis_default_model_size)
    return try PackagedModel(Array(bytes), of: "the packaged model")
  }

  /// Reads a file written by ``write(_:statistics:_:guide:of:configuration:classNames:to:)``.
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
    kind = metadata["generator"].flatMap(FittedKind.init)
    writtenShape = try value(AutoencoderShape.self, "shape", in: metadata, of: path)
    diffusion = metadata["diffusion"]
    minimumConfidence = metadata["minimumConfidence"].flatMap(Float.init)
    origin = metadata["origin"] ?? path
    guard (1...ImageDataset.classLimit).contains(classNames.count) else {
      throw FileError(
        path, "names \(classNames.count) classes", remedy: "make it again with: digitalis export")
    }
    guard metadata["generator"] == nil || kind != nil,
      metadata["minimumConfidence"] == nil || (0...1).contains(minimumConfidence ?? -1)
    else {
      throw FileError(
        path, "names no generator, or no confidence, that there is",
        remedy: "make it again with: digitalis export")
    }
    try writtenShape?.check(image, in: path, remedy: "make it again with: digitalis export")
  }

  /// The packaged generator, without its classifier.
  /// - Parameter device: The device that a diffusion draws on.
  /// - Throws: `FileError` when an array is missing or has another shape, or `DeviceError`.
  public func generator(on device: any Device) throws -> any Generator {
    guard let kind else {
      let theta = try rows("theta")
      try checkNotNegative(theta, "theta")
      return SpreadGenerator(
        try statistics(), theta: theta, draws: draws, convention: convention)
    }
    let own = Dictionary(
      uniqueKeysWithValues: arrays.filter { $0.key.hasPrefix("generator.") }
        .map { (String($0.key.dropFirst("generator.".count)), $0.value) })
    func wrong(_ problem: String) -> FileError {
      FileError(origin, problem, remedy: "make it again with: digitalis export")
    }
    let (count, dimension) = (classNames.count, try shape().latentDimension)
    return kind == .diffusion
      ? try LatentDiffusion(
        own, notes: diffusion, classes: count, dimension: dimension, on: device, wrong: wrong)
      : try FittedGenerator(kind, own, classes: count, dimension: dimension, wrong: wrong)
  }

  /// The statistics of the classes.
  /// - Throws: `FileError` when an array is missing or has another shape.
  public func statistics() throws -> LatentStatistics {
    let (means, first, second) = (
      try rows("mean"), try rows("varianceOfMeans"), try rows("meanOfVariances")
    )
    try checkNotNegative(first, "varianceOfMeans")
    try checkNotNegative(second, "meanOfVariances")
    return LatentStatistics(
      classes: means.indices.map {
        .init(mean: means[$0], varianceOfMeans: first[$0], meanOfVariances: second[$0])
      })
  }

  private func checkNotNegative(_ rows: [[Float]], _ name: String) throws(FileError) {
    guard let negative = rows.joined().first(where: { $0 < 0 }) else { return }
    throw FileError(
      origin, "holds \(negative) in \(name)", remedy: "make it again with: digitalis export")
  }

  /// The packaged classifier; nil if there is none.
  /// - Throws: `FileError` when an array is missing or has another shape, or `DeviceError`.
  public func classifier(on device: any Device) throws -> Classifier? {
    guard minimumConfidence != nil else { return nil }
    try Classifier.check(image, of: origin)
    let values = try Classifier.parameters(image, classes: classNames.count).map {
      try self.values("classifier.", $0)
    }
    let classifier = try Classifier(image, classes: classNames.count, seed: 0, on: device)
    try classifier.parameters.setValues(values)
    return classifier
  }

  /// The weights of a parameter.
  private func values(_ prefix: String, _ parameter: ParameterDescription) throws(FileError)
    -> [Float]
  {
    let name = prefix + parameter.name
    guard let values = arrays[name]?.values, values.count == parameter.shape.count else {
      throw missing(name)
    }
    return values
  }

  /// The model with the packaged decoder; its encoder is not trained.
  /// - Throws: `FileError` when an array is missing or has another shape, or `DeviceError`.
  public func autoencoder(on device: any Device) throws -> VariationalAutoencoder {
    let shape = try shape()
    // Everything is checked before a model of this size is allocated.
    let parameters = try shape.parameters.filter { $0.name.hasPrefix("decoder.") }
    for parameter in parameters {
      guard arrays[parameter.name]?.values.count == parameter.shape.count else {
        throw missing(parameter.name)
      }
    }
    let model = try VariationalAutoencoder(shape, seed: 0, on: device)
    try model.parameters["decoder"].setValues(parameters.map { arrays[$0.name]!.values })
    return model
  }

  /// The extents of the autoencoder.
  private func shape() throws(FileError) -> AutoencoderShape {
    if let writtenShape { return writtenShape }
    let hidden = arrays["decoder.hidden2.bias"]?.values.count ?? 0
    guard hidden > 0 else { throw missing("decoder.hidden2.bias") }
    let latent = arrays["decoder.hidden1.weight"]?.shape.first ?? 0
    guard latent > 0 else { throw missing("decoder.hidden1.weight") }
    return AutoencoderShape(pixels: image.count, hidden: hidden, latentDimension: latent)
  }

  private func rows(_ name: String) throws -> [[Float]] {
    let classes = classNames.count
    guard let array = arrays[name], array.shape.count == 2, array.shape[0] == classes,
      array.shape[1] == (try shape().latentDimension)
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

  /// Writes the decoder in half precision, the statistics, and the generator.
  ///
  /// - Parameters:
  ///   - model: The autoencoder, of which the decoder is written.
  ///   - statistics: The moments of its classes.
  ///   - generator: A ``SpreadGenerator``, a ``FittedGenerator`` or a ``LatentDiffusion``.
  ///   - guide: The classifier that guides it, and how sure it must be.
  ///   - origin: Its origin, in words.
  ///   - configuration: That of the run, for the extents of an image.
  ///   - classNames: The names of the classes.
  ///   - path: The file.
  /// - Throws: `FileError` or `DeviceError`.
  public static func write(
    _ model: VariationalAutoencoder, statistics: LatentStatistics, _ generator: any Generator,
    guide: (classifier: Classifier, minimumConfidence: Float)? = nil, of origin: String,
    configuration: RunConfiguration, classNames: [String], to path: String
  ) throws {
    let extent = [statistics.classes.count, statistics.latentDimension]
    var arrays =
      try weights(of: model.parameters) { $0.hasPrefix("decoder.") ? $0 : nil } + [
        NamedArray("mean", extent, statistics.classes.flatMap(\.mean)),
        NamedArray("varianceOfMeans", extent, statistics.classes.flatMap(\.varianceOfMeans)),
        NamedArray("meanOfVariances", extent, statistics.classes.flatMap(\.meanOfVariances)),
      ]
    var metadata = [
      "imageRows": String(configuration.imageRows),
      "imageColumns": String(configuration.imageColumns),
      "imageChannels": String(configuration.image.channels),
      "classNames": try json(classNames), "draws": "1", "origin": origin,
      "shape": try json(model.shape),
    ]
    if let spread = generator as? SpreadGenerator {
      arrays.append(NamedArray("theta", extent, Array(spread.theta.joined())))
      metadata["draws"] = String(spread.draws)
      metadata["spread"] = spread.convention.spread.rawValue
      metadata["thetaScale"] = spread.convention.theta.rawValue
    } else if let fitted = generator as? FittedGenerator {
      metadata["generator"] = fitted.kind.rawValue
      arrays += fitted.arrays.map {
        NamedArray(
          "generator.\($0.name)", $0.shape, $0.values,
          precision: $0.name.hasSuffix("centers") ? .half : .single)
      }
    } else if let diffusion = generator as? LatentDiffusion {
      metadata["generator"] = FittedKind.diffusion.rawValue
      metadata["diffusion"] = try diffusion.notes()
      arrays += try diffusion.arrays().map {
        NamedArray(
          "generator.\($0.name)", $0.shape, $0.values,
          precision: $0.name.hasPrefix("velocity.") ? .half : .single)
      }
    } else {
      preconditionFailure("a \(type(of: generator)) can't be packed")
    }
    if let guide {
      metadata["minimumConfidence"] = String(guide.minimumConfidence)
      arrays += try weights(of: guide.classifier.parameters) { "classifier.\($0)" }
    }
    try SafeTensors.write(arrays, metadata: metadata, to: path)
  }

  /// Weights in half precision, those that `name` gives a name.
  private static func weights(
    of parameters: Parameters, _ name: (String) -> String?
  ) throws -> [NamedArray] {
    zip(parameters.descriptions, try parameters.values()).compactMap { parameter, values in
      name(parameter.name).map {
        NamedArray($0, parameter.extents, values, precision: .half)
      }
    }
  }
}
