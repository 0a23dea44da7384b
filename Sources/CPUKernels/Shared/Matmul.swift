import CPUKernels
import CIntrinsics
import Compute

/// Packs a panel whose lines are contiguous: `panel[k·width + w] = source[k·stride + w]`, zeros
/// from `valid` on.
@Sendable func packLines(
  _ source: Input, _ stride: Int, _ depth: Int, _ valid: Int, _ width: Int, _ panel: Output
) {
  if valid < width || width % lanes > 0 {
    for k in 0..<depth {
      for w in 0..<valid { panel[k &* width &+ w] = source[k &* stride &+ w] }
      for w in valid..<width { panel[k &* width &+ w] = 0 }
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

/// A column of register tiles, as long as there are rows, with its epilogue; see ``Tile``.
@Sendable func multiply(_ tile: Tile, _ a: TileRows, _ b: TileLines) {
  var tile = tile
  var a = a
  var b = b
  let tiles = (tile.rows &+ tileRows &- 1) / tileRows
  let ahead = b.next == nil ? 0 : (tile.depth &+ tiles &- 1) / tiles
  while tile.rows > 0 {
    let rows = min(tile.rows, tileRows)
    for r in 0..<rows {
      prefetch(tile.c + r &* tile.stride)
      prefetch(tile.c + r &* tile.stride + lanes)
    }
    if var line = b.next {
      for _ in 0..<ahead {
        prefetch(line)
        prefetch(line + lanes)
        line += b.nextStride
      }
      b.next = line
    }
    multiply(tile, rows, a, b)
    tile.rows &-= rows
    tile.c += rows &* tile.stride
    a.start += a.tileStride
    if let panel = b.panel {
      b.start = UnsafePointer(panel)
      b.stride = 2 &* lanes
      b.panel = nil
    }
  }
}

/// The first tile of a column; where it reaches over an edge of the matrix, by way of the stack.
@inline(__always)
private func multiply(_ tile: Tile, _ rows: Int, _ a: TileRows, _ b: TileLines) {
  let width = 2 &* lanes
  if rows == tileRows && tile.columns == width {
    let ending = TileEnding(
      accumulate: tile.accumulate, bias: tile.bias, isRectified: tile.activation == .relu)
    multiply(tile, a, b, ending, into: tile.c, stride: tile.stride)
    if ending.isRectified { return }
  } else {
    withUnsafeTemporaryAllocation(of: Float.self, capacity: tileRows &* width) { room in
      let edge = room.baseAddress!
      multiply(tile, a, b, TileEnding(), into: edge, stride: width)
      for r in 0..<rows {
        let row = tile.c + r &* tile.stride
        if tile.accumulate {
          transform(edge + r &* width, row, row, tile.columns) { $0 + $1 }
        } else {
          transform(edge + r &* width, row, tile.columns) { $0 }
        }
        if let bias = tile.bias { transform(row, bias, row, tile.columns) { $0 + $1 } }
      }
    }
  }
  if tile.activation != .identity {
    for r in 0..<rows {
      let row = tile.c + r &* tile.stride
      map(tile.activation, row, row, tile.columns)
    }
  }
}

@inline(__always)
private func multiply(
  _ tile: Tile, _ a: TileRows, _ b: TileLines, _ ending: TileEnding, into c: Output, stride: Int
) {
  switch (a.isContiguous, b.panel) {
  case (true, nil): multiplyAlong(tile, a, b.start, ending, c, stride)
  case (false, nil): multiplyAcross(tile, a, b.start, ending, c, stride)
  case (true, let panel?): packAlong(tile, a, b, panel, ending, c, stride)
  case (false, let panel?): packAcross(tile, a, b, panel, ending, c, stride)
  }
}

// The ways through a and b, each a loop of its own in which the compiler knows the strides that can be
// known. A function that held all of them would be too large for it to do all of them well.

@inline(never)
private func multiplyAlong(
  _ tile: Tile, _ a: TileRows, _ b: Input, _ ending: TileEnding, _ c: Output, _ stride: Int
) {
  multiplyTile(
    rows: tileRows, tile, a.start, rowStride: a.stride, step: 1, b, lineStride: 2 &* lanes,
    ending: ending, into: c, stride: stride)
}

@inline(never)
private func multiplyAcross(
  _ tile: Tile, _ a: TileRows, _ b: Input, _ ending: TileEnding, _ c: Output, _ stride: Int
) {
  multiplyTile(
    rows: tileRows, tile, a.start, rowStride: 1, step: a.stride, b, lineStride: 2 &* lanes,
    ending: ending, into: c, stride: stride)
}

@inline(never)
private func packAlong(
  _ tile: Tile, _ a: TileRows, _ b: TileLines, _ panel: Output, _ ending: TileEnding, _ c: Output,
  _ stride: Int
) {
  multiplyTile(
    rows: tileRows, tile, a.start, rowStride: a.stride, step: 1, b.start, lineStride: b.stride,
    packing: panel, ending: ending, into: c, stride: stride)
}

@inline(never)
private func packAcross(
  _ tile: Tile, _ a: TileRows, _ b: TileLines, _ panel: Output, _ ending: TileEnding, _ c: Output,
  _ stride: Int
) {
  multiplyTile(
    rows: tileRows, tile, a.start, rowStride: 1, step: a.stride, b.start, lineStride: b.stride,
    packing: panel, ending: ending, into: c, stride: stride)
}
