import CPUKernels

/// Ten sums hide the latency of a multiply-add, four or five cycles at two per cycle, and fit AVX2's 16
/// registers together with the factors.
let multiplyAddSums = 10

/// `rounds` multiply-adds of each of ``multiplyAddSums`` vectors, which stay in registers. The sum of
/// all goes to `y`, of `lanes` numbers.
@Sendable func multiplyAdds(_ rounds: Int, _ factor: Float, _ y: Output) {
  var sums = InlineArray<10, Vector>(repeating: Vector(repeating: 1))
  let x = Vector(repeating: factor)
  let shift = Vector(repeating: 1 - factor)
  for _ in 0..<rounds {
    for i in 0..<multiplyAddSums { sums[i] = multiplyAdd(sums[i], x, shift) }
  }
  var total = sums[0]
  for i in 1..<multiplyAddSums { total += sums[i] }
  store(total, y)
}
