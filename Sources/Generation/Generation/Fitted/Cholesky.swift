import Foundation

/// The Cholesky factor L of a covariance Σ = L·Lᵀ, in double precision.
struct Cholesky: Sendable {
  /// D.
  let dimension: Int
  /// L, D × D, zeros above the diagonal.
  let lower: [Double]
  /// Lᵀ.
  private let upper: [Double]

  /// Factors a D × D matrix; nil if it is not positive definite.
  init?(_ matrix: [Double], dimension: Int) {
    precondition(matrix.count == dimension * dimension, "a covariance is D × D")
    var lower = [Double](repeating: 0, count: matrix.count)
    for i in 0..<dimension {
      for j in 0...i {
        var rest = matrix[i * dimension + j]
        for k in 0..<j { rest -= lower[i * dimension + k] * lower[j * dimension + k] }
        if i == j {
          guard rest > 0, rest.isFinite else { return nil }
          lower[i * dimension + i] = rest.squareRoot()
        } else {
          lower[i * dimension + j] = rest / lower[j * dimension + j]
        }
      }
    }
    self.dimension = dimension
    self.lower = lower
    upper = (0..<matrix.count).map { lower[$0 % dimension * dimension + $0 / dimension] }
  }

  /// Factors Σ + εI with the first ε of `floor`, 10·`floor` … for which L exists: rounding may make a
  /// singular covariance indefinite.
  init(_ matrix: [Double], dimension: Int, floor: Double) {
    var floor = max(floor, 1e-12)
    while true {
      var padded = matrix
      for d in 0..<dimension { padded[d * (dimension + 1)] += floor }
      if let factor = Cholesky(padded, dimension: dimension) {
        self = factor
        return
      }
      floor *= 10
      precondition(floor.isFinite, "a covariance must be finite")
    }
  }

  /// log |Σ|.
  var logDeterminant: Double {
    2 * (0..<dimension).reduce(0) { $0 + log(lower[$1 * (dimension + 1)]) }
  }

  /// L⁻¹(x − center) of each row x.
  ///
  /// - Parameter vectors: n × D.
  func whiten(_ vectors: [Double], from center: [Double]) -> [Double] {
    let dimension = dimension
    var result = vectors
    result.withUnsafeMutableBufferPointer { all in
      upper.withUnsafeBufferPointer { upper in
        center.withUnsafeBufferPointer { center in
          var start = 0
          while start < all.count {
            for d in 0..<dimension { all[start &+ d] -= center[d] }
            for j in 0..<dimension {
              let row = j &* dimension
              let value = all[start &+ j] / upper[row &+ j]
              all[start &+ j] = value
              var i = j &+ 1
              while i < dimension {
                all[start &+ i] -= value * upper[row &+ i]
                i &+= 1
              }
            }
            start &+= dimension
          }
        }
      }
    }
    return result
  }

  /// (x − center)ᵀ Σ⁻¹ (x − center) of each row x.
  func squaredDistances(_ vectors: [Double], from center: [Double]) -> [Double] {
    let white = whiten(vectors, from: center)
    return stride(from: 0, to: white.count, by: dimension).map { start in
      white[start..<start + dimension].reduce(0) { $0 + $1 * $1 }
    }
  }
}
