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

/// A matrix product in the manner of Goto and van de Geijn (2008): each task runs down a block of rows
/// with a panel of `b`, as wide as a register tile, which stays in the first-level cache, while the
/// block of `a` stays in the second.
///
/// The panel is packed by the first tile on its way. `a` is packed into panels as high as a tile
/// where that pays, once for all tasks.
private struct PackedProduct {
  let shape: Matmul
  let a: Input
  let b: Input
  let bias: Input?
  let c: Output
  let kernels: KernelTable
  /// The depth of a panel.
  let depth: Int
  /// The rows that share one packing of a panel of `b`.
  let rowBlock: Int
  let packsA: Bool

  init(
    _ shape: Matmul, _ a: Input, _ b: Input, bias: Input?, into c: Output, kernels: KernelTable
  ) {
    self.shape = shape
    self.a = a
    self.b = b
    self.bias = bias
    self.c = c
    self.kernels = kernels
    let depthBlocks = (shape.k + xDepth - 1) / xDepth
    depth = (shape.k + depthBlocks - 1) / depthBlocks
    rowBlock = xRows
    packsA = xPackA == 1 || (xPackA == 2 && shape.transposeA && shape.k > 128 && shape.n >= 8 * kernels.tileColumns)
  }

  private var rowPanels: Int { (shape.m + kernels.tileRows - 1) / kernels.tileRows }
  private var columnPanels: Int { (shape.n + kernels.tileColumns - 1) / kernels.tileColumns }
  /// The panels of `a` that are read where they lie: whole ones.
  private var directPanels: Int { packsA ? 0 : shape.m / kernels.tileRows }

  /// The numbers of scratch memory: packed `a`, and a panel of `b` for each thread.
  func scratchCount(threads: Int) -> Int {
    depth * ((rowPanels - directPanels) * kernels.tileRows + threads * kernels.tileColumns)
  }

  func run(on pool: ThreadPool, _ scratch: Output) {
    let packedA = scratch
    let panelsOfB = scratch + depth * (rowPanels - directPanels) * kernels.tileRows
    let rowBlocks = (shape.m + rowBlock - 1) / rowBlock
    for first in stride(from: 0, to: shape.k, by: depth) {
      let slice = first..<min(first + depth, shape.k)
      pool.run((rowPanels - directPanels + 3) / 4) { task, _ in
        for panel in task * 4..<min(task * 4 + 4, rowPanels - directPanels) {
          packA(
            directPanels + panel, slice, packedA + panel * kernels.tileRows * slice.count)
        }
      }
      pool.run(rowBlocks * columnPanels) { task, worker in
        let panel = panelsOfB + worker * depth * kernels.tileColumns
        let column = task % columnPanels * kernels.tileColumns
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

  /// The lines of a panel of `b`: whole ones of a matrix as it lies are packed by the first tile.
  private func lines(_ column: Int, _ slice: Range<Int>, _ panel: Output) -> TileLines {
    let valid = min(kernels.tileColumns, shape.n - column)
    if shape.transposeB {
      kernels.packTurned(
        b + column * shape.k + slice.lowerBound, shape.k, slice.count, valid, kernels.tileColumns,
        panel)
    } else {
      let start = b + slice.lowerBound * shape.n + column
      if valid == kernels.tileColumns {
        var lines = TileLines(start: start, stride: shape.n, panel: panel)
        if column + 2 * kernels.tileColumns <= shape.n && xNext {
          lines.next = start + kernels.tileColumns
          lines.nextStride = shape.n
        }
        return lines
      }
      kernels.packLines(start, shape.n, slice.count, valid, kernels.tileColumns, panel)
    }
    return TileLines(packed: panel, width: kernels.tileColumns)
  }

  private func multiply(
    _ rows: Range<Int>, _ column: Int, _ slice: Range<Int>, _ packedA: Input, _ panel: Output
  ) {
    let isLast = slice.upperBound == shape.k
    var lines = lines(column, slice, panel)
    func multiply(_ rows: Range<Int>, _ a: TileRows) {
      guard !rows.isEmpty else { return }
      let tile = Tile(
        depth: slice.count, c: c + rows.lowerBound * shape.n + column, stride: shape.n,
        rows: rows.count, columns: min(kernels.tileColumns, shape.n - column),
        accumulate: shape.accumulate || slice.lowerBound > 0,
        bias: isLast ? bias.map { $0 + column } : nil,
        activation: isLast ? shape.activation : .identity)
      kernels.multiply(tile, a, lines)
      lines = TileLines(packed: panel, width: kernels.tileColumns)
    }
    let direct = directPanels * kernels.tileRows
    let first = rows.lowerBound
    multiply(
      rows.clamped(to: 0..<direct),
      shape.transposeA
        ? .across(
          start: a + slice.lowerBound * shape.m + first, step: shape.m,
          tileStride: kernels.tileRows)
        : .along(
          start: a + first * shape.k + slice.lowerBound, rowStride: shape.k,
          tileStride: kernels.tileRows * shape.k))
    let packed = rows.clamped(to: direct..<max(direct, shape.m))
    multiply(
      packed,
      .across(
        start: packedA + (packed.lowerBound - direct) * slice.count, step: kernels.tileRows,
        tileStride: kernels.tileRows * slice.count))
  }
}
import Foundation
let xDepth = Int(ProcessInfo.processInfo.environment["DG_DEPTH"] ?? "512")!
let xRows = Int(ProcessInfo.processInfo.environment["DG_ROWS"] ?? "256")!
let xPackA = Int(ProcessInfo.processInfo.environment["DG_PACKA"] ?? "2")!
let xNext = ProcessInfo.processInfo.environment["DG_NEXT"] != "0"
