import Files
import Foundation
import Models

extension Run {
  /// Opens a generator of the run by its name.
  ///
  /// Simple takes θ and n from its search, or θ = 0.4 and n = 2 where there is none; Medium-1 and Medium-2
  /// take θ from theirs.
  /// - Throws: `FileError` when there is no generator of that name, or when what it needs is missing.
  public func generator(
    named name: String, of model: VariationalAutoencoder, statistics: LatentStatistics
  ) throws -> any Generator {
    guard let kind = GeneratorKind(rawValue: name) else {
      let names = GeneratorKind.allCases.map(\.rawValue).joined(separator: ", ")
      throw FileError("generator \(name)", "no such generator", remedy: "it can be \(names)")
    }
    if kind == .simple, !FileManager.default.fileExists(atPath: searchPath(name)) {
      return SpreadGenerator(statistics, theta: 0.4, draws: 2)
    }
    return try SearchResult.load(kind, of: self, latentDimension: model.shape.latentDimension)
      .spreadGenerator(statistics)
  }
}
