import Compute
import Datasets
import Files
import Foundation
import Models
import NeuralNetwork

/// What the encoder makes of each class: the Gaussian of its latent vectors, dimension by dimension
/// (section 3.2 of the paper).
public struct LatentStatistics: Sendable, Equatable {
  /// The moments of one class.
  public struct ClassMoments: Sendable, Equatable {
    /// μ_y: the mean of the encoded samples, for each dimension.
    public var mean: [Float]
    /// The variance of the encoder's means over the images of the class.
    public var varianceOfMeans: [Float]
    /// The mean of the encoder's variances over the images of the class.
    public var meanOfVariances: [Float]

    /// σ_y: the standard deviation of encoded samples, by the law of total variance.
    public var spread: [Float] {
      zip(varianceOfMeans, meanOfVariances).map { ($0 + $1).squareRoot() }
    }
  }

  /// The moments of each label in turn.
  public var classes: [ClassMoments]

  /// D, the dimension of the latent space.
  public var latentDimension: Int { classes[0].mean.count }

  /// Statistics made of moments, one entry for each label.
  init(classes: [ClassMoments]) { self.classes = classes }

  /// The statistics of each class of a data set under a model's encoder.
  /// - Throws: `DeviceError` when the device fails, `FileError` when a class has no image.
  public init(of images: ImageDataset, under model: VariationalAutoencoder) throws {
    let dimension = model.shape.latentDimension
    let data = try DeviceDataset(images, on: model.device)
    var counts = [Double](repeating: 0, count: ImageDataset.classCount)
    var sums = [[Double]](
      repeating: [Double](repeating: 0, count: 3 * dimension), count: ImageDataset.classCount)
    for range in data.batches(of: 1000) {
      let encoded = try model.encode(try data.batch(range)).values()
      for (row, image) in range.enumerated() {
        let label = Int(images.labels[image])
        counts[label] += 1
        for d in 0..<dimension {
          let mean = Double(encoded[row * 2 * dimension + d])
          sums[label][d] += mean
          sums[label][dimension + d] += mean * mean
          sums[label][2 * dimension + d] += exp(
            Double(encoded[row * 2 * dimension + dimension + d]))
        }
      }
    }
    classes = try zip(counts, sums).enumerated().map { label, entry in
      let (count, sums) = entry
      guard count > 0 else {
        throw FileError(
          images.name, "has no image of the label \(label)", remedy: "use a data set of ten classes"
        )
      }
      let means = sums[..<dimension].map { $0 / count }
      return ClassMoments(
        mean: means.map { Float($0) },
        varianceOfMeans: (0..<dimension).map {
          Float(max(0, sums[dimension + $0] / count - means[$0] * means[$0]))
        },
        meanOfVariances: (0..<dimension).map { Float(sums[2 * dimension + $0] / count) })
    }
  }

  // MARK: Files

  /// Writes the statistics as a safetensors file of three arrays, classes × D.
  /// - Throws: `FileError`.
  public func save(to path: String) throws {
    func array(_ name: String, _ part: (ClassMoments) -> [Float]) -> NamedArray {
      NamedArray(name, [classes.count, latentDimension], classes.flatMap(part))
    }
    try SafeTensors.write(
      [
        array("mean", \.mean), array("varianceOfMeans", \.varianceOfMeans),
        array("meanOfVariances", \.meanOfVariances),
      ], to: path)
  }

  /// Reads the statistics of a run with latent vectors of `latentDimension` numbers.
  /// - Throws: `FileError` when the file is missing or does not fit.
  public init(from path: String, latentDimension: Int) throws {
    let arrays = try SafeTensors.read(path).arrays
    func rows(_ name: String) throws -> [[Float]] {
      guard let array = arrays[name], array.shape == [ImageDataset.classCount, latentDimension]
      else {
        throw FileError(
          path, "has no \(name) of \(ImageDataset.classCount) × \(latentDimension)",
          remedy: "restore the file or train the run again")
      }
      return stride(from: 0, to: array.values.count, by: latentDimension).map {
        Array(array.values[$0..<$0 + latentDimension])
      }
    }
    let (means, first, second) = (
      try rows("mean"), try rows("varianceOfMeans"), try rows("meanOfVariances")
    )
    guard (first + second).joined().allSatisfy({ $0 >= 0 }) else {
      throw FileError(
        path, "holds a negative variance", remedy: "restore the file or train the run again")
    }
    classes = means.indices.map {
      ClassMoments(mean: means[$0], varianceOfMeans: first[$0], meanOfVariances: second[$0])
    }
  }
}
