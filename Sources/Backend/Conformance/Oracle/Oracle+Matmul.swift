import Compute

extension Oracle {
  /// `f(op(a)·op(b) + c + bias)`, element by element.
  package static func matmul(
    _ shape: Matmul, _ a: [Float], _ b: [Float], bias: [Float]?, old c: [Float]?
  ) -> [Measured] {
    let (m, n, k) = (shape.m, shape.n, shape.k)
    return (0..<m * n).map { element in
      let (i, j) = (element / n, element % n)
      var sum = Measured.zero
      for l in 0..<k {
        let left = shape.transposeA ? a[l * m + i] : a[i * k + l]
        let right = shape.transposeB ? b[j * k + l] : b[l * n + j]
        sum += Measured(left) * Measured(right)
      }
      if let c { sum += Measured(c[element]) }
      if let bias { sum += Measured(bias[j]) }
      return apply(shape.activation, sum)
    }
  }
}
