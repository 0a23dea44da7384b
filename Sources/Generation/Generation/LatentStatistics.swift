import Compute
import Datasets
import Files
import Foundation
import Models
import NeuralNetwork

/// The moments of each class's latent vectors (section 3.2 of the paper).
public struct LatentStatistics: Sendable, Equatable {
  /// The moments of one class.
  public struct ClassMoments: Sendable, Equatable {
    /// μ_y: the mean of the encoded samples, for each dimension.
    public var mean: [Float]
    /// The covariance of the encoder's means over the images of the class, D × D.
    public var covarianceOfMeans: [Float]
    /// The mean of the encoder's variances over the images of the class.
    public var meanOfVariances: [Float]

    /// Moments whose dimensions are uncorrelated.
    public init(mean: [Float], varianceOfMeans: [Float], meanOfVariances: [Float]) {
      self.mean = mean
      self.meanOfVariances = meanOfVariances
      let dimension = mean.count
      covarianceOfMeans = [Float](repeating: 0, count: dimension * dimension)
      for d in 0..<dimension { covarianceOfMeans[d * (dimension + 1)] = varianceOfMeans[d] }
    }

    /// Moments with the covariance of the means, D × D.
    init(mean: [Float], covarianceOfMeans: [Float], meanOfVariances: [Float]) {
      self.mean = mean
      self.covarianceOfMeans = covarianceOfMeans
      self.meanOfVariances = meanOfVariances
    }

    /// The variance of the encoder's means, for each dimension.
    public var varianceOfMeans: [Float] {
      mean.indices.map { covarianceOfMeans[$0 * (mean.count + 1)] }
    }

    /// The covariance of the encoded samples, D × D: the encoder draws dimensions independently, so its
    /// variances add to the diagonal.
    public var covariance: [Float] {
      var covariance = covarianceOfMeans
      for (d, variance) in meanOfVariances.enumerated() {
        covariance[d * (mean.count + 1)] += variance
      }
      return covariance
    }

    /// σ_y: the standard deviation of encoded samples, by the law of total variance, or of the encoder's
    /// means only.
    public func spread(of kind: Spread = .samples) -> [Float] {
      switch kind {
      case .samples: zip(varianceOfMeans, meanOfVariances).map { ($0 + $1).squareRoot() }
      case .means: varianceOfMeans.map { $0.squareRoot() }
      }
    }
  }

  /// The moments of each label in turn.
  public var classes: [ClassMoments]

  /// D, the dimension of the latent space.
  public var latentDimension: Int { classes[0].mean.count }

  /// Statistics from moments, one entry for each label.
  init(classes: [ClassMoments]) { self.classes = classes }

  /// Classes of fewer images are shrunk towards the others.
  public static let few = 100

  /// The statistics of each class of a data set under a model's encoder.
  ///
  /// - Parameters:
  ///   - images: The labelled images.
  ///   - all: All images that the model was trained on, if most have no label: classes of few images are
  ///     shrunk towards them. By default `images`.
  ///   - model: Its encoder determines the latent vectors.
  /// - Throws: `DeviceError` when the device fails, `FileError` when a class has no image.
  public init(
    of images: ImageDataset, among all: ImageDataset? = nil, under model: VariationalAutoencoder
  ) throws {
    let sums = try LatentSums.byClass(of: images, under: model)
    if let label = sums.firstIndex(where: { $0.count == 0 }) {
      throw FileError(
        images.name, "has no labelled image of class \(images.classNames[label])",
        remedy: "label one at least with: digitalis label")
    }
    classes = sums.map(\.moments)
    guard sums.contains(where: { $0.count < Double(Self.few) }) else { return }
    let overall = try LatentSums.overall(of: all ?? images, under: model).moments
    let shrinkage = Shrinkage(of: classes, counts: sums.map(\.count), overall: overall)
    classes = zip(classes, sums).map { moments, sums in
      sums.count < Double(Self.few) ? shrinkage(moments, count: sums.count) : moments
    }
  }

  // MARK: Files

  /// Writes the statistics as a safetensors file: `mean` and `meanOfVariances`, classes × D, and
  /// `covarianceOfMeans`, classes × D × D.
  ///
  /// - Parameters:
  ///   - path: The file.
  ///   - origin: The checksum of the weights that they were computed from.
  /// - Throws: `FileError`.
  public func save(to path: String, origin: String? = nil) throws {
    let extent = [classes.count, latentDimension]
    try SafeTensors.write(
      [
        NamedArray("mean", extent, classes.flatMap(\.mean)),
        NamedArray(
          "covarianceOfMeans", extent + [latentDimension], classes.flatMap(\.covarianceOfMeans)),
        NamedArray("meanOfVariances", extent, classes.flatMap(\.meanOfVariances)),
      ], metadata: origin.map { ["origin": $0] } ?? [:], to: path)
  }

  /// Reads the statistics of `count` classes with latent vectors of `latentDimension` numbers.
  /// - Throws: `FileError` when the file is missing or does not match.
  public init(from path: String, classes count: Int, latentDimension: Int) throws {
    let remedy = "remove the file; it is computed again from the run's data set"
    let arrays = try SafeTensors.read(path).arrays
    func rows(_ name: String, _ extent: [Int]) throws -> [[Float]] {
      let shape = [count] + extent
      guard let array = arrays[name], array.shape == shape else {
        let text = shape.map(String.init).joined(separator: " × ")
        throw FileError(path, "has no \(name) of \(text)", remedy: remedy)
      }
      let width = array.values.count / count
      return stride(from: 0, to: array.values.count, by: width).map {
        Array(array.values[$0..<$0 + width])
      }
    }
    let (means, covariances, variances) = (
      try rows("mean", [latentDimension]),
      try rows("covarianceOfMeans", [latentDimension, latentDimension]),
      try rows("meanOfVariances", [latentDimension])
    )
    classes = means.indices.map {
      ClassMoments(
        mean: means[$0], covarianceOfMeans: covariances[$0], meanOfVariances: variances[$0])
    }
    guard classes.allSatisfy({ ($0.varianceOfMeans + $0.meanOfVariances).allSatisfy { $0 >= 0 } })
    else { throw FileError(path, "holds a negative variance", remedy: remedy) }
  }
}
