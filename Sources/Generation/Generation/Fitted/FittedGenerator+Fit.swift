import Compute
import Datasets
import Models
import NeuralNetwork
import Threads

extension FittedGenerator {
  /// Fits a distribution to each class.
  ///
  /// The Gaussian and the Bayes net follow from the statistics, the total covariance of encoded samples;
  /// mixture and kernel from one sample of q(z|x) for each image.
  ///
  /// - Parameters:
  ///   - kind: The family of the distribution; a diffusion is trained instead.
  ///   - images: What the model was trained on.
  ///   - model: Its encoder determines the latent vectors of the images.
  ///   - statistics: The moments of the classes under this model.
  ///   - seed: Determines the samples and the initialisations.
  ///   - theta: The temperature of every class.
  /// - Throws: `DeviceError` when the device fails.
  public init(
    _ kind: FittedKind, to images: ImageDataset, under model: VariationalAutoencoder,
    statistics: LatentStatistics, seed: UInt64, theta: Float
  ) throws {
    let classes: [ClassDistribution]
    switch kind {
    case .gaussian: classes = statistics.classes.map { Self.gaussian($0) }
    case .bayesNet: classes = statistics.classes.map { Self.bayesNet($0) }
    case .diffusion: preconditionFailure("a diffusion is trained, not fitted")
    case .mixture, .kernel:
      let samples = try EncodedSamples(of: images, under: model, seed: seed)
      classes = Self.parallel(samples.classes.count) { label in
        if samples.classes[label].count < LatentStatistics.few * samples.dimension {
          return kind == .kernel
            ? Self.kernel(ofFew: samples.classes[label], statistics.classes[label])
            : Self.gaussian(statistics.classes[label])
        }
        return kind == .kernel
          ? Self.kernel(samples.classes[label], dimension: samples.dimension)
          : Self.mixture(
            samples.classes[label], dimension: samples.dimension,
            // The samples use the steps of other seeds' bits: key.w keeps the initialisations apart.
            stream: RandomStream(
              key: SIMD4(
                UInt32(truncatingIfNeeded: seed), UInt32(truncatingIfNeeded: seed >> 32),
                RandomPurpose.fitting.rawValue, 1), counter: SIMD4(0, 0, 0, UInt32(label))))
      }
    }
    self.init(kind, classes, theta: [Float](repeating: theta, count: classes.count))
  }

  private static func doubles(_ moments: LatentStatistics.ClassMoments) -> [Double] {
    moments.covariance.map(Double.init)
  }

  /// One component with the covariance of the class.
  static func gaussian(_ moments: LatentStatistics.ClassMoments) -> ClassDistribution {
    let dimension = moments.mean.count
    let covariance = doubles(moments)
    let factor =
      Cholesky(covariance, dimension: dimension)
      ?? Cholesky(covariance, dimension: dimension, floor: floor(covariance, dimension))
    return ClassDistribution(
      mean: moments.mean, weights: [1], centers: moments.mean,
      factors: factor.lower.map { Float($0) }, note: "full covariance")
  }

  /// One component with the covariance of its tree.
  static func bayesNet(_ moments: LatentStatistics.ClassMoments) -> ClassDistribution {
    let tree = ChowLiuTree(covariance: doubles(moments), dimension: moments.mean.count)
    return ClassDistribution(
      mean: moments.mean, weights: [1], centers: moments.mean,
      factors: tree.factor.map { Float($0) }, note: "tree \(tree.text)")
  }

  /// A few components; see ``GaussianMixture``.
  static func mixture(_ vectors: [Double], dimension: Int, stream: RandomStream)
    -> ClassDistribution
  {
    let mixture = GaussianMixture.fit(vectors, dimension: dimension, stream: stream)
    return ClassDistribution(
      mean: moments(vectors, dimension: dimension).mean.map { Float($0) },
      weights: mixture.weights.map { Float($0) },
      centers: mixture.means.joined().map { Float($0) },
      factors: mixture.factors.flatMap { $0.lower.map { Float($0) } },
      note: "\(mixture.weights.count) components")
  }

  /// A component at each vector; see ``KernelBandwidth``.
  static func kernel(_ vectors: [Double], dimension: Int) -> ClassDistribution {
    let (mean, covariance) = moments(vectors, dimension: dimension)
    let factor = Cholesky(covariance, dimension: dimension, floor: floor(covariance, dimension))
    let bandwidth = KernelBandwidth.select(vectors, factor: factor)
    let count = vectors.count / dimension
    return ClassDistribution(
      mean: mean.map { Float($0) },
      weights: [Float](repeating: 1 / Float(count), count: count),
      centers: vectors.map { Float($0) },
      factors: factor.lower.map { Float(bandwidth * $0) },
      note: "bandwidth \((bandwidth * 100).rounded() / 100) of \(count) samples")
  }

  /// A component at each vector when there are too few to estimate their covariance: the class's shrunk
  /// covariance replaces it, and Scott's rule the likelihood.
  static func kernel(ofFew vectors: [Double], _ moments: LatentStatistics.ClassMoments)
    -> ClassDistribution
  {
    let (dimension, gaussian) = (moments.mean.count, gaussian(moments))
    let count = vectors.count / dimension
    let bandwidth = KernelBandwidth.scott(count: count, dimension: dimension)
    return ClassDistribution(
      mean: moments.mean, weights: [Float](repeating: 1 / Float(count), count: count),
      centers: vectors.map { Float($0) }, factors: gaussian.factors.map { Float(bandwidth) * $0 },
      note: "bandwidth \((bandwidth * 100).rounded() / 100) of \(count) samples")
  }

  /// A small fraction of the mean variance.
  private static func floor(_ covariance: [Double], _ dimension: Int) -> Double {
    1e-6 * (0..<dimension).reduce(0) { $0 + covariance[$1 * (dimension + 1)] } / Double(dimension)
  }

  /// The results of independent tasks, in order.
  private static func parallel(
    _ count: Int, _ body: @Sendable (Int) -> ClassDistribution
  ) -> [ClassDistribution] {
    [ClassDistribution?](unsafeUninitializedCapacity: count) { storage, initialized in
      storage.initialize(repeating: nil)
      nonisolated(unsafe) let results = storage
      concurrently(count) { results[$0] = body($0) }
      initialized = count
    }.compactMap { $0 }
  }
}
