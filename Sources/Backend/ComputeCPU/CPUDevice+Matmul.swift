import CPUKernels
import Compute

extension MatmulOperation: CPUOperation {
  public func run(on device: CPUDevice) throws(DeviceError) {
    device.multiply(shape, a.floats, b.floats, bias: bias?.floats, into: c.floats)
  }
}

extension BatchedMatmulOperation: CPUOperation {
  public func run(on device: CPUDevice) throws(DeviceError) {
    for i in 0..<count {
      device.multiply(
        shape, a.floats + i * aStep, b.floats + i * bStep, bias: nil, into: c.floats + i * cStep)
    }
  }
}

extension CPUDevice {
  /// A product of any shape.
  fileprivate func multiply(
    _ shape: Matmul, _ a: Input, _ b: Input, bias: Input?, into c: Output
  ) {
    if shape.m == 1 || shape.n == 1 {
      let (vector, matrix) = shape.m == 1 ? (a, b) : (b, a)
      let rowsAreResults = shape.m == 1 ? shape.transposeB : !shape.transposeA
      multiply(
        shape, vector, matrix, rowsAreResults: rowsAreResults, bias: bias, into: c)
    } else {
      // Activations of more than one instruction are applied to long stretches, not to the rows of a tile.
      let isSimple = shape.activation == .identity || shape.activation == .relu
      var simple = shape
      simple.activation = isSimple ? shape.activation : .identity
      let product = PackedProduct(
        simple, a, b, bias: bias, into: c, kernels: kernels, threads: pool.threads)
      scratch.withLock { scratch in
        scratch.borrow(product.scratchCount(threads: pool.threads)) {
          product.run(on: pool, $0)
        }
        guard !isSimple else { return }
        forEachRange(shape.m * shape.n) { first, count in
          kernels.map(shape.activation, c + first, c + first, count)
        }
      }
    }
  }
}

extension CPUDevice {
  /// A product with one row or one column: a vector times a matrix in which each result has its own row, or
  /// its own column.
  fileprivate func multiply(
    _ shape: Matmul, _ vector: Input, _ matrix: Input, rowsAreResults: Bool, bias: Input?,
    into c: Output
  ) {
    let results = shape.m * shape.n
    // Eight vectors of columns are read at a time.
    let grain = rowsAreResults ? max(4, 8192 / shape.k) : 8 * kernels.lanes
    forEachRange(results, grain: grain) { first, count in
      let y = c + first
      if rowsAreResults {
        kernels.dotRows(
          matrix + first * shape.k, shape.k, count, vector, shape.k, shape.accumulate, y)
      } else {
        kernels.addRows(
          matrix + first, results, shape.k, vector, count, shape.accumulate, y)
      }
      if let bias {
        for i in 0..<count { y[i] += bias[shape.n == 1 ? 0 : first + i] }
      }
      if shape.activation != .identity { kernels.map(shape.activation, y, y, count) }
    }
  }
}

/// A matrix product after Goto and van de Geijn (2008): a task runs down a block of rows with a panel of
/// `b`, as wide as a register tile.
///
/// The first tile packs the panel on the fly, those below find it in the caches. `a` is read in place,
/// which costs nothing: a tile takes one number at a time of each of its rows. It is packed, into panels as
/// high as a tile, where its rows do not fill the last tile, and where it is stored transposed and so deep
/// that the cache lines of a step would be evicted before the next tile needs them.
private struct PackedProduct {
  let shape: Matmul
  let a: Input
  let b: Input
  let bias: Input?
  let c: Output
  let kernels: KernelTable
  /// The depth of a panel. It is the same on every machine, since results depend on it.
  let depth: Int
  /// The rows that share one packing of a panel of `b`.
  let rowBlock: Int
  /// The panels of `a` that are read in place.
  let directPanels: Int

  init(
    _ shape: Matmul, _ a: Input, _ b: Input, bias: Input?, into c: Output, kernels: KernelTable,
    threads: Int
  ) {
    self.shape = shape
    self.a = a
    self.b = b
    self.bias = bias
    self.c = c
    self.kernels = kernels
    let (rows, columns) = (kernels.tileRows, kernels.tileColumns)
    let slices = (shape.k + 511) / 512
    depth = (shape.k + slices - 1) / slices
    let packsA = shape.transposeA && depth > 128 && shape.n >= 8 * columns
    directPanels = packsA ? 0 : shape.m / rows
    // A block of `a` takes half of the second-level cache, and there are two tasks for each thread.
    let cached = Cache.secondLevel / (2 * MemoryLayout<Float>.stride * depth)
    let shared = shape.m * ((shape.n + columns - 1) / columns) / (2 * threads)
    let most = max(2, min(cached, shared) / rows) * rows
    // All blocks are of about the same height.
    let blocks = (shape.m + most - 1) / most
    rowBlock = ((shape.m + blocks - 1) / blocks + rows - 1) / rows * rows
  }

  private var rowPanels: Int { (shape.m + kernels.tileRows - 1) / kernels.tileRows }
  private var packedPanels: Int { rowPanels - directPanels }
  private var columnPanels: Int { (shape.n + kernels.tileColumns - 1) / kernels.tileColumns }

  /// The size of the scratch memory: packed `a`, and a panel of `b` for each thread.
  func scratchCount(threads: Int) -> Int {
    depth * (packedPanels * kernels.tileRows + threads * kernels.tileColumns)
  }

  func run(on pool: ThreadPool, _ scratch: Output) {
    let packedA = scratch
    let panelsOfB = scratch + depth * packedPanels * kernels.tileRows
    let rowBlocks = (shape.m + rowBlock - 1) / rowBlock
    // Less work than that is done before another thread has started.
    let isSmall = rowPanels * kernels.tileRows * shape.n * shape.k < 1 << 19
    for first in stride(from: 0, to: shape.k, by: depth) {
      let slice = first..<min(first + depth, shape.k)
      pool.run((packedPanels + 3) / 4) { task, _ in
        for panel in task * 4..<min(task * 4 + 4, packedPanels) {
          packA(directPanels + panel, slice, packedA + panel * kernels.tileRows * slice.count)
        }
      }
      pool.run(rowBlocks * columnPanels, isSmall: isSmall) { task, worker in
        let (block, column) = (task / columnPanels * rowBlock, task % columnPanels)
        multiply(
          block..<min(block + rowBlock, shape.m), column * kernels.tileColumns, slice, packedA,
          panelsOfB + worker * depth * kernels.tileColumns)
      }
    }
  }

  private func packA(_ panel: Int, _ slice: Range<Int>, _ target: Output) {
    let row = panel * kernels.tileRows
    let valid = min(kernels.tileRows, shape.m - row)
    if shape.transposeA {
      kernels.packLines(
        a + slice.lowerBound * shape.m + row, shape.m, slice.count, valid, kernels.tileRows, target)
    } else {
      kernels.packTurned(
        a + row * shape.k + slice.lowerBound, shape.k, slice.count, valid, kernels.tileRows, target)
    }
  }

  /// The lines of a panel of `b` for some tiles, packed now unless the first of them can do it.
  private func lines(_ column: Int, _ slice: Range<Int>, tiles: Int, _ panel: Output) -> TileLines {
    let width = kernels.tileColumns
    let valid = min(width, shape.n - column)
    if shape.transposeB {
      kernels.packTurned(
        b + column * shape.k + slice.lowerBound, shape.k, slice.count, valid, width, panel)
    } else {
      let start = b + slice.lowerBound * shape.n + column
      if valid == width {
        return TileLines(
          start: start, stride: shape.n, panel: tiles > 1 ? panel : nil,
          next: column + 2 * width <= shape.n ? start + width : nil)
      }
      kernels.packLines(start, shape.n, slice.count, valid, width, panel)
    }
    return kernels.packedLines(panel)
  }

  /// The results of a block of rows and a panel of columns, for a slice of the depth.
  private func multiply(
    _ rows: Range<Int>, _ column: Int, _ slice: Range<Int>, _ packedA: Input, _ panel: Output
  ) {
    let tileRows = kernels.tileRows
    let isLast = slice.upperBound == shape.k
    var lines = lines(
      column, slice, tiles: (rows.count + tileRows - 1) / tileRows, panel)
    func multiply(_ rows: Range<Int>, _ a: TileRows) {
      guard !rows.isEmpty else { return }
      let tile = Tile(
        depth: slice.count, c: c + rows.lowerBound * shape.n + column, stride: shape.n,
        rows: rows.count, columns: min(kernels.tileColumns, shape.n - column),
        accumulate: shape.accumulate || slice.lowerBound > 0,
        bias: isLast ? bias.map { $0 + column } : nil,
        activation: isLast ? shape.activation : .identity)
      kernels.multiply(tile, a, lines)
      if lines.panel != nil { lines = kernels.packedLines(panel) }
    }
    let direct = rows.clamped(to: 0..<directPanels * tileRows)
    multiply(
      direct,
      shape.transposeA
        ? .across(
          start: a + slice.lowerBound * shape.m + direct.lowerBound, step: shape.m,
          tileStride: tileRows)
        : .along(
          start: a + direct.lowerBound * shape.k + slice.lowerBound, rowStride: shape.k,
          tileStride: tileRows * shape.k))
    let packed = rows.clamped(to: directPanels * tileRows..<max(directPanels * tileRows, shape.m))
    multiply(
      packed,
      .across(
        start: packedA + (packed.lowerBound - directPanels * tileRows) * slice.count,
        step: tileRows, tileStride: tileRows * slice.count))
  }
}
