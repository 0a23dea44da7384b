import Compute
import Datasets
import Models
import Training

/// The accuracy on real test images of a classifier trained only on other images (Ravuri and Vinyals,
/// 2019): what is missing in these, it cannot learn.
enum ClassificationScore {
  /// Trains a classifier of the paper's architecture on an image for each label, and tests it.
  ///
  /// - Parameters:
  ///   - progress: Gets the number of images done in all epochs, and the total.
  /// - Returns: The accuracy, or nil if `shouldStop` said so.
  static func accuracy(
    learningFrom source: any ImageSource, labels: [UInt8], test: ImageDataset, epochs: Int,
    seed: UInt64, on device: any Device, progress: (Int, Int) throws -> Void,
    shouldStop: () -> Bool
  ) throws -> Double? {
    let pixels = test.pixels
    var bytes = [UInt8](repeating: 0, count: labels.count * pixels)
    try draw(labels, from: source, seed: seed, for: .classification) { places, images in
      let values = ImageDataset.bytes(try images.values())
      for (row, place) in places.enumerated() {
        bytes.replaceSubrange(
          place * pixels..<(place + 1) * pixels, with: values[row * pixels..<(row + 1) * pixels])
      }
    }
    let images = ImageDataset(
      name: "samples", images: bytes, labels: labels, shape: test.shape,
      classNames: test.classNames)
    let training = try ClassifierTraining(
      reconstructing: nil, training: images, test: test, epochs: epochs, seed: seed, on: device)
    var accuracy: Double?
    for epoch in 0..<epochs {
      let result = try training.runEpoch(
        progress: {
          try progress(epoch * labels.count + $0.images, epochs * labels.count)
        }, shouldStop: shouldStop)
      guard let result else { return nil }
      accuracy = result.testAccuracy
    }
    return accuracy
  }
}
