import CIntrinsics
import CPUKernels
import Compute

/// A column of register tiles over all rows, with its epilogue; see ``Tile``.
///
/// While a tile is computed, lines of the next column and its own results are prefetched.
@Sendable func multiply(_ tile: Tile, _ a: TileRows, _ b: TileLines) {
  var (tile, a, b) = (tile, a, b)
  let tiles = (tile.rows &+ tileRows &- 1) / tileRows
  let linesAhead = (tile.depth &+ tiles &- 1) / tiles
  while tile.rows > 0 {
    if var line = b.next {
      for _ in 0..<linesAhead {
        prefetch_for_later(line)
        prefetch_for_later(line + lanes)
        line += b.stride
      }
      b.next = line
    }
    let rows = min(tile.rows, tileRows)
    for r in 0..<rows {
      prefetch(tile.c + r &* tile.stride)
      prefetch(tile.c + r &* tile.stride + lanes)
    }
    multiply(tile, rows, a, b)
    tile.rows &-= rows
    tile.c += rows &* tile.stride
    a.start += a.tileStride
    if let panel = b.panel {
      (b.start, b.stride, b.panel) = (UnsafePointer(panel), 2 &* lanes, nil)
    }
  }
}

/// The first tile of a column; via the stack where it crosses an edge of the matrix.
@inline(__always)
private func multiply(_ tile: Tile, _ rows: Int, _ a: TileRows, _ b: TileLines) {
  let width = 2 &* lanes
  if rows == tileRows && tile.columns == width {
    let ending = TileEnding(
      accumulate: tile.accumulate, bias: tile.bias, isRectified: tile.activation == .relu)
    multiply(tile, rows, a, b, ending, into: tile.c, stride: tile.stride)
    if ending.isRectified { return }
  } else {
    withUnsafeTemporaryAllocation(of: Float.self, capacity: tileRows &* width) { room in
      let edge = room.baseAddress!
      multiply(tile, rows, a, b, TileEnding(), into: edge, stride: width)
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
  _ tile: Tile, _ rows: Int, _ a: TileRows, _ b: TileLines, _ ending: TileEnding, into c: Output,
  stride: Int
) {
  switch (a.isContiguous, b.panel) {
  case (true, nil) where tile.columns <= lanes: multiplyAlongNarrow(tile, a, b, ending, c, stride)
  case (false, nil) where tile.columns <= lanes:
    multiplyAcrossNarrow(tile, a, b, ending, c, stride)
  case (true, nil): multiplyAlong(tile, a, b, ending, c, stride)
  case (false, nil) where rows <= 4: multiplyFew(tile, a, b, ending, c, stride)
  case (false, nil): multiplyAcross(tile, a, b, ending, c, stride)
  case (true, let panel?): packAlong(tile, a, b, panel, ending, c, stride)
  case (false, let panel?): packAcross(tile, a, b, panel, ending, c, stride)
  }
}

// The traversals of a and b, each a loop of its own in which as many strides as possible are compile-time
// constants. A function with all of them would be too large to be optimised well.

@inline(never)
private func multiplyAlong(
  _ tile: Tile, _ a: TileRows, _ b: TileLines, _ ending: TileEnding, _ c: Output, _ stride: Int
) {
  multiplyTile(
    rows: tileRows, tile, a.start, rowStride: a.stride, step: 1, b.start, lineStride: b.stride,
    ending: ending, into: c, stride: stride)
}

@inline(never)
private func multiplyAcross(
  _ tile: Tile, _ a: TileRows, _ b: TileLines, _ ending: TileEnding, _ c: Output, _ stride: Int
) {
  multiplyTile(
    rows: tileRows, tile, a.start, rowStride: 1, step: a.stride, b.start, lineStride: b.stride,
    ending: ending, into: c, stride: stride)
}

/// A tile of which only the left half is used.
@inline(never)
private func multiplyAlongNarrow(
  _ tile: Tile, _ a: TileRows, _ b: TileLines, _ ending: TileEnding, _ c: Output, _ stride: Int
) {
  multiplyTile(
    rows: tileRows, isNarrow: true, tile, a.start, rowStride: a.stride, step: 1, b.start,
    lineStride: b.stride, ending: ending, into: c, stride: stride)
}

/// A tile of which only the left half is used.
@inline(never)
private func multiplyAcrossNarrow(
  _ tile: Tile, _ a: TileRows, _ b: TileLines, _ ending: TileEnding, _ c: Output, _ stride: Int
) {
  multiplyTile(
    rows: tileRows, isNarrow: true, tile, a.start, rowStride: 1, step: a.stride, b.start,
    lineStride: b.stride, ending: ending, into: c, stride: stride)
}

/// A tile of which only four rows are used.
@inline(never)
private func multiplyFew(
  _ tile: Tile, _ a: TileRows, _ b: TileLines, _ ending: TileEnding, _ c: Output, _ stride: Int
) {
  multiplyTile(
    rows: 4, tile, a.start, rowStride: 1, step: a.stride, b.start, lineStride: b.stride,
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
