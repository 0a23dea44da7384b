import Compute
import Foundation
import Testing

@testable import Generation

/// Standard normal numbers of a fixed stream.
private func normals(_ count: Int, _ use: UInt32) -> [Double] {
  (0..<count).map { i in
    let words = threefry(key: SIMD4(3, 0, use, 0), counter: SIMD4(UInt32(i), 0, 0, 0))
    let radius = (-2 * log((Double(words.x) + 1) * 0x1p-32)).squareRoot()
    return radius * cos(2 * .pi * Double(words.y) * 0x1p-32)
  }
}

/// A·B for square matrices.
private func product(_ a: [Double], _ b: [Double], transposed: Bool = false) -> [Double] {
  let n = Int(Double(a.count).squareRoot())
  return (0..<a.count).map { i -> Double in
    let (row, column) = (i / n, i % n)
    var sum = 0.0
    for k in 0..<n {
      sum += a[row * n + k] * (transposed ? b[column * n + k] : b[k * n + column])
    }
    return sum
  }
}

@Suite struct CholeskyTests {
  private static let matrix = [4, 2, -2, 2, 10, 5, -2, 5, 9.0]

  @Test func factorByHand() throws {
    let factor = try #require(Cholesky(Self.matrix, dimension: 3))
    #expect(factor.lower == [2, 0, 0, 1, 3, 0, -1, 2, 2])
    #expect(abs(factor.logDeterminant - log(144)) < 1e-12)
  }

  @Test func solveUndoesTheFactor() throws {
    let factor = try #require(Cholesky(Self.matrix, dimension: 3))
    // L·(1, −2, 3) = (2, −5, 1), and L·(0, 0, 1) = (0, 0, 2).
    let vectors = [3.0, -4, 2, 1, 1, 3]
    #expect(factor.whiten(vectors, from: [1, 1, 1]) == [1, -2, 3, 0, 0, 1])
    #expect(factor.squaredDistances(vectors, from: [1, 1, 1]) == [14, 1])
  }

  @Test func singularMatricesGetAFloor() throws {
    let singular = [1.0, 1, 1, 1]
    #expect(Cholesky(singular, dimension: 2) == nil)
    #expect(Cholesky([1, 2, 2, 1], dimension: 2) == nil)
    let factor = Cholesky(singular, dimension: 2, floor: 1e-6)
    let back = product(factor.lower, factor.lower, transposed: true)
    for (value, expected) in zip(back, singular) { #expect(abs(value - expected) < 2e-6) }
    let zero = Cholesky([0, 0, 0, 0], dimension: 2, floor: 0)
    #expect(zero.lower.allSatisfy { $0 < 1e-5 })
  }
}

@Suite struct ChowLiuTreeTests {
  /// 2 is the parent of 0 and 3, and 3 of 1, with other spreads.
  private static let parents: [Int?] = [2, 3, nil, 2]
  private static let spreads = [2.0, 0.5, 1, 3]

  /// The covariance of that tree: a correlation is the product of those along the path.
  private static var covariance: [Double] {
    // 0.42 = 0.6·0.7, −0.56 = 0.7·(−0.8), −0.336 = 0.6·0.7·(−0.8).
    let rho: [[Double]] = [
      [1, -0.336, 0.6, 0.42], [-0.336, 1, -0.56, -0.8], [0.6, -0.56, 1, 0.7],
      [0.42, -0.8, 0.7, 1],
    ]
    return (0..<16).map { index -> Double in
      let (i, j) = (index / 4, index % 4)
      return rho[i][j] * spreads[i] * spreads[j]
    }
  }

  private static func edges(_ parents: [Int?]) -> Set<Set<Int>> {
    Set(parents.enumerated().compactMap { child, parent in parent.map { [child, $0] } })
  }

  @Test func findsAKnownTree() {
    let tree = ChowLiuTree(covariance: Self.covariance, dimension: 4)
    #expect(Self.edges(tree.parents) == Self.edges(Self.parents))
    #expect(tree.parents[0] == nil, "dimension 0 is the root")
    for (place, i) in tree.order.enumerated() {
      if let parent = tree.parents[i] {
        #expect(tree.order.prefix(place).contains(parent), "parents come first")
      }
    }
  }

  /// Where the distribution is a tree, sampling by it has the very covariance.
  @Test func keepsTheCovarianceOfATree() {
    let factor = ChowLiuTree(covariance: Self.covariance, dimension: 4).factor
    let back = product(factor, factor, transposed: true)
    for (value, expected) in zip(back, Self.covariance) { #expect(abs(value - expected) < 1e-12) }
  }

  /// Of any covariance it keeps the variances and those of the edges, and of all 16 trees of four
  /// numbers it has the most mutual information.
  @Test func isTheBestTree() {
    let root = normals(16, 1)
    let covariance = product(root, root, transposed: true)
    let tree = ChowLiuTree(covariance: covariance, dimension: 4)
    let kept = product(tree.factor, tree.factor, transposed: true)
    for i in 0..<4 {
      #expect(abs(kept[5 * i] - covariance[5 * i]) < 1e-12)
      if let p = tree.parents[i] {
        #expect(abs(kept[4 * i + p] - covariance[4 * i + p]) < 1e-12)
      }
    }
    func information(_ i: Int, _ j: Int) -> Double {
      let (a, b, c) = (covariance[5 * i], covariance[5 * j], covariance[4 * i + j])
      let square: Double = c * c / (a * b)
      return -0.5 * log(1 - square)
    }
    let pairs = (0..<4).flatMap { i in (0..<i).map { (i, $0) } }
    var best = 0.0
    var trees = 0
    for subset in 0..<64 where subset.nonzeroBitCount == 3 {
      let edges = pairs.enumerated().filter { subset >> $0.offset & 1 == 1 }.map(\.element)
      var part = [0, 1, 2, 3]
      for _ in 0..<4 {
        for (i, j) in edges {
          (part[i], part[j]) = (min(part[i], part[j]), min(part[i], part[j]))
        }
      }
      guard part == [0, 0, 0, 0] else { continue }
      trees += 1
      best = max(best, edges.reduce(0) { $0 + information($1.0, $1.1) })
    }
    #expect(trees == 16)
    let own = tree.parents.enumerated().reduce(0) { sum, entry in
      entry.element.map { sum + information(entry.offset, $0) } ?? sum
    }
    #expect(abs(own - best) < 1e-12)
  }

  @Test func constantsAndCopiesAreNoTrouble() {
    // Dimension 1 is constant, and 2 is twice dimension 0.
    let tree = ChowLiuTree(covariance: [1, 0, 2, 0, 0, 0, 2, 0, 4], dimension: 3)
    #expect(tree.parents[2] == 0)
    #expect(tree.deviations[2] == 0 && tree.slopes[2] == 2)
    #expect(tree.factor.allSatisfy { $0.isFinite })
  }
}

@Suite struct GaussianMixtureTests {
  /// Three Gaussians in the plane: their shares, means and covariances.
  private static let shares = [0.5, 0.3, 0.2]
  private static let means: [[Double]] = [[0, 0], [6, 1], [-3, 7]]
  private static let covariances: [[Double]] = [[1, 0, 0, 1], [2, 1.2, 1.2, 1], [0.3, 0, 0, 2]]
  private static let count = 4000

  private static let groups = [0..<2000, 2000..<3200, 3200..<4000]

  private static let vectors: [Double] = {
    let noise = normals(2 * count, 2)
    return (0..<count).flatMap { n -> [Double] in
      let k = groups.firstIndex { $0.contains(n) }!
      let lower = Cholesky(covariances[k], dimension: 2)!.lower
      let (a, b) = (noise[2 * n], noise[2 * n + 1])
      let x: Double = means[k][0] + lower[0] * a
      let y: Double = means[k][1] + lower[2] * a + lower[3] * b
      return [x, y]
    }
  }()

  private static let stream = RandomStream(seed: 1, purpose: 21)

  @Test func findsAKnownMixture() {
    let mixture = GaussianMixture.fit(Self.vectors, dimension: 2, stream: Self.stream)
    #expect(mixture.weights.count == 3, "by the criterion")
    for (k, mean) in Self.means.enumerated() {
      func distance(_ i: Int) -> Double {
        hypot(mixture.means[i][0] - mean[0], mixture.means[i][1] - mean[1])
      }
      let i = mixture.means.indices.min { distance($0) < distance($1) }!
      #expect(distance(i) < 0.15)
      #expect(abs(mixture.weights[i] - Self.shares[k]) < 0.01)
      let lower = mixture.factors[i].lower
      let back = product(lower, lower, transposed: true)
      // The moments of the vectors that were drawn from it: the heaps hardly overlap.
      let own = Self.groups[k].flatMap { [Self.vectors[2 * $0], Self.vectors[2 * $0 + 1]] }
      for (value, expected) in zip(back, moments(own, dimension: 2).covariance) {
        #expect(abs(value - expected) < 0.1, "component \(k)")
      }
    }
  }

  /// One component is the Gaussian with the moments of the vectors, whose likelihood is known.
  @Test func oneComponentIsTheGaussian() {
    let (mean, covariance) = moments(Self.vectors, dimension: 2)
    let mixture = GaussianMixture(Self.vectors, dimension: 2, size: 1, stream: Self.stream)
    for d in 0..<2 { #expect(abs(mixture.means[0][d] - mean[d]) < 1e-9) }
    let determinant = covariance[0] * covariance[3] - covariance[1] * covariance[2]
    // −½ log |2πΣ| − D/2 at the maximum.
    let expected: Double = -log(2 * Double.pi) - 0.5 * log(determinant) - 1
    #expect(abs(mixture.logLikelihood - expected) < 1e-3)
    let free = 5.0
    let count = Double(Self.count)
    let criterion: Double = -2 * expected * count + free * log(count)
    #expect(abs(mixture.criterion(count: Self.count) - criterion) < 5)
  }

  @Test func moreComponentsAreMoreLikely() {
    let sizes = [1, 2, 3].map {
      GaussianMixture(Self.vectors, dimension: 2, size: $0, stream: Self.stream).logLikelihood
    }
    #expect(sizes == sizes.sorted() && sizes[2] > sizes[0] + 0.5)
  }

  /// The likelihood by the textbook, not by the code's own density.
  @Test func likelihoodIsThatOfTheDensity() {
    let mixture = GaussianMixture(Self.vectors, dimension: 2, size: 3, stream: Self.stream)
    var total = 0.0
    for n in 0..<Self.count {
      var density = 0.0
      for k in 0..<3 {
        let l = mixture.factors[k].lower
        let s = product(l, l, transposed: true)
        let determinant = s[0] * s[3] - s[1] * s[2]
        let x = Self.vectors[2 * n] - mixture.means[k][0]
        let y = Self.vectors[2 * n + 1] - mixture.means[k][1]
        let (xx, xy, yy) = (s[3] * x * x, (s[1] + s[2]) * x * y, s[0] * y * y)
        let form: Double = (xx - xy + yy) / determinant
        let scale: Double = 2 * Double.pi * determinant.squareRoot()
        density += mixture.weights[k] * exp(-form / 2) / scale
      }
      total += log(density)
    }
    #expect(abs(mixture.logLikelihood - total / Double(Self.count)) < 1e-9)
  }

  @Test func equalVectorsAreNoTrouble() {
    let same = [Double](repeating: 2, count: 60)
    let mixture = GaussianMixture.fit(same, dimension: 2, stream: Self.stream)
    #expect(mixture.means[0] == [2, 2] && mixture.logLikelihood.isFinite)
  }
}

@Suite struct KernelBandwidthTests {
  /// Of all candidates, the one that gives the held-out vectors the greatest density by the textbook.
  @Test(arguments: [1, 2]) func isTheMostLikely(_ dimension: Int) throws {
    let count = 300
    let scales = [3.0, 0.2]
    // Two heaps, so that the best is neither end of the line.
    let vectors = normals(count * dimension, 4).enumerated().map { i, value -> Double in
      scales[i % dimension] * (value + (i / dimension % 3 == 0 ? 4 : 0))
    }
    let (_, covariance) = moments(vectors, dimension: dimension)
    let factor = try #require(Cholesky(covariance, dimension: dimension))
    let determinant =
      dimension == 1
      ? covariance[0] : covariance[0] * covariance[3] - covariance[1] * covariance[2]
    func squared(_ n: Int, _ m: Int) -> Double {
      let x = vectors[n * dimension] - vectors[m * dimension]
      if dimension == 1 { return x * x / determinant }
      let y = vectors[n * dimension + 1] - vectors[m * dimension + 1]
      let (xx, xy, yy) = (covariance[3] * x * x, 2 * covariance[1] * x * y, covariance[0] * y * y)
      return (xx - xy + yy) / determinant
    }
    func likelihood(_ h: Double) -> Double {
      var total = 0.0
      for n in 0..<count where n % 5 == 0 {
        var density = 0.0
        for m in 0..<count where m % 5 != 0 { density += exp(-squared(n, m) / (2 * h * h)) }
        total += log(density / pow(h, Double(dimension)))
      }
      return total
    }
    let best = KernelBandwidth.candidates.max { likelihood($0) < likelihood($1) }!
    #expect(best > 0.1 && best < 1)
    #expect(KernelBandwidth.select(vectors, factor: factor) == best)
  }

  /// Two far and narrow heaps ask for much narrower kernels than their common covariance.
  @Test func narrowHeapsHaveNarrowKernels() throws {
    let noise = normals(1000, 5)
    let vectors = noise.enumerated().map { i, value -> Double in value + (i % 2 == 0 ? -50 : 50) }
    let factor = try #require(Cholesky(moments(vectors, dimension: 1).covariance, dimension: 1))
    #expect(KernelBandwidth.select(vectors, factor: factor) == KernelBandwidth.candidates[0])
  }
}
