import CPUKernels

/// A row of a register tile: two vectors of sums.
///
/// The rows of a tile are separate variables, never an array: a compiler may leave anything indexed in
/// memory, and did so on AVX-512, at half the speed.
private struct TileRow {
  var left = Vector.zero
  var right = Vector.zero

  /// Adds `x` times a line of the right factor, or the left half of it.
  @inline(__always)
  mutating func add(_ x: Float, _ leftLine: Vector, _ rightLine: Vector?) {
    let x = Vector(repeating: x)
    left = multiplyAdd(x, leftLine, left)
    if let rightLine { right = multiplyAdd(x, rightLine, right) }
  }

  /// Adds `c` and the bias and rectifies, as requested, and writes the row.
  @inline(__always)
  func finish(_ ending: TileEnding, _ c: Output) {
    var (left, right) = (left, right)
    if ending.accumulate {
      left += load(c)
      right += load(c + lanes)
    }
    if let bias = ending.bias {
      left += load(bias)
      right += load(bias + lanes)
    }
    if ending.isRectified {
      left = rectify(left)
      right = rectify(right)
    }
    store(left, c)
    store(right, c + lanes)
  }
}

/// What is done with the sums of a tile.
struct TileEnding {
  var accumulate = false
  var bias: Input?
  var isRectified = false
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
///   - rows: 4, 6 or 8, a constant wherever this is called, as is `isNarrow`.
///   - isNarrow: Compute only the left vectors.
///   - rowStride, step: The strides in `a` between rows and between steps.
///   - lineStride: The stride in `b` between steps.
///   - panel: Receives a packed copy of the lines of `b`, for the tiles below this one.
@inline(__always)
func multiplyTile(
  rows: Int, isNarrow: Bool = false, _ tile: Tile, _ a: Input, rowStride: Int, step: Int,
  _ b: Input, lineStride: Int,
  packing panel: Output? = nil, ending: TileEnding, into c: Output, stride: Int
) {
  var (r0, r1, r2, r3) = (TileRow(), TileRow(), TileRow(), TileRow())
  var (r4, r5, r6, r7) = (TileRow(), TileRow(), TileRow(), TileRow())
  var b = b
  var panel = panel
  for segment in 0..<tile.segments {
    // Three pointers, from which addressing modes reach every row.
    var a = a + segment &* tile.segmentStride
    var a3 = a + 3 &* rowStride
    var a6 = a + 6 &* rowStride
    for _ in 0..<tile.depth {
      let left = load(b)
      let right = isNarrow ? nil : load(b + lanes)
      if let line = panel, let right {
        store(left, line)
        store(right, line + lanes)
        panel = line + 2 &* lanes
      }
      r0.add(a[0], left, right)
      r1.add(a[rowStride], left, right)
      r2.add(a[2 &* rowStride], left, right)
      r3.add(a3[0], left, right)
      if rows > 4 {
        r4.add(a3[rowStride], left, right)
        r5.add(a3[2 &* rowStride], left, right)
      }
      if rows > 6 {
        r6.add(a6[0], left, right)
        r7.add(a6[rowStride], left, right)
      }
      a += step
      a3 += step
      a6 += step
      b += lineStride
    }
  }
  r0.finish(ending, c)
  r1.finish(ending, c + stride)
  r2.finish(ending, c + 2 &* stride)
  r3.finish(ending, c + 3 &* stride)
  if rows > 4 {
    r4.finish(ending, c + 4 &* stride)
    r5.finish(ending, c + 5 &* stride)
  }
  if rows > 6 {
    r6.finish(ending, c + 6 &* stride)
    r7.finish(ending, c + 7 &* stride)
  }
}
