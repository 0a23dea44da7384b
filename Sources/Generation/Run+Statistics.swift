import Foundation
import Models

extension Run {
  /// The latent statistics of the run; computed from its data set, and saved, where they are missing.
  /// - Throws: `FileError` or `DeviceError`.
  public func statistics(of model: VariationalAutoencoder) throws -> LatentStatistics {
    if FileManager.default.fileExists(atPath: statisticsPath) {
      return try LatentStatistics(
        from: statisticsPath, latentDimension: model.shape.latentDimension)
    }
    let statistics = try LatentStatistics(
      of: try configuration().images(.train), under: model)
    try statistics.save(to: statisticsPath)
    return statistics
  }
}
