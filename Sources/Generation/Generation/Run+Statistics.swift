import Files
import Foundation
import Models

extension Run {
  /// The latent statistics of the run; if missing, computed from its data set and, if possible, saved.
  /// - Throws: `FileError` or `DeviceError`.
  public func statistics(of model: VariationalAutoencoder) throws -> LatentStatistics {
    if FileManager.default.fileExists(atPath: statisticsPath) {
      try checkOrigin(
        of: statisticsPath, origin,
        remedy: "remove the file; it is computed again from the run's data set")
      return try LatentStatistics(
        from: statisticsPath, classes: try classNames().count,
        latentDimension: model.shape.latentDimension)
    }
    let training = try images().training
    let statistics = try LatentStatistics(
      of: try labelledImages(of: training), among: training, under: model)
    do {
      try claim([statisticsPath])
      try statistics.save(to: statisticsPath, origin: try origin())
    } catch is FileError {
      // With read-only access they are computed each time.
    }
    return statistics
  }
}
