import CPUKernels
import Compute

// Convolution with kernels of 3 × 3 by tiles of 4 × 4 results: F(4 × 4, 3 × 3) of Lavin and Gray,
// "Fast Algorithms for Convolutional Neural Networks" (2015). A tile is
// Y = Aᵀ[(G g Gᵀ) ⊙ (Bᵀ d B)]A, where d is the 6 × 6 patch under the kernel g. Summed over
// the channels, ⊙ is 36 matrix products, with a quarter of the multiplications of the convolution.
//
// The transforms evaluate polynomials at 0, ±a, ±b and ∞. With the paper's a = 1 and b = 2 the
// rounding errors are twice as large on average, and four times at worst; with these every number
// of Bᵀ and Aᵀ is still exact.
private let a: Float = 5 / 8
private let b: Float = 3 / 2

/// The number of elements of a transformed patch or kernel.
private let points = 36

/// Six vectors.
private typealias Line = (Vector, Vector, Vector, Vector, Vector, Vector)

@inline(__always)
private func loadLine(_ x: Input, _ step: Int) -> Line {
  (
    load(x), load(x + step), load(x + 2 &* step), load(x + 3 &* step), load(x + 4 &* step),
    load(x + 5 &* step)
  )
}

/// `p·x + q·y + r·z + rest`. Sums and differences of the same two vectors would need fewer operations, but
/// the compiler turns them into shuffles.
@inline(__always)
private func combine(
  _ p: Float, _ x: Vector, _ q: Float, _ y: Vector, _ r: Float, _ z: Vector, _ rest: Vector
) -> Vector {
  multiplyAdd(
    x, Vector(repeating: p),
    multiplyAdd(y, Vector(repeating: q), multiplyAdd(z, Vector(repeating: r), rest)))
}

/// `Bᵀx`
@inline(__always)
private func transformInput(_ x: Line, _ y: Output, _ step: Int) {
  let square = Vector(repeating: -a * a - b * b)
  let product = Vector(repeating: a * a * b * b)
  store(multiplyAdd(x.0, product, multiplyAdd(x.2, square, x.4)), y)
  store(combine(-a * b * b, x.1, -b * b, x.2, a, x.3, x.4), y + step)
  store(combine(a * b * b, x.1, -b * b, x.2, -a, x.3, x.4), y + 2 &* step)
  store(combine(-a * a * b, x.1, -a * a, x.2, b, x.3, x.4), y + 3 &* step)
  store(combine(a * a * b, x.1, -a * a, x.2, -b, x.3, x.4), y + 4 &* step)
  store(multiplyAdd(x.1, product, multiplyAdd(x.3, square, x.5)), y + 5 &* step)
}

/// `V = Bᵀ d B` of a patch: `v[point·channels + c]` from `patch[i·rowStride + j·channels + c]`.
/// `channels` is a multiple of `lanes`; `room` has 36 vectors.
@Sendable func winogradInput(
  _ patch: Input, _ rowStride: Int, _ channels: Int, _ v: Output, _ room: Output
) {
  for c in stride(from: 0, to: channels, by: lanes) {
    for j in 0..<6 {
      transformInput(loadLine(patch + j &* channels + c, rowStride), room + j &* lanes, 6 &* lanes)
    }
    for i in 0..<6 {
      transformInput(loadLine(room + 6 &* i &* lanes, lanes), v + 6 &* i &* channels + c, channels)
    }
  }
}

/// `Gx`
@inline(__always)
private func transformKernel(_ x: (Vector, Vector, Vector), _ y: Output, _ step: Int) {
  let scaleA = Vector(repeating: 1 / (2 * a * a * (a * a - b * b)))
  let scaleB = Vector(repeating: 1 / (2 * b * b * (b * b - a * a)))
  let evenA = multiplyAdd(x.2, Vector(repeating: a * a), x.0)
  let evenB = multiplyAdd(x.2, Vector(repeating: b * b), x.0)
  store(x.0 * (1 / (a * a * b * b)), y)
  store(multiplyAdd(x.1, Vector(repeating: a), evenA) * scaleA, y + step)
  store(multiplyAdd(x.1, Vector(repeating: -a), evenA) * scaleA, y + 2 &* step)
  store(multiplyAdd(x.1, Vector(repeating: b), evenB) * scaleB, y + 3 &* step)
  store(multiplyAdd(x.1, Vector(repeating: -b), evenB) * scaleB, y + 4 &* step)
  store(x.2, y + 5 &* step)
}

/// `U = G g Gᵀ` of `count` kernels of one input channel: `u[point·pointStride + f]`, zeros up to
/// `tileColumns`, from `kernels[tap·tapStride + f]`. `room` has 18 vectors.
@Sendable func winogradKernels(
  _ kernels: Input, _ tapStride: Int, _ count: Int, _ u: Output, _ pointStride: Int,
  _ room: Output
) {
  for f in stride(from: 0, to: 2 &* lanes, by: lanes) {
    let n = min(lanes, max(0, count &- f))
    for q in 0..<3 {
      let x = kernels + q &* tapStride + f
      transformKernel(
        (load(x, n), load(x + 3 &* tapStride, n), load(x + 6 &* tapStride, n)),
        room + q &* lanes, 3 &* lanes)
    }
    for i in 0..<6 {
      let x = room + 3 &* i &* lanes
      transformKernel(
        (load(x), load(x + lanes), load(x + 2 &* lanes)), u + 6 &* i &* pointStride + f,
        pointStride)
    }
  }
}

/// The 36 products for a panel of output channels: `m[tile][point][tileColumns]` from
/// `v[tile][point][channels]`, the first `depth` of them, and `u[point][depth][tileColumns]`.
/// `tiles` is a multiple of `tileRows`.
@Sendable func winogradProducts(
  _ v: Input, _ channels: Int, _ depth: Int, _ u: Input, _ m: Output, _ tiles: Int
) {
  let width = 2 &* lanes
  let tile = Tile(
    depth: depth, c: m, stride: points &* width, rows: tileRows, columns: width,
    accumulate: false, bias: nil, activation: .identity)
  for point in 0..<points {
    for first in stride(from: 0, to: tiles, by: tileRows) {
      let place = first &* points &+ point
      multiplyTile(
        rows: tileRows, tile, v + place &* channels, rowStride: points &* channels, step: 1,
        u + point &* depth &* width, lineStride: width, ending: TileEnding(),
        into: m + place &* width, stride: points &* width)
    }
  }
}

/// `Aᵀx`
@inline(__always)
private func transformOutput(_ x: Line) -> (Vector, Vector, Vector, Vector) {
  (
    x.0 + x.1 + x.2 + x.3 + x.4,
    combine(a, x.1, -a, x.2, b, x.3, x.4 * -b),
    combine(a * a, x.1, a * a, x.2, b * b, x.3, x.4 * (b * b)),
    combine(
      a * a * a, x.1, -a * a * a, x.2, b * b * b, x.3,
      multiplyAdd(x.4, Vector(repeating: -b * b * b), x.5))
  )
}

/// `f(AᵀMA + bias)` from `m[point][tileColumns]`; see ``WinogradTile``. `room` has 56 vectors.
@Sendable func winogradOutput(_ m: Input, _ tile: WinogradTile, _ room: Output) {
  let width = 2 &* lanes
  let side = tile.isPooled ? 2 : 4
  let results = room + 24 &* lanes
  for c in stride(from: 0, to: width, by: lanes) {
    for j in 0..<6 {
      let column = transformOutput(loadLine(m + j &* width + c, 6 &* width))
      let to = room + j &* lanes
      store(column.0, to)
      store(column.1, to + 6 &* lanes)
      store(column.2, to + 12 &* lanes)
      store(column.3, to + 18 &* lanes)
    }
    let shift = tile.bias.map { load($0 + c, min(lanes, max(0, tile.channels &- c))) } ?? .zero
    if tile.isPooled {
      // Every activation is monotonic, and so is adding a bias: the maxima may be taken first.
      for i in 0..<2 {
        let top = transformOutput(loadLine(room + 12 &* i &* lanes, lanes))
        let bottom = transformOutput(loadLine(room + (12 &* i &+ 6) &* lanes, lanes))
        let to = results + 2 &* i &* width + c
        store(larger(larger(top.0, top.1), larger(bottom.0, bottom.1)) + shift, to)
        store(larger(larger(top.2, top.3), larger(bottom.2, bottom.3)) + shift, to + width)
      }
    } else {
      for i in 0..<4 {
        let row = transformOutput(loadLine(room + 6 &* i &* lanes, lanes))
        let to = results + 4 &* i &* width + c
        store(row.0 + shift, to)
        store(row.1 + shift, to + width)
        store(row.2 + shift, to + 2 &* width)
        store(row.3 + shift, to + 3 &* width)
      }
    }
  }
  if tile.activation != .identity {
    map(tile.activation, results, results, side &* side &* width)
  }
  for i in 0..<tile.rows {
    for j in 0..<tile.columns {
      let x = results + (side &* i &+ j) &* width
      let y = tile.y + i &* tile.rowStride + j &* tile.columnStride
      if tile.accumulate {
        transform(x, y, y, tile.channels) { $0 + $1 }
      } else {
        transform(x, y, tile.channels) { $0 }
      }
    }
  }
}

// MARK: The gradient in the weights, Gᵀ[(A dY Aᵀ) ⊙ (Bᵀ d B)]G summed over the tiles

/// `Ay`
@inline(__always)
private func transformGradient(
  _ y: (Vector, Vector, Vector, Vector), _ x: Output, _ step: Int
) {
  let evenA = multiplyAdd(y.2, Vector(repeating: a * a), y.0)
  let evenB = multiplyAdd(y.2, Vector(repeating: b * b), y.0)
  func odd(_ p: Float, _ even: Vector) -> Vector {
    multiplyAdd(
      y.1, Vector(repeating: p), multiplyAdd(y.3, Vector(repeating: p * p * p), even))
  }
  store(y.0, x)
  store(odd(a, evenA), x + step)
  store(odd(-a, evenA), x + 2 &* step)
  store(odd(b, evenB), x + 3 &* step)
  store(odd(-b, evenB), x + 4 &* step)
  store(y.3, x + 5 &* step)
}

/// `D = A dY Aᵀ` of a tile of the output's gradient: `d[point·pointStride + f]`, zeros up to
/// `tileColumns`. Anything outside the tile's rows, columns and channels is zero. `room` has 24
/// vectors.
@Sendable func winogradOutputGradient(
  _ tile: WinogradTile, _ d: Output, _ pointStride: Int, _ room: Output
) {
  for f in stride(from: 0, to: 2 &* lanes, by: lanes) {
    let n = min(lanes, max(0, tile.channels &- f))
    func pixel(_ i: Int, _ j: Int) -> Vector {
      guard i < tile.rows && j < tile.columns else { return .zero }
      return load(tile.y + i &* tile.rowStride + j &* tile.columnStride + f, n)
    }
    for j in 0..<4 {
      transformGradient(
        (pixel(0, j), pixel(1, j), pixel(2, j), pixel(3, j)), room + j &* lanes, 4 &* lanes)
    }
    for i in 0..<6 {
      let y = room + 4 &* i &* lanes
      transformGradient(
        (load(y), load(y + lanes), load(y + 2 &* lanes), load(y + 3 &* lanes)),
        d + 6 &* i &* pointStride + f, pointStride)
    }
  }
}

/// The 36 products for a panel of output channels: `m[point][channels][tileColumns]` (+)= the sums
/// over the tiles of `v[tile][point][channels]` times `d[point][tile][tileColumns]`.
@Sendable func winogradWeightProducts(
  _ v: Input, _ channels: Int, _ d: Input, _ tiles: Int, _ accumulate: Bool, _ m: Output
) {
  let width = 2 &* lanes
  let tile = Tile(
    depth: tiles, c: m, stride: width, rows: tileRows, columns: width, accumulate: accumulate,
    bias: nil, activation: .identity)
  for point in 0..<points {
    @inline(__always)
    func multiply(rows: Int, from c: Int) {
      multiplyTile(
        rows: rows, tile, v + point &* channels + c, rowStride: 1, step: points &* channels,
        d + point &* tiles &* width, lineStride: width,
        ending: TileEnding(accumulate: accumulate), into: m + (point &* channels &+ c) &* width,
        stride: width)
    }
    var c = 0
    // The channels are a multiple of 4 and at least 8, so that tiles of 6 and 4 rows cover them.
    while channels &- c >= tileRows && (tileRows != 6 || channels &- c != 8) {
      multiply(rows: tileRows, from: c)
      c &+= tileRows
    }
    while c < channels {
      multiply(rows: 4, from: c)
      c &+= 4
    }
  }
}

/// `Gᵀx`
@inline(__always)
private func transformProduct(_ x: Line) -> (Vector, Vector, Vector) {
  let scaleA = 1 / (2 * a * a * (a * a - b * b))
  let scaleB = 1 / (2 * b * b * (b * b - a * a))
  let first = x.0 * (1 / (a * a * b * b))
  return (
    combine(
      scaleA, x.1, scaleA, x.2, scaleB, x.3, multiplyAdd(x.4, Vector(repeating: scaleB), first)),
    combine(a * scaleA, x.1, -a * scaleA, x.2, b * scaleB, x.3, x.4 * (-b * scaleB)),
    combine(
      a * a * scaleA, x.1, a * a * scaleA, x.2, b * b * scaleB, x.3,
      multiplyAdd(x.4, Vector(repeating: b * b * scaleB), x.5))
  )
}

/// `GᵀMG` for `count` output channels of one input channel: `gradient[tap·tapStride + f]` from
/// `m[point·pointStride + f]`. `room` has 18 vectors.
@Sendable func winogradWeightGradient(
  _ m: Input, _ pointStride: Int, _ count: Int, _ gradient: Output, _ tapStride: Int,
  _ room: Output
) {
  for f in stride(from: 0, to: min(count, 2 &* lanes), by: lanes) {
    let n = min(lanes, count &- f)
    for j in 0..<6 {
      let column = transformProduct(loadLine(m + j &* pointStride + f, 6 &* pointStride))
      store(column.0, room + j &* lanes)
      store(column.1, room + (6 &+ j) &* lanes)
      store(column.2, room + (12 &+ j) &* lanes)
    }
    for p in 0..<3 {
      let row = transformProduct(loadLine(room + 6 &* p &* lanes, lanes))
      let to = gradient + 3 &* p &* tapStride + f
      store(row.0, to, n)
      store(row.1, to + tapStride, n)
      store(row.2, to + 2 &* tapStride, n)
    }
  }
}
