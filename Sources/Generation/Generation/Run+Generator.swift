import Files
import Foundation
import Models

extension Run {
  /// The names of all generators.
  public static let generatorNames =
    GeneratorKind.allCases.map(\.rawValue) + FittedKind.allCases.map(\.rawValue)

  /// Opens a generator of the run by its name.
  ///
  /// Simple takes θ and n from its search, or θ = 0.4 and n = 2 if there is none; Medium-1 and Medium-2
  /// take θ from theirs; the others are as fitted and saved.
  /// - Throws: `FileError` when there is no generator of that name, or something it needs is missing.
  public func generator(
    named name: String, of model: VariationalAutoencoder, statistics: LatentStatistics
  ) throws -> any Generator {
    let (count, dimension) = (statistics.classes.count, model.shape.latentDimension)
    if let kind = FittedKind(rawValue: name) {
      return try fittedGenerator(kind, of: model, classes: count)
    }
    guard let kind = GeneratorKind(rawValue: name) else {
      throw FileError(
        "generator \(name)", "no such generator",
        remedy: "it can be \(Self.generatorNames.joined(separator: ", "))")
    }
    if kind == .simple, !FileManager.default.fileExists(atPath: searchPath(name)) {
      return SpreadGenerator(statistics, theta: 0.4, draws: 2)
    }
    return try SearchResult.load(kind, of: self, classes: count, latentDimension: dimension)
      .spreadGenerator(statistics)
  }

  /// Opens a generator that was fitted and saved with the run.
  /// - Throws: `FileError` when it is missing or does not match the run, `DeviceError` when the device has no room.
  public func fittedGenerator(
    _ kind: FittedKind, of model: VariationalAutoencoder, classes count: Int
  ) throws -> any TemperedGenerator {
    kind == .diffusion
      ? try LatentDiffusion.load(of: self, classes: count, for: model)
      : try FittedGenerator.load(
        kind, of: self, classes: count, latentDimension: model.shape.latentDimension)
  }
}
