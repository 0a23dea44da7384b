import CPUKernels
import Compute

/// Packs a panel whose lines are contiguous: `panel[k·width + w] = source[k·stride + w]`, zeros
/// from `valid` on.
@Sendable func packLines(
  _ source: Input, _ stride: Int, _ depth: Int, _ valid: Int, _ width: Int, _ panel: Output
) {
  if valid < width {
    for k in 0..<depth {
      for w in 0..<valid { panel[k &* width &+ w] = source[k &* stride &+ w] }
      for w in valid..<width { panel[k &* width &+ w] = 0 }
    }
  } else if width == tileRows {
    for k in 0..<depth {
      let line = UnsafeRawPointer(source + k &* stride).loadUnaligned(as: TileColumn.self)
      UnsafeMutableRawPointer(panel + k &* width).storeBytes(of: line, as: TileColumn.self)
    }
  } else {
    for k in 0..<depth {
      for w in Swift.stride(from: 0, to: width, by: lanes) {
        store(load(source + k &* stride + w), panel + k &* width + w)
      }
    }
  }
}

/// Packs a panel whose lines must be turned: `panel[k·width + w] = source[w·stride + k]`, zeros
/// from `valid` on.
@Sendable func packTurned(
  _ source: Input, _ stride: Int, _ depth: Int, _ valid: Int, _ width: Int, _ panel: Output
) {
  for w in Swift.stride(from: 0, to: width, by: 8) {
    let block = min(8, width &- w)
    var k = 0
    if valid &- w >= 8 {
      while k &+ 8 <= depth {
        turn8x8(source + w &* stride + k, stride, panel + k &* width + w, width)
        k &+= 8
      }
    } else if block == 4 && valid &- w >= 4 {
      while k &+ 4 <= depth {
        turn4x4(source + w &* stride + k, stride, panel + k &* width + w, width)
        k &+= 4
      }
    }
    while k < depth {
      for i in 0..<block {
        panel[k &* width &+ w &+ i] = w &+ i < valid ? source[(w &+ i) &* stride &+ k] : 0
      }
      k &+= 1
    }
  }
}

/// Transposes 8 × 8 numbers: three rounds of interleaving lines i and i + 4.
@inline(__always)
private func turn8x8(_ source: Input, _ stride: Int, _ target: Output, _ targetStride: Int) {
  var lines = InlineArray<8, SIMD8<Float>>(repeating: .zero)
  for i in 0..<8 {
    lines[i] = UnsafeRawPointer(source + i &* stride).loadUnaligned(as: SIMD8<Float>.self)
  }
  for _ in 0..<3 {
    var next = InlineArray<8, SIMD8<Float>>(repeating: .zero)
    for i in 0..<4 {
      let a = lines[i]
      let b = lines[i &+ 4]
      next[2 &* i] = SIMD8(a[0], b[0], a[1], b[1], a[2], b[2], a[3], b[3])
      next[2 &* i &+ 1] = SIMD8(a[4], b[4], a[5], b[5], a[6], b[6], a[7], b[7])
    }
    lines = next
  }
  for i in 0..<8 {
    UnsafeMutableRawPointer(target + i &* targetStride)
      .storeBytes(of: lines[i], as: SIMD8<Float>.self)
  }
}

/// Transposes 4 × 4 numbers.
@inline(__always)
private func turn4x4(_ source: Input, _ stride: Int, _ target: Output, _ targetStride: Int) {
  var lines = InlineArray<4, SIMD4<Float>>(repeating: .zero)
  for i in 0..<4 {
    lines[i] = UnsafeRawPointer(source + i &* stride).loadUnaligned(as: SIMD4<Float>.self)
  }
  for i in 0..<4 {
    UnsafeMutableRawPointer(target + i &* targetStride).storeBytes(
      of: SIMD4(lines[0][i], lines[1][i], lines[2][i], lines[3][i]), as: SIMD4<Float>.self)
  }
}

/// One register tile: `c` (+)= the product of `tileRows` rows of `a` and a panel of `b`.
///
/// Sixteen sums stay in registers on AVX-512: eight rows of two vectors; each step of the inner
/// product loads two vectors of `b` and broadcasts one number of each row of `a`.
///
/// Where `finishes`, bias and relu are applied before the results leave the registers.
@inline(__always)
private func multiplyTile(
  _ tile: Tile, _ a: Input, _ rowStride: Int, _ step: Int, _ b: Input, _ accumulate: Bool,
  _ c: Output, _ stride: Int, _ finishes: Bool
) {
  var left = TileHalf(repeating: .zero)
  var right = TileHalf(repeating: .zero)
  var b = b
  for segment in 0..<tile.segments {
    var a = a + segment &* tile.segmentStride
    for _ in 0..<tile.depth {
      let first = load(b)
      let second = load(b + lanes)
      for r in 0..<tileRows {
        let x = Vector(repeating: a[r &* rowStride])
        left[r] = multiplyAdd(x, first, left[r])
        right[r] = multiplyAdd(x, second, right[r])
      }
      a += step
      b += 2 &* lanes
    }
  }
  if accumulate {
    for r in 0..<tileRows {
      left[r] += load(c + r &* stride)
      right[r] += load(c + r &* stride + lanes)
    }
  }
  if finishes, let bias = tile.bias {
    let first = load(bias)
    let second = load(bias + lanes)
    for r in 0..<tileRows {
      left[r] += first
      right[r] += second
    }
  }
  if finishes && tile.activation == .relu {
    for r in 0..<tileRows {
      left[r].replace(with: 0, where: left[r] .< 0)
      right[r].replace(with: 0, where: right[r] .< 0)
    }
  }
  for r in 0..<tileRows {
    store(left[r], c + r &* stride)
    store(right[r], c + r &* stride + lanes)
  }
}

/// The two ways through `a`, each with one of its strides known to the compiler.
@inline(__always)
func multiplyTile(
  _ tile: Tile, _ a: TileRows, _ b: Input, _ accumulate: Bool, _ c: Output, _ stride: Int,
  finishes: Bool = false
) {
  switch a {
  case .along(let start, let rowStride):
    multiplyTile(tile, start, rowStride, 1, b, accumulate, c, stride, finishes)
  case .across(let start, let step):
    multiplyTile(tile, start, 1, step, b, accumulate, c, stride, finishes)
  }
}

/// A tile of a matrix product with its epilogue; see ``Tile``.
@Sendable func multiply(_ tile: Tile, _ a: TileRows, _ b: Input) {
  let width = 2 &* lanes
  let isWhole = tile.rows == tileRows && tile.columns == width
  if isWhole {
    multiplyTile(tile, a, b, tile.accumulate, tile.c, tile.stride, finishes: true)
    if tile.activation == .identity || tile.activation == .relu { return }
  } else {
    withUnsafeTemporaryAllocation(of: Float.self, capacity: tileRows &* width) { scratch in
      let edge = scratch.baseAddress!
      multiplyTile(tile, a, b, false, edge, width)
      for r in 0..<tile.rows {
        let row = tile.c + r &* tile.stride
        for i in 0..<tile.columns {
          row[i] = (tile.accumulate ? row[i] : 0) + edge[r &* width &+ i]
        }
      }
    }
  }
  if !isWhole, let bias = tile.bias {
    for r in 0..<tile.rows {
      let row = tile.c + r &* tile.stride
      transform(row, bias, row, tile.columns) { $0 + $1 }
    }
  }
  if tile.activation != .identity {
    for r in 0..<tile.rows {
      let row = tile.c + r &* tile.stride
      map(tile.activation, row, row, tile.columns)
    }
  }
}
