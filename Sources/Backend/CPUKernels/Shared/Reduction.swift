import CPUKernels
import Compute

/// The sum, the maximum or the minimum of a row.
@Sendable func reduceRow(_ function: Reduction.Function, _ x: Input, _ count: Int) -> Float {
  switch function {
  case .sum: return sum(x, x, count) { x, _ in x }
  case .maximum: return extreme(x, count, larger) { $0 > $1 || $0 != $0 }
  case .minimum:
    return extreme(x, count, { -larger(-$0, -$1) }) { $0 < $1 || $0 != $0 }
  }
}

/// Combines the rows of a strip of a matrix column by column: `y[c] = f over r of x[r·stride + c]`.
@Sendable func reduceColumns(
  _ function: Reduction.Function, _ x: Input, _ stride: Int, _ rows: Int, _ y: Output,
  _ columns: Int
) {
  for c in 0..<columns { y[c] = x[c] }
  guard function == .sum else {
    return extremesOfColumns(function, x, stride, rows, y, columns)
  }
  for r in 1..<max(rows, 1) { transform(x + r &* stride, y, y, columns) { $0 + $1 } }
}

/// A separate function, so that the sums stay in registers.
@inline(never)
private func extremesOfColumns(
  _ function: Reduction.Function, _ x: Input, _ stride: Int, _ rows: Int, _ y: Output,
  _ columns: Int
) {
  for r in 1..<max(rows, 1) {
    if function == .maximum {
      transform(x + r &* stride, y, y, columns, larger)
    } else {
      transform(x + r &* stride, y, y, columns) { a, b in -larger(-a, -b) }
    }
  }
}

/// The maximum of a row, or the minimum; NaN if there is one.
@inline(__always)
private func extreme(
  _ x: Input, _ count: Int, _ combine: (Vector, Vector) -> Vector, _ better: (Float, Float) -> Bool
) -> Float {
  var result = x[0]
  var i = 0
  // Short rows, such as a classifier's classes, are not worth vectors.
  if count >= 2 &* lanes {
    var vector = load(x)
    i = lanes
    while i &+ lanes <= count {
      vector = combine(load(x + i), vector)
      i &+= lanes
    }
    result = vector[0]
    for lane in 1..<lanes where better(vector[lane], result) { result = vector[lane] }
  }
  while i < count {
    if better(x[i], result) { result = x[i] }
    i &+= 1
  }
  return result
}
