/// The eigenvalues and eigenvectors of a symmetric matrix, by the cyclic Jacobi method (Golub and Van Loan,
/// Matrix Computations, section 8.5): a few sweeps of plane rotations, each of which zeroes one
/// off-diagonal element. Slower than others, but short, and exact to rounding.
struct SymmetricEigenvalues {
  /// The eigenvalues, in no particular order.
  private(set) var values: [Double]
  /// The eigenvectors, n × n: column j belongs to `values[j]`.
  private(set) var vectors: [Double]

  /// Decomposes a row-major n × n matrix.
  init(_ matrix: [Double], _ n: Int) {
    precondition(matrix.count == n * n, "\(matrix.count) numbers are not \(n) × \(n)")
    var a = matrix
    var v = [Double](repeating: 0, count: n * n)
    for i in 0..<n { v[i * n + i] = 1 }
    let scale = matrix.reduce(0) { $0 + $1 * $1 }
    for _ in 0..<60 {
      var off = 0.0
      for p in 0..<n { for q in p + 1..<max(n, p + 1) { off += a[p * n + q] * a[p * n + q] } }
      if off <= 1e-30 * scale { break }
      for p in 0..<n {
        for q in p + 1..<max(n, p + 1) where a[p * n + q] != 0 {
          let theta = (a[q * n + q] - a[p * n + p]) / (2 * a[p * n + q])
          let t = (theta < 0 ? -1 : 1) / (theta.magnitude + (1 + theta * theta).squareRoot())
          let c = 1 / (1 + t * t).squareRoot()
          Self.rotate(&a, n, p, q, step: n, c, t * c)
          Self.rotate(&a, n, p * n, q * n, step: 1, c, t * c)
          Self.rotate(&v, n, p, q, step: n, c, t * c)
        }
      }
    }
    values = (0..<n).map { a[$0 * n + $0] }
    vectors = v
  }

  /// Rotates two lines of `n` numbers, `step` apart, that begin at `first` and `second`: rows where
  /// `step` is 1, columns where it is `n`.
  private static func rotate(
    _ a: inout [Double], _ n: Int, _ first: Int, _ second: Int, step: Int, _ c: Double, _ s: Double
  ) {
    for i in 0..<n {
      let (x, y) = (a[first + i * step], a[second + i * step])
      a[first + i * step] = c * x - s * y
      a[second + i * step] = s * x + c * y
    }
  }

  /// The square root of the matrix; eigenvalues made negative by rounding count as 0.
  var squareRoot: [Double] {
    let n = values.count
    var scaled = vectors
    for i in 0..<n {
      for j in 0..<n { scaled[i * n + j] *= max(0, values[j]).squareRoot() }
    }
    return product(scaled, vectors, n, transposed: true)
  }
}

/// a·b or a·bᵀ of n × n matrices.
func product(_ a: [Double], _ b: [Double], _ n: Int, transposed: Bool = false) -> [Double] {
  var c = [Double](repeating: 0, count: n * n)
  for i in 0..<n {
    for k in 0..<n {
      for j in 0..<n {
        c[i * n + j] += a[i * n + k] * (transposed ? b[j * n + k] : b[k * n + j])
      }
    }
  }
  return c
}
