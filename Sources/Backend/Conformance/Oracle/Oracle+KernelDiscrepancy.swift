import Compute

extension Oracle {
  /// `k(x, y) = exp(−‖x − y‖² / width)`. The scale of a square (|x| + |y|)² also allows for
  /// devices that expand it into ‖x‖² + ‖y‖² − 2x·y.
  private static func kernel(
    _ shape: KernelDiscrepancy, _ x: ArraySlice<Float>, _ y: ArraySlice<Float>
  ) -> Measured {
    let distance = Swift.zip(x, y).reduce(Measured.zero) { sum, pair in
      let difference = Measured(pair.0) - Measured(pair.1)
      return sum + difference * difference
    }
    return apply(.exp, -(distance / Double(shape.width)))
  }

  private static func point(_ shape: KernelDiscrepancy, _ points: [Float], _ i: Int) -> ArraySlice<
    Float
  > {
    points[i * shape.dimension..<(i + 1) * shape.dimension]
  }

  /// `terms[i] = Σ_j k(xᵢ, xⱼ) − 2 k(xᵢ, yⱼ) + k(yᵢ, yⱼ)`.
  package static func kernelDiscrepancy(_ shape: KernelDiscrepancy, _ x: [Float], _ y: [Float])
    -> [Measured]
  {
    (0..<shape.count).map { i in
      let (xi, yi) = (point(shape, x, i), point(shape, y, i))
      return (0..<shape.count).reduce(.zero) { sum, j in
        let (xj, yj) = (point(shape, x, j), point(shape, y, j))
        return sum + kernel(shape, xi, xj) + -2 * kernel(shape, xi, yj) + kernel(shape, yi, yj)
      }
    }
  }

  /// `dx[i] = Σ_j (g[i] + g[j])·∂k(xᵢ, xⱼ)/∂xᵢ − 2 g[i]·∂k(xᵢ, yⱼ)/∂xᵢ` with
  /// `∂k(x, y)/∂x = (−2 / width)·k(x, y)·(x − y)`.
  package static func kernelDiscrepancyGradient(
    _ shape: KernelDiscrepancy, _ x: [Float], _ y: [Float], termGradient: [Float], old: [Float]?
  ) -> [Measured] {
    let d = shape.dimension
    let scale = -2 / Double(shape.width)
    var gradient = (old ?? [Float](repeating: 0, count: x.count)).map { Measured($0) }
    for i in 0..<shape.count {
      let xi = point(shape, x, i)
      for j in 0..<shape.count {
        let own = Measured(termGradient[i]) + Measured(termGradient[j])
        let terms = [
          (own, point(shape, x, j)), (-2 * Measured(termGradient[i]), point(shape, y, j)),
        ]
        for (weight, other) in terms {
          let factor = scale * (weight * kernel(shape, xi, other))
          for (c, (from, to)) in Swift.zip(xi, other).enumerated() {
            gradient[i * d + c] += factor * (Measured(from) - Measured(to))
          }
        }
      }
    }
    return gradient
  }
}
