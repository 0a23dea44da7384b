import CPUKernels

// Matrix–vector products, bound by the speed of reading the matrix.

/// The inner products of rows with one vector: `y[r] (+)= Σ_k w[r·stride + k]·x[k]`.
@Sendable func dotRows(
  _ w: Input, _ stride: Int, _ rows: Int, _ x: Input, _ depth: Int, _ accumulate: Bool,
  _ y: Output
) {
  var r = 0
  while r &+ 4 <= rows {
    let first = w + r &* stride
    let sums = dotFour(first, first + stride, first + 2 &* stride, first + 3 &* stride, x, depth)
    for i in 0..<4 { y[r &+ i] = (accumulate ? y[r &+ i] : 0) + sums[i] }
    r &+= 4
  }
  while r < rows {
    let row = w + r &* stride
    y[r] = (accumulate ? y[r] : 0) + dotFour(row, row, row, row, x, depth)[0]
    r &+= 1
  }
}

/// Four inner products at a time read `x` once, and hide the latency of a multiply-add.
@inline(__always)
private func dotFour(
  _ w0: Input, _ w1: Input, _ w2: Input, _ w3: Input, _ x: Input, _ depth: Int
) -> SIMD4<Float> {
  var (s0, s1, s2, s3) = (Vector.zero, Vector.zero, Vector.zero, Vector.zero)
  var k = 0
  while k &+ lanes <= depth {
    let factor = load(x + k)
    s0 = multiplyAdd(load(w0 + k), factor, s0)
    s1 = multiplyAdd(load(w1 + k), factor, s1)
    s2 = multiplyAdd(load(w2 + k), factor, s2)
    s3 = multiplyAdd(load(w3 + k), factor, s3)
    k &+= lanes
  }
  var sums = SIMD4(s0.sum(), s1.sum(), s2.sum(), s3.sum())
  while k < depth {
    sums += SIMD4(w0[k], w1[k], w2[k], w3[k]) * x[k]
    k &+= 1
  }
  return sums
}

/// The weighted sum of rows: `y[j] (+)= Σ_r x[r]·w[r·stride + j]` for some columns.
@Sendable func addRows(
  _ w: Input, _ stride: Int, _ rows: Int, _ x: Input, _ columns: Int, _ accumulate: Bool,
  _ y: Output
) {
  var j = 0
  while j &+ 8 &* lanes <= columns {
    addEight(w + j, stride, rows, x, accumulate, y + j)
    j &+= 8 &* lanes
  }
  while j < columns {
    let count = min(lanes, columns &- j)
    var sum = Vector.zero
    for r in 0..<rows {
      sum = multiplyAdd(Vector(repeating: x[r]), load(w + r &* stride + j, count), sum)
    }
    if accumulate { sum += load(y + j, count) }
    store(sum, y + j, count)
    j &+= lanes
  }
}

/// Eight vectors of columns: long stretches of a row, which suit memory, and enough sums to hide the
/// latency of a multiply-add.
@inline(__always)
private func addEight(
  _ w: Input, _ stride: Int, _ rows: Int, _ x: Input, _ accumulate: Bool, _ y: Output
) {
  var (s0, s1, s2, s3) = (Vector.zero, Vector.zero, Vector.zero, Vector.zero)
  var (s4, s5, s6, s7) = (Vector.zero, Vector.zero, Vector.zero, Vector.zero)
  for r in 0..<rows {
    let factor = Vector(repeating: x[r])
    let row = w + r &* stride
    s0 = multiplyAdd(factor, load(row), s0)
    s1 = multiplyAdd(factor, load(row + lanes), s1)
    s2 = multiplyAdd(factor, load(row + 2 &* lanes), s2)
    s3 = multiplyAdd(factor, load(row + 3 &* lanes), s3)
    s4 = multiplyAdd(factor, load(row + 4 &* lanes), s4)
    s5 = multiplyAdd(factor, load(row + 5 &* lanes), s5)
    s6 = multiplyAdd(factor, load(row + 6 &* lanes), s6)
    s7 = multiplyAdd(factor, load(row + 7 &* lanes), s7)
  }
  func finish(_ sum: Vector, _ y: Output) { store(accumulate ? sum + load(y) : sum, y) }
  finish(s0, y)
  finish(s1, y + lanes)
  finish(s2, y + 2 &* lanes)
  finish(s3, y + 3 &* lanes)
  finish(s4, y + 4 &* lanes)
  finish(s5, y + 5 &* lanes)
  finish(s6, y + 6 &* lanes)
  finish(s7, y + 7 &* lanes)
}
