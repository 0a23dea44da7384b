import Compute
import Datasets
import Foundation
import Models
import Training

/// The sums from which the moments of a class are computed.
struct LatentSums {
  /// The number of images.
  var count = 0.0
  /// Sums of the encoder's means, of their products, and of its variances: D × (D + 2).
  private var sums: [Double]
  private let dimension: Int

  private init(dimension: Int) {
    self.dimension = dimension
    sums = [Double](repeating: 0, count: dimension * (dimension + 2))
  }

  /// The sums of each class of some images under a model's encoder.
  /// - Throws: `DeviceError` when the device fails.
  static func byClass(of images: ImageDataset, under model: VariationalAutoencoder) throws
    -> [LatentSums]
  {
    let dimension = model.shape.latentDimension
    let data = try DeviceDataset(images, on: model.device)
    var classes = [LatentSums](repeating: .init(dimension: dimension), count: images.classCount)
    for range in data.ranges(of: 1000) {
      let encoded = try model.encode(try data.images(range)).values()
      for (row, image) in range.enumerated() {
        let label = Int(images.labels[image])
        classes[label].add(encoded[2 * row * dimension..<2 * (row + 1) * dimension])
      }
    }
    return classes
  }

  /// The sums of all images together, whatever their labels.
  /// - Throws: `DeviceError` when the device fails.
  static func overall(of images: ImageDataset, under model: VariationalAutoencoder) throws
    -> LatentSums
  {
    let labels = [UInt8](repeating: 0, count: images.count)
    return try byClass(of: images.relabelled(labels, classNames: ["any"]), under: model)[0]
  }

  /// Adds the encoder's output for an image: means before log variances.
  private mutating func add(_ encoded: ArraySlice<Float>) {
    count += 1
    let start = encoded.startIndex
    for d in 0..<dimension {
      let mean = Double(encoded[start + d])
      sums[d] += mean
      for e in 0..<dimension {
        sums[(d + 1) * dimension + e] += mean * Double(encoded[start + e])
      }
      sums[(dimension + 1) * dimension + d] += exp(Double(encoded[start + dimension + d]))
    }
  }

  /// The moments of the class.
  var moments: LatentStatistics.ClassMoments {
    let moments = sums.map { $0 / count }
    let mean = moments[..<dimension]
    var covariance = (0..<dimension * dimension).map {
      Float(moments[dimension + $0] - mean[$0 / dimension] * mean[$0 % dimension])
    }
    for d in 0..<dimension {
      covariance[d * (dimension + 1)] = max(0, covariance[d * (dimension + 1)])
    }
    return LatentStatistics.ClassMoments(
      mean: mean.map { Float($0) }, covarianceOfMeans: covariance,
      meanOfVariances: moments.suffix(dimension).map { Float($0) })
  }
}

/// Shrinks the spread of a class of few images towards that of all classes, and that, if these too have
/// few, towards the spread of all images, labelled or not: one image has none of its own.
///
/// Each is a mean weighted by degrees of freedom: a class of n images has n − 1, the classes together have
/// their sum, and each prior has the number below.
struct Shrinkage {
  /// The weight of the spread of all classes in that of a class, in images.
  static let pooledWeight = 10.0

  private let covariance: [Double]
  private let variances: [Double]

  /// The spread within the classes.
  init(
    of classes: [LatentStatistics.ClassMoments], counts: [Double],
    overall: LatentStatistics.ClassMoments
  ) {
    let prior = Double(overall.mean.count)
    func pool(
      _ part: (LatentStatistics.ClassMoments) -> [Float], differences: Double
    ) -> [Double] {
      var sum = part(overall).map { prior * Double($0) }
      for (moments, count) in zip(classes, counts) {
        for (index, value) in part(moments).enumerated() { sum[index] += count * Double(value) }
      }
      return sum.map { $0 / (prior + differences) }
    }
    let all = counts.reduce(0, +)
    covariance = pool(\.covarianceOfMeans, differences: all - Double(counts.count))
    variances = pool(\.meanOfVariances, differences: all)
  }

  /// The moments of a class with its shrunk spread.
  func callAsFunction(_ moments: LatentStatistics.ClassMoments, count: Double)
    -> LatentStatistics.ClassMoments
  {
    func shrunk(_ own: [Float], _ pooled: [Double], differences: Double) -> [Float] {
      zip(own, pooled).map {
        Float((count * Double($0) + Self.pooledWeight * $1) / (differences + Self.pooledWeight))
      }
    }
    return LatentStatistics.ClassMoments(
      mean: moments.mean,
      covarianceOfMeans: shrunk(moments.covarianceOfMeans, covariance, differences: count - 1),
      meanOfVariances: shrunk(moments.meanOfVariances, variances, differences: count))
  }
}
