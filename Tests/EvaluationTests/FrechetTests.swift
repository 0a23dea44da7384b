import Testing

@testable import Evaluation

@Suite struct FrechetTests {
  @Test func eigenvectorsRebuildTheMatrix() {
    for n in [1, 2, 7, 30] {
      let values = numbers(n * n).map(Double.init)
      let matrix = (0..<n * n).map { values[$0] + values[$0 % n * n + $0 / n] }
      let eigen = SymmetricEigenvalues(matrix, n)
      var scaled = eigen.vectors
      for i in 0..<n * n { scaled[i] *= eigen.values[i % n] }
      let rebuilt = product(scaled, eigen.vectors, n, transposed: true)
      let identity = product(eigen.vectors, eigen.vectors, n, transposed: true)
      for i in 0..<n * n {
        #expect(abs(rebuilt[i] - matrix[i]) < 1e-12 * Double(n))
        #expect(abs(identity[i] - (i / n == i % n ? 1 : 0)) < 1e-13 * Double(n))
      }
    }
  }

  @Test func knownEigenvalues() {
    // The second differences: 2 − 2 cos(πk / (n + 1)).
    let n = 12
    let matrix = (0..<n * n).map { i in
      abs(i / n - i % n) == 0 ? 2.0 : abs(i / n - i % n) == 1 ? -1 : 0
    }
    let values = SymmetricEigenvalues(matrix, n).values.sorted()
    for k in 1...n {
      let half = Double.pi * Double(k) / Double(2 * (n + 1))
      #expect(abs(values[k - 1] - 4 * sine(half) * sine(half)) < 1e-12)
    }
    #expect(SymmetricEigenvalues([0, 0, 0, 0], 2).values == [0, 0])
  }

  @Test func theRootSquaredIsTheMatrix() {
    let n = 9
    let factor = numbers(n * n).map(Double.init)
    let matrix = product(factor, factor, n, transposed: true)
    let root = SymmetricEigenvalues(matrix, n).squareRoot
    let square = product(root, root, n)
    for i in 0..<n * n { #expect(abs(square[i] - matrix[i]) < 1e-12) }
  }

  @Test func momentsAreThoseOfThePoints() {
    let moments = Moments([1, 2, 3, 6, 5, 4], width: 2)
    #expect(moments.mean == [3, 4])
    #expect(moments.covariance == [4, 2, 2, 4])
  }

  /// Two dimensions: tr (Σ₁Σ₂)^½ = √(tr Σ₁Σ₂ + 2√det Σ₁Σ₂).
  @Test func theClosedFormInTwoDimensions() {
    let (a, b) = (numbers(80, seed: 4), numbers(60, seed: 5).map { 2 * $0 + 1 })
    let (first, second) = (Moments(a, width: 2), Moments(b, width: 2))
    let (s, t) = (first.covariance, second.covariance)
    let trace = s[0] * t[0] + 2 * s[1] * t[1] + s[3] * t[3]
    let determinant = (s[0] * s[3] - s[1] * s[1]) * (t[0] * t[3] - t[1] * t[1])
    let root = (trace + 2 * determinant.squareRoot()).squareRoot()
    let means = zip(first.mean, second.mean).map { ($0 - $1) * ($0 - $1) }.reduce(0, +)
    let expected = means + s[0] + s[3] + t[0] + t[3] - 2 * root
    #expect(abs(first.squaredFrechetDistance(to: second) - expected) < 1e-12)
    #expect(abs(second.squaredFrechetDistance(to: first) - expected) < 1e-12)
    #expect(abs(first.squaredFrechetDistance(to: first)) < 1e-12)
  }

  @Test func singularCovariances() {
    // Along one axis each: the distance is that of the means, and of what spreads.
    let a = Moments([-1, 0, 1, 0], width: 2)
    let b = Moments([3, -2, 3, 2], width: 2)
    #expect(abs(a.squaredFrechetDistance(to: b) - (9 + 2 + 8)) < 1e-9)
  }

  /// By its series, so that the test needs no library but the tested one's.
  private func sine(_ x: Double) -> Double {
    var (term, sum) = (x, x)
    for k in 1...12 {
      term *= -x * x / Double(2 * k * (2 * k + 1))
      sum += term
    }
    return sum
  }
}
