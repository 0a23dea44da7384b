/// The mean and covariance of points, in double precision.
struct Moments {
  let mean: [Double]
  /// Width × width, with the divisor count − 1.
  let covariance: [Double]

  /// The moments of count × width numbers, of at least two points.
  init(_ values: [Float], width: Int) {
    let count = values.count / width
    precondition(count >= 2, "a covariance needs two points")
    var mean = [Double](repeating: 0, count: width)
    for (index, value) in values.enumerated() { mean[index % width] += Double(value) }
    for d in 0..<width { mean[d] /= Double(count) }
    var sums = [Double](repeating: 0, count: width * width)
    var centered = [Double](repeating: 0, count: width)
    for point in 0..<count {
      for d in 0..<width { centered[d] = Double(values[point * width + d]) - mean[d] }
      for i in 0..<width where centered[i] != 0 {
        let factor = centered[i]
        for j in i..<width { sums[i * width + j] += factor * centered[j] }
      }
    }
    for i in 0..<width {
      for j in i..<width {
        sums[i * width + j] /= Double(count - 1)
        sums[j * width + i] = sums[i * width + j]
      }
    }
    self.mean = mean
    covariance = sums
  }

  /// The squared Fréchet distance of the Gaussians with two moments (Dowson and Landau, 1982; Heusel et
  /// al., 2017): ‖μ₁ − μ₂‖² + tr(Σ₁ + Σ₂ − 2(Σ₁Σ₂)^½), where the last trace is that of
  /// (Σ₁^½ Σ₂ Σ₁^½)^½, a symmetric matrix.
  func squaredFrechetDistance(to other: Moments) -> Double {
    let n = mean.count
    let root = SymmetricEigenvalues(covariance, n).squareRoot
    let inner = product(product(root, other.covariance, n), root, n)
    let trace = SymmetricEigenvalues(inner, n).values.map { max(0, $0).squareRoot() }.reduce(0, +)
    let means = zip(mean, other.mean).map { ($0 - $1) * ($0 - $1) }.reduce(0, +)
    let variances = (0..<n).map { covariance[$0 * (n + 1)] + other.covariance[$0 * (n + 1)] }
    return means + variances.reduce(0, +) - 2 * trace
  }
}
