import Datasets
import Models

extension LatentStatistics {
  /// The statistics of a class that a few images define, whatever classes there are: their mean, and a
  /// spread that borrows from those of the other classes and of all images.
  ///
  /// - Parameters:
  ///   - examples: One image at least; their labels have no say.
  ///   - others: The classes that there are; empty where nothing has a label.
  ///   - all: The images that the model learned from.
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
