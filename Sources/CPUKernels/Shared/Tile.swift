import CPUKernels

/// A row of a register tile: two vectors of sums.
///
/// The rows of a tile are variables of their own, never an array: what is indexed, however plainly, a
/// compiler may leave in memory, and did so on AVX-512, at half the speed.
private struct TileRow {
  var left = Vector.zero
  var right = Vector.zero

  /// Adds `x` times a line of the right factor.
  @inline(__always)
  mutating func add(_ x: Float, _ leftLine: Vector, _ rightLine: Vector) {
    let x = Vector(repeating: x)
    left = multiplyAdd(x, leftLine, left)
    right = multiplyAdd(x, rightLine, right)
  }

  /// Adds what `c` holds where `accumulate`, then bias, then relu, and writes the row.
  @inline(__always)
  consuming func finish(
    _ c: Output, accumulate: Bool, bias: Input?, isRectified: Bool
  ) {
    if accumulate {
      left += load(c)
      right += load(c + lanes)
    }
    if let bias {
      left += load(bias)
      right += load(bias + lanes)
    }
    if isRectified {
      left = rectify(left)
      right = rectify(right)
    }
    store(left, c)
    store(right, c + lanes)
  }
}

/// One register tile: `c` (+)= the product of `rows` rows of `a` and two vectors of columns of `b`.
///
///              b       left  right        each step of the inner product loads one line of b,
///                      ─────────────      two vectors, and for each row broadcasts one number
///     a  r₀  x ──────▶ r₀.left r₀.right   of a; the sums never leave the registers:
///        r₁  x ──────▶ r₁.left r₁.right   8 × 2 of the 32 of AVX-512, 6 × 2 of the 16 of AVX2,
///        …                                4 × 2 of the 16 of others
///
/// - Parameters:
///   - rows: 4, 6 or 8, a constant wherever this is called.
///   - rowStride, step: The distances in `a` from row to row and from step to step.
///   - lineStride: The distance in `b` from step to step.
///   - panel: Takes a copy of the lines of `b`, side by side, for the tiles below this one.
///   - finishes: Apply the bias and, where it is relu, the activation of the tile.
@inline(__always)
func multiplyTile(
  rows: Int, _ tile: Tile, _ a: Input, rowStride: Int, step: Int, _ b: Input, lineStride: Int,
  panel: Output? = nil, accumulate: Bool, into c: Output, stride: Int, finishes: Bool
) {
  var (r0, r1, r2, r3) = (TileRow(), TileRow(), TileRow(), TileRow())
  var (r4, r5, r6, r7) = (TileRow(), TileRow(), TileRow(), TileRow())
  var b = b
  var panel = panel
  for segment in 0..<tile.segments {
    var a = a + segment &* tile.segmentStride
    for _ in 0..<tile.depth {
      let left = load(b)
      let right = load(b + lanes)
      r0.add(a[0], left, right)
      r1.add(a[rowStride], left, right)
      r2.add(a[2 &* rowStride], left, right)
      r3.add(a[3 &* rowStride], left, right)
      if rows > 4 {
        r4.add(a[4 &* rowStride], left, right)
        r5.add(a[5 &* rowStride], left, right)
      }
      if rows > 6 {
        r6.add(a[6 &* rowStride], left, right)
        r7.add(a[7 &* rowStride], left, right)
      }
      if let line = panel {
        store(left, line)
        store(right, line + lanes)
        panel = line + 2 &* lanes
      }
      a += step
      b += lineStride
    }
  }
  let bias = finishes ? tile.bias : nil
  let isRectified = finishes && tile.activation == .relu
  @inline(__always)
  func finish(_ row: TileRow, _ index: Int) {
    row.finish(c + index &* stride, accumulate: accumulate, bias: bias, isRectified: isRectified)
  }
  finish(r0, 0)
  finish(r1, 1)
  finish(r2, 2)
  finish(r3, 3)
  if rows > 4 {
    finish(r4, 4)
    finish(r5, 5)
  }
  if rows > 6 {
    finish(r6, 6)
    finish(r7, 7)
  }
}
