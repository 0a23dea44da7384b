import Foundation

/// The bandwidth h of a kernel density with Gaussian kernels N(x_i, h²Σ), where Σ is the covariance of all
/// the vectors: the candidate that maximises the likelihood of held-out vectors.
enum KernelBandwidth {
  /// The bandwidths tried.
  static let candidates = (2...20).map { 0.05 * Double($0) }
  /// One vector in this many is held out …
  static let heldOut = 5
  /// … but at most this many in total.
  static let most = 400

  /// - Parameters:
  ///   - vectors: n × D.
  ///   - factor: That of Σ.
  static func select(_ vectors: [Double], factor: Cholesky) -> Double {
    let dimension = factor.dimension
    // In whitened coordinates the kernels are spherical.
    let whitened = factor.whiten(vectors, from: [Double](repeating: 0, count: dimension))
    let count = vectors.count / dimension
    let held = (0..<count).filter { $0 % heldOut == 0 }.prefix(most)
    let kept = (0..<count).filter { $0 % heldOut != 0 }
    guard !kept.isEmpty else { return scott(count: count, dimension: dimension) }
    var likelihoods = [Double](repeating: 0, count: candidates.count)
    var squares = [Double](repeating: 0, count: kept.count)
    for n in held {
      whitened.withUnsafeBufferPointer { all in
        for (index, m) in kept.enumerated() {
          var square = 0.0
          for d in 0..<dimension {
            let difference = all[n * dimension + d] - all[m * dimension + d]
            square += difference * difference
          }
          squares[index] = square
        }
      }
      let least = squares.min()!
      for (index, h) in candidates.enumerated() {
        // Relative to the nearest, so that not all underflow.
        let scale = 1 / (2 * h * h)
        var sum = 0.0
        for square in squares { sum += exp((least - square) * scale) }
        likelihoods[index] += log(sum) - least * scale - Double(dimension) * log(h)
      }
    }
    return candidates[likelihoods.indices.max { likelihoods[$0] < likelihoods[$1] }!]
  }

  /// Scott's rule (1992): n^(−1/(D + 4)).
  static func scott(count: Int, dimension: Int) -> Double {
    pow(Double(count), -1 / Double(dimension + 4))
  }
}
