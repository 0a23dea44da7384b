import CPUKernels
import Compute

/// The sum or the maximum of a row.
@Sendable func reduceRow(_ function: Reduction.Function, _ x: Input, _ count: Int) -> Float {
  switch function {
  case .sum: return sum(x, x, count) { x, _ in x }
  case .maximum:
    var result = x[0]
    for i in 0..<count { result = larger(x[i], result) }
    return result
  }
}

/// Combines the rows of a strip of a matrix column by column: `y[c] = f over r of x[r·stride + c]`.
@Sendable func reduceColumns(
  _ function: Reduction.Function, _ x: Input, _ stride: Int, _ rows: Int, _ y: Output,
  _ columns: Int
) {
  for c in 0..<columns { y[c] = x[c] }
  for r in 1..<max(rows, 1) {
    switch function {
    case .sum: transform(x + r &* stride, y, y, columns) { $0 + $1 }
    case .maximum:
      let row = x + r &* stride
      for c in 0..<columns { y[c] = larger(row[c], y[c]) }
    }
  }
}

/// The larger of two numbers; NaN wins.
@inline(__always)
private func larger(_ a: Float, _ b: Float) -> Float { a > b || a != a ? a : b }
