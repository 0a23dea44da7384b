import Foundation

/// The tree-shaped Bayes net nearest to a Gaussian in Kullback–Leibler divergence (Chow and Liu, 1968):
/// the spanning tree with the most mutual information, which for two Gaussian variables of correlation ρ is
/// −½ log(1 − ρ²) nats. Each variable depends only on its parent.
struct ChowLiuTree: Sendable, Equatable {
  /// The parent of each dimension; nil for the root, dimension 0.
  let parents: [Int?]
  /// The dimensions, parents before children.
  let order: [Int]
  /// The regression slope of each dimension on its parent, ρσ_i / σ_p; 0 for the root.
  let slopes: [Double]
  /// The standard deviation of each dimension given its parent, σ_i √(1 − ρ²).
  let deviations: [Double]

  /// The tree of a D × D covariance.
  init(covariance: [Double], dimension: Int) {
    func correlation(_ i: Int, _ j: Int) -> Double {
      let scale = covariance[i * (dimension + 1)] * covariance[j * (dimension + 1)]
      guard scale > 0 else { return 0 }
      // Rounding may exceed 1.
      return max(-1, min(1, covariance[i * dimension + j] / scale.squareRoot()))
    }
    var parents = [Int?](repeating: nil, count: dimension)
    var order = [0]
    var slopes = [Double](repeating: 0, count: dimension)
    var deviations = (0..<dimension).map { max(0, covariance[$0 * (dimension + 1)]).squareRoot() }
    let spreads = deviations
    // Prim's algorithm: the vertex with the strongest edge into the tree joins next.
    var best = (0..<dimension).map {
      (information: Self.information(correlation(0, $0)), parent: 0)
    }
    var outside = Set(1..<max(1, dimension))
    while let next = outside.max(by: {
      // The first of equals, so that the tree is deterministic.
      (best[$0].information, $1) < (best[$1].information, $0)
    }) {
      outside.remove(next)
      let parent = best[next].parent
      let rho = correlation(next, parent)
      parents[next] = parent
      order.append(next)
      slopes[next] = spreads[parent] > 0 ? rho * spreads[next] / spreads[parent] : 0
      deviations[next] = spreads[next] * max(0, 1 - rho * rho).squareRoot()
      for other in outside {
        let information = Self.information(correlation(next, other))
        if information > best[other].information { best[other] = (information, next) }
      }
    }
    (self.parents, self.order, self.slopes, self.deviations) = (parents, order, slopes, deviations)
  }

  /// The mutual information of two Gaussian variables, in nats.
  static func information(_ correlation: Double) -> Double {
    -0.5 * log1p(-correlation * correlation)
  }

  /// Sampling from the root down, `x_i = slope·x_parent + deviation·ε_i`, unrolled: the matrix A of
  /// x = A·ε, D × D.
  var factor: [Double] {
    let dimension = parents.count
    var factor = [Double](repeating: 0, count: dimension * dimension)
    for i in order {
      if let parent = parents[i] {
        for k in 0..<dimension {
          factor[i * dimension + k] = slopes[i] * factor[parent * dimension + k]
        }
      }
      factor[i * (dimension + 1)] = deviations[i]
    }
    return factor
  }

  /// The edges, each as parent–child.
  var text: String {
    order.compactMap { i in parents[i].map { "\($0)–\(i)" } }.joined(separator: " ")
  }
}
