import CPUKernels
import Compute

/// log Σ exp(x) − origin over a row: for large x, the logarithm's digits must not be lost.
@Sendable func logSumExp(_ x: Input, _ origin: Float, _ count: Int) -> Float {
  let maximum = reduceRow(.maximum, x, count)
  let shift = Vector(repeating: maximum)
  let total = sum(x, x, count) { x, _ in exponential(x - shift) }
  // The logarithm is for positive numbers only, and would let a NaN through unnoticed.
  guard total > 0 else { return .nan }
  return (maximum - origin) + logarithm(Vector(repeating: total))[0]
}

/// `y = scale·exp(x − shift)`, or added to `y`: with the logarithm of the sum as shift, softmax.
@Sendable func scaledExponential(
  _ x: Input, _ shift: Float, _ scale: Float, _ y: Output, _ count: Int, _ accumulate: Bool
) {
  let shift = Vector(repeating: shift)
  let scale = Vector(repeating: scale)
  if accumulate {
    transform(x, y, y, count) { x, y in multiplyAdd(exponential(x - shift), scale, y) }
  } else {
    transform(x, y, count) { x in exponential(x - shift) * scale }
  }
}

/// `y = x·scale + shift` over a row.
@Sendable func scaleRow(
  _ x: Input, _ scale: Input, _ shift: Input, _ y: Output, _ count: Int
) {
  transform(x, scale, shift, y, count, multiplyAdd)
}

/// `y = x / ‖x‖` over a row; zeros stay zeros.
@Sendable func normalizeRow(_ x: Input, _ y: Output, _ count: Int) {
  var scale: Float = 1
  var square = sum(x, x, count) { x, _ in x * x }
  // If squares would overflow or underflow, the row is rescaled first.
  if !(square > 1e-30 && square < 1e30) {
    scale = square < 1 ? 0x1p100 : 0x1p-80
    let units = Vector(repeating: scale)
    square = sum(x, x, count) { x, _ in (x * units) * (x * units) }
  }
  let inverse = Vector(repeating: square == 0 ? 0 : 1 / square.squareRoot())
  if scale == 1 {
    transform(x, y, count) { $0 * inverse }
  } else {
    let units = Vector(repeating: scale)
    transform(x, y, count) { ($0 * units) * inverse }
  }
}

/// `y = u < rate ? 0 : x / (1 − rate)` with the uniform numbers of the blocks from `block` on.
@Sendable func dropout(
  _ rate: Float, _ stream: RandomStream, _ block: Int, _ x: Input, _ y: Output, _ count: Int
) {
  let threshold = Vector(repeating: rate)
  let scale = Vector(repeating: 1 / (1 - rate))
  withUnsafeTemporaryAllocation(of: UInt32.self, capacity: 1024) { words in
    for first in stride(from: 0, to: count, by: 1024) {
      let part = min(1024, count &- first)
      random(.uniform, stream, block &+ first / 4, words.baseAddress!, part)
      let uniform = UnsafeRawPointer(words.baseAddress!).assumingMemoryBound(to: Float.self)
      transform(x + first, uniform, y + first, part) { x, u in
        (x * scale).replacing(with: 0, where: u .< threshold)
      }
    }
  }
}
