import CPUKernels
import Compute

/// The sum, the maximum or the minimum of a row.
@Sendable func reduceRow(_ function: Reduction.Function, _ x: Input, _ count: Int) -> Float {
  switch function {
  case .sum: return sum(x, x, count) { x, _ in x }
  case .maximum: return extreme(x, count) { a, b in larger(a, b) }
  case .minimum: return extreme(x, count) { a, b in -larger(-a, -b) }
  }
}

/// Combines the rows of a strip of a matrix column by column: `y[c] = f over r of x[r·stride + c]`.
@Sendable func reduceColumns(
  _ function: Reduction.Function, _ x: Input, _ stride: Int, _ rows: Int, _ y: Output,
  _ columns: Int
) {
  for c in 0..<columns { y[c] = x[c] }
  for r in 1..<max(rows, 1) {
    let row = x + r &* stride
    switch function {
    case .sum: transform(row, y, y, columns) { $0 + $1 }
    case .maximum: transform(row, y, y, columns, larger)
    case .minimum: transform(row, y, y, columns) { a, b in -larger(-a, -b) }
    }
  }
}

/// Combines a row, a vector at a time; it doesn't matter if a number takes part twice.
@inline(__always)
private func extreme(_ x: Input, _ count: Int, _ combine: (Vector, Vector) -> Vector) -> Float {
  var result = Vector(repeating: x[0])
  for i in stride(from: 0, to: count &- lanes &+ 1, by: lanes) {
    result = combine(load(x + i), result)
  }
  let tail = count % lanes
  if tail > 0 {
    for i in count &- tail..<count { result = combine(Vector(repeating: x[i]), result) }
  }
  var one = Vector(repeating: result[0])
  for i in 1..<lanes { one = combine(Vector(repeating: result[i]), one) }
  return one[0]
}
