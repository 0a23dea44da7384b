import CPUKernels
import Compute

extension CPUDevice {
  public func matmul(_ shape: Matmul, _ a: Buffer, _ b: Buffer, bias: Buffer?, into c: Buffer)
    throws(DeviceError)
  {
    shape.check(a, b, bias: bias, into: c)
    let product = PackedProduct(
      shape, a.floats, b.floats, bias: bias?.floats, into: c.floats, kernels: kernels)
    scratch.withLock { scratch in
      scratch.borrow(product.scratchCount(threads: pool.threads)) { product.run(on: pool, $0) }
    }
  }
}

/// A matrix product in the manner of Goto and van de Geijn (2008): `a` is packed into panels as high
/// as a register tile; then each task packs one panel of `b`, as wide as a tile, and runs down a
/// block of rows with it.
private struct PackedProduct {
  let shape: Matmul
  let a: Input
  let b: Input
  let bias: Input?
  let c: Output
  let kernels: KernelTable
  /// The depth of a panel: a panel of `b` stays in the second-level cache, one of `a` in the first.
  let depth: Int
  /// The rows that share one packing of a panel of `b`.
  let rowBlock: Int

  init(
    _ shape: Matmul, _ a: Input, _ b: Input, bias: Input?, into c: Output, kernels: KernelTable
  ) {
    self.shape = shape
    self.a = a
    self.b = b
    self.bias = bias
    self.c = c
    self.kernels = kernels
    let depthBlocks = (shape.k + 511) / 512
    depth = (shape.k + depthBlocks - 1) / depthBlocks
    // The narrower the tile, the more it costs to pack `b` again for each block of rows.
    rowBlock = kernels.tileColumns <= 16 ? 512 : 256
  }

  private var rowPanels: Int { (shape.m + kernels.tileRows - 1) / kernels.tileRows }
  private var columnPanels: Int { (shape.n + kernels.tileColumns - 1) / kernels.tileColumns }

  /// The numbers of scratch memory: packed `a`, and a panel of `b` for each thread.
  func scratchCount(threads: Int) -> Int {
    depth * (rowPanels * kernels.tileRows + threads * kernels.tileColumns)
  }

  func run(on pool: ThreadPool, _ scratch: Output) {
    let packedA = scratch
    let panelsOfB = scratch + depth * rowPanels * kernels.tileRows
    let rowBlocks = (shape.m + rowBlock - 1) / rowBlock
    for first in stride(from: 0, to: shape.k, by: depth) {
      let slice = first..<min(first + depth, shape.k)
      pool.run((rowPanels + 3) / 4) { task, _ in
        for panel in task * 4..<min(task * 4 + 4, rowPanels) {
          packA(panel, slice, packedA + panel * kernels.tileRows * slice.count)
        }
      }
      pool.run(rowBlocks * columnPanels) { task, worker in
        let panel = panelsOfB + worker * depth * kernels.tileColumns
        let column = task % columnPanels * kernels.tileColumns
        packB(column, slice, panel)
        let row = task / columnPanels * rowBlock
        multiply(row..<min(row + rowBlock, shape.m), column, slice, packedA, panel)
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

  private func packB(_ column: Int, _ slice: Range<Int>, _ target: Output) {
    let valid = min(kernels.tileColumns, shape.n - column)
    if shape.transposeB {
      kernels.packTurned(
        b + column * shape.k + slice.lowerBound, shape.k, slice.count, valid, kernels.tileColumns,
        target)
    } else {
      kernels.packLines(
        b + slice.lowerBound * shape.n + column, shape.n, slice.count, valid, kernels.tileColumns,
        target)
    }
  }

  private func multiply(
    _ rows: Range<Int>, _ column: Int, _ slice: Range<Int>, _ packedA: Input, _ panelOfB: Input
  ) {
    let isLast = slice.upperBound == shape.k
    var tile = Tile(
      depth: slice.count, c: c, stride: shape.n, rows: kernels.tileRows,
      columns: min(kernels.tileColumns, shape.n - column),
      accumulate: shape.accumulate || slice.lowerBound > 0,
      bias: isLast ? bias.map { $0 + column } : nil,
      activation: isLast ? shape.activation : .identity)
    for row in stride(from: rows.lowerBound, to: rows.upperBound, by: kernels.tileRows) {
      tile.c = c + row * shape.n + column
      tile.rows = min(kernels.tileRows, shape.m - row)
      kernels.multiply(
        tile, .across(start: packedA + row * slice.count, step: kernels.tileRows), panelOfB)
    }
  }
}
