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
    func sums(_ images: ImageDataset) throws -> LatentSums {
      let labels = [UInt8](repeating: 0, count: images.count)
      return try LatentSums.byClass(
        of: images.relabelled(labels, classNames: ["any"]), under: model)[0]
    }
    let own = try sums(examples)
    let shrinkage = Shrinkage(
      of: others, counts: others.map { _ in Double(Self.few) }, overall: try sums(all).moments)
    classes = [shrinkage(own.moments, count: own.count)]
  }
}
