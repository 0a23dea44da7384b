import Autograd
import Compute
import Datasets
import Models
import NeuralNetwork
import Training

/// Samples of q(z|x), one for each image of a data set, by class: the data to which a class's distribution
/// is fitted.
struct EncodedSamples: Sendable {
  /// D.
  let dimension: Int
  /// The samples of each label in turn, n × D.
  let classes: [[Double]]

  /// Samples that are already encoded.
  init(dimension: Int, classes: [[Double]]) {
    self.dimension = dimension
    self.classes = classes
  }

  /// Encodes a data set.
  /// - Throws: `DeviceError` when the device fails.
  init(of images: ImageDataset, under model: VariationalAutoencoder, seed: UInt64) throws {
    let dimension = model.shape.latentDimension
    let data = try DeviceDataset(images, on: model.device)
    var classes = [[Double]](repeating: [], count: images.classCount)
    for (index, range) in data.ranges(of: 1000).enumerated() {
      let samples = try model.encode(try data.images(range))
        .sampled(RandomStream(seed: seed).split(.fitting).step(index)).values()
      for (row, image) in range.enumerated() {
        classes[Int(images.labels[image])] +=
          samples[row * dimension..<(row + 1) * dimension].map(Double.init)
      }
    }
    self.init(dimension: dimension, classes: classes)
  }
}

/// The mean and the covariance of some vectors, n × D.
func moments(_ vectors: [Double], dimension: Int) -> (mean: [Double], covariance: [Double]) {
  let count = Double(vectors.count / dimension)
  var mean = [Double](repeating: 0, count: dimension)
  for (i, value) in vectors.enumerated() { mean[i % dimension] += value / count }
  var covariance = [Double](repeating: 0, count: dimension * dimension)
  for start in stride(from: 0, to: vectors.count, by: dimension) {
    for i in 0..<dimension {
      let scaled = (vectors[start + i] - mean[i]) / count
      for j in 0..<dimension {
        covariance[i * dimension + j] += scaled * (vectors[start + j] - mean[j])
      }
    }
  }
  return (mean, covariance)
}
