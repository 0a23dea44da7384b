import Compute
import Datasets
import Models
import NeuralNetwork

extension Run {
  /// The training images, by its own labels only, of the classifier of a run with labels: the labelled
  /// images, their reconstructions, and, for classes with few, draws of a kernel generator fitted to them.
  ///
  /// - Parameters:
  ///   - labelled: The images with a label.
  ///   - model: The autoencoder of the run.
  ///   - seed: Determines reconstructions and draws.
  /// - Throws: `FileError` when a class has no image; `DeviceError`.
  public func classifierImages(
    _ labelled: ImageDataset, of model: VariationalAutoencoder, seed: UInt64
  ) throws -> ImageDataset {
    // As many of each class as a classifier needs.
    let wanted = 1000
    let noise = RandomStream(seed: seed).split(.reconstruction).step(2)
    let images = labelled.appending(try model.reconstruct(labelled, noise: noise))
    let missing = images.indicesByLabel().map { max(0, wanted - $0.count) }
    guard missing.contains(where: { $0 > 0 }) else { return images }
    let kernel = try FittedGenerator(
      .kernel, to: labelled, under: model, statistics: try statistics(of: model), seed: seed,
      theta: 1)
    var (bytes, labels): ([UInt8], [UInt8]) = ([], [])
    for (label, count) in missing.enumerated() where count > 0 {
      let drawn = try model.images(kernel, label: label, count: count, seed: seed).values()
      bytes += ImageDataset.bytes(drawn)
      labels += [UInt8](repeating: UInt8(label), count: count)
    }
    return images.appending(
      ImageDataset(
        name: images.name, images: bytes, labels: labels, shape: images.shape,
        classNames: images.classNames))
  }
}
