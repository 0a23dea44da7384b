import Datasets
import Models

extension LatentStatistics {
  /// The statistics of a class defined by a few images, independent of existing classes: their mean, and a
  /// spread shrunk towards those of the other classes and of all images.
  ///
  /// - Parameters:
  ///   - examples: At least one image; their labels are ignored.
  ///   - others: The existing classes; empty if nothing has a label.
  ///   - all: The images that the model was trained on.
  ///   - model: Its encoder determines the latent vectors.
  /// - Throws: `DeviceError` when the device fails.
  public init(
    ofExamples examples: ImageDataset, beside others: [ClassMoments], among all: ImageDataset,
    under model: VariationalAutoencoder
  ) throws {
    let own = try LatentSums.overall(of: examples, under: model)
    let shrinkage = Shrinkage(
      of: others, counts: others.map { _ in Double(Self.few) },
      overall: try LatentSums.overall(of: all, under: model).moments)
    classes = [shrinkage(own.moments, count: own.count)]
  }
}
