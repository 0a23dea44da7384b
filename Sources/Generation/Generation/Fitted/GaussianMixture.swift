import Compute
import Foundation

/// A mixture of Gaussians with full covariances, fitted to the vectors of a class by
/// expectation–maximisation (Dempster, Laird and Rubin, 1977).
struct GaussianMixture: Sendable {
  /// The share of each component.
  var weights: [Double]
  /// The mean of each component.
  var means: [[Double]]
  /// The factor of the covariance of each component.
  var factors: [Cholesky]
  /// The mean of log p over the vectors that it was fitted to, in nats.
  var logLikelihood = -Double.infinity

  /// The numbers of components tried.
  static let sizes = [1, 2, 3, 4, 6, 8, 11, 15, 20]

  /// The mixture whose number of components minimises the Bayesian information criterion (Schwarz, 1978),
  /// −2 log L + p log n with p free parameters; the second rise ends the trials.
  static func fit(_ vectors: [Double], dimension: Int, stream: RandomStream) -> GaussianMixture {
    let count = vectors.count / dimension
    var best: (mixture: GaussianMixture, criterion: Double)?
    var rises = 0
    for (index, size) in sizes.enumerated() where size == 1 || size * (dimension + 1) <= count {
      var numbers = stream
      numbers.counter.z = stream.counter.z &+ UInt32(index)
      let mixture = GaussianMixture(vectors, dimension: dimension, size: size, stream: numbers)
      let criterion = mixture.criterion(count: count)
      if criterion < best?.criterion ?? .infinity {
        best = (mixture, criterion)
        rises = 0
      } else {
        rises += 1
        if rises == 2 { break }
      }
    }
    return best!.mixture
  }

  /// The criterion over the `count` vectors that it was fitted to.
  func criterion(count: Int) -> Double {
    let (size, dimension) = (weights.count, means[0].count)
    let free = size * (dimension + dimension * (dimension + 1) / 2) + size - 1
    return -2 * logLikelihood * Double(count) + Double(free) * log(Double(count))
  }

  /// A mixture of `size` components, initialised by k-means++ (Arthur and Vassilvitskii, 2007).
  init(_ vectors: [Double], dimension: Int, size: Int, stream: RandomStream) {
    let count = vectors.count / dimension
    let overall = moments(vectors, dimension: dimension)
    let trace = (0..<dimension).reduce(0) { $0 + overall.covariance[$1 * (dimension + 1)] }
    // A component on few vectors must not collapse to a point.
    let floor = 1e-4 * trace / Double(dimension)
    let nearest = Self.clusters(vectors, dimension: dimension, size: size, stream: stream)
    var shares = [Double](repeating: 0, count: count * size)
    for (i, cluster) in nearest.enumerated() { shares[i * size + cluster] = 1 }
    self.init(
      weights: [Double](repeating: 1 / Double(size), count: size),
      means: [[Double]](repeating: overall.mean, count: size),
      factors: [Cholesky](
        repeating: Cholesky(overall.covariance, dimension: dimension, floor: floor), count: size))
    for _ in 0..<200 {
      maximize(vectors, shares, floor: floor)
      let before = logLikelihood
      shares = expect(vectors)
      if logLikelihood - before < 1e-4 { break }
    }
  }

  private init(weights: [Double], means: [[Double]], factors: [Cholesky]) {
    (self.weights, self.means, self.factors) = (weights, means, factors)
  }

  // MARK: Expectation and maximisation

  /// The responsibility of each component for each vector, count × size; updates the likelihood.
  private mutating func expect(_ vectors: [Double]) -> [Double] {
    var logs = logDensities(vectors)
    let size = weights.count
    var total = 0.0
    for start in stride(from: 0, to: logs.count, by: size) {
      let row = start..<start + size
      let greatest = logs[row].max()!
      let sum = logs[row].reduce(0) { $0 + exp($1 - greatest) }
      for i in row { logs[i] = exp(logs[i] - greatest) / sum }
      total += greatest + log(sum)
    }
    logLikelihood = total / Double(logs.count / size)
    return logs
  }

  /// log(weight · density) of each vector in each component, count × size.
  private func logDensities(_ vectors: [Double]) -> [Double] {
    let (size, dimension) = (weights.count, means[0].count)
    var logs = [Double](repeating: 0, count: vectors.count / dimension * size)
    for k in 0..<size {
      let constant =
        log(weights[k]) - 0.5 * (factors[k].logDeterminant + Double(dimension) * log(2 * .pi))
      for (n, square) in factors[k].squaredDistances(vectors, from: means[k]).enumerated() {
        logs[n * size + k] = constant - 0.5 * square
      }
    }
    return logs
  }

  /// The weights, means and covariances for these responsibilities.
  private mutating func maximize(_ vectors: [Double], _ shares: [Double], floor: Double) {
    let (size, dimension) = (weights.count, means[0].count)
    let count = vectors.count / dimension
    for k in 0..<size {
      var total = 0.0
      var mean = [Double](repeating: 0, count: dimension)
      for n in 0..<count where shares[n * size + k] > 1e-10 {
        let share = shares[n * size + k]
        total += share
        for d in 0..<dimension { mean[d] += share * vectors[n * dimension + d] }
      }
      weights[k] = max(total / Double(count), 1e-300)
      guard total > 1e-6 else { continue }  // Nothing is left of it.
      for d in 0..<dimension { mean[d] /= total }
      means[k] = mean
      let covariance = Self.covariance(
        vectors, shares, k, of: size, mean: mean, total: total)
      factors[k] = Cholesky(covariance, dimension: dimension, floor: floor)
    }
  }

  private static func covariance(
    _ vectors: [Double], _ shares: [Double], _ k: Int, of size: Int, mean: [Double], total: Double
  ) -> [Double] {
    let dimension = mean.count
    // Σ (x − c)(x − c)ᵀ as the product of a matrix with itself: a component has few rows.
    var scaled: [Double] = []
    for n in 0..<vectors.count / dimension where shares[n * size + k] > 1e-10 {
      let root = (shares[n * size + k] / total).squareRoot()
      for d in 0..<dimension { scaled.append(root * (vectors[n * dimension + d] - mean[d])) }
    }
    var covariance = [Double](repeating: 0, count: dimension * dimension)
    covariance.withUnsafeMutableBufferPointer { sums in
      scaled.withUnsafeBufferPointer { all in
        var start = 0
        while start < all.count {
          for i in 0..<dimension {
            let (value, row) = (all[start &+ i], i &* dimension)
            for j in 0...i { sums[row &+ j] += value * all[start &+ j] }
          }
          start &+= dimension
        }
      }
      for i in 0..<dimension {
        for j in 0..<i { sums[j * dimension + i] = sums[i * dimension + j] }
      }
    }
    return covariance
  }

  // MARK: The start

  /// The nearest of `size` centers for each vector; each center is a vector drawn in proportion to the
  /// squared distance from those before.
  static func clusters(
    _ vectors: [Double], dimension: Int, size: Int, stream: RandomStream
  ) -> [Int] {
    let count = vectors.count / dimension
    var distances = [Double](repeating: .infinity, count: count)
    var nearest = [Int](repeating: 0, count: count)
    for k in 0..<size {
      let word = threefry(key: stream.key, counter: stream.counter &+ SIMD4(UInt32(k), 0, 0, 0)).x
      let uniform = Double(word >> 8) * 0x1p-24
      var center = k == 0 ? Int(uniform * Double(count)) : count - 1
      if k > 0 {
        var rest = uniform * distances.reduce(0, +)
        for n in 0..<count {
          rest -= distances[n]
          if rest < 0 {
            center = n
            break
          }
        }
      }
      for n in 0..<count {
        var square = 0.0
        for d in 0..<dimension {
          let difference = vectors[n * dimension + d] - vectors[center * dimension + d]
          square += difference * difference
        }
        if square < distances[n] { (distances[n], nearest[n]) = (square, k) }
      }
    }
    return nearest
  }
}
