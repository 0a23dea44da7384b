import Compute

extension Oracle {
  /// `k(x, y) = exp(−‖x − y‖² / width)`. The scale of a square (|x| + |y|)² also allows for
  /// devices that expand it into ‖x‖² + ‖y‖² − 2x·y.
  private static func kernel(
    _ shape: KernelSums, _ x: ArraySlice<Float>, _ y: ArraySlice<Float>
  ) -> Measured {
    let distance = Swift.zip(x, y).reduce(Measured.zero) { sum, pair in
      let difference = Measured(pair.0) - Measured(pair.1)
      return sum + difference * difference
    }
    return apply(.exp, -(distance / Double(shape.width)))
  }

  private static func point(_ shape: KernelSums, _ points: [Float], _ i: Int) -> ArraySlice<Float> {
    points[i * shape.dimension..<(i + 1) * shape.dimension]
  }

  /// `sums[i] = Σ_j k(xᵢ, yⱼ)`.
  package static func kernelSums(_ shape: KernelSums, _ x: [Float], _ y: [Float]) -> [Measured] {
    (0..<shape.xCount).map { i in
      (0..<shape.yCount).reduce(.zero) { sum, j in
        sum + kernel(shape, point(shape, x, i), point(shape, y, j))
      }
    }
  }

  /// `dx[i] = Σ_j (gx[i] + gy[j])·k(xᵢ, yⱼ)·(−2 / width)·(xᵢ − yⱼ)`.
  package static func kernelSumsGradient(
    _ shape: KernelSums, _ x: [Float], _ y: [Float], xWeights: [Float], yWeights: [Float]?,
    old: [Float]?
  ) -> [Measured] {
    let d = shape.dimension
    var gradient = (old ?? [Float](repeating: 0, count: x.count)).map { Measured($0) }
    for i in 0..<shape.xCount {
      for j in 0..<shape.yCount {
        let weight = Measured(xWeights[i]) + (yWeights.map { Measured($0[j]) } ?? .zero)
        let factor =
          (-2 / Double(shape.width))
          * (weight * kernel(shape, point(shape, x, i), point(shape, y, j)))
        for c in 0..<d {
          gradient[i * d + c] += factor * (Measured(x[i * d + c]) - Measured(y[j * d + c]))
        }
      }
    }
    return gradient
  }
}
