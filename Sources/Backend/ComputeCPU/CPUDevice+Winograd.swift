import CPUKernels
import Compute

extension CPUDevice {
  /// Runs a convolution by tiles.
  func run(_ loop: WinogradLoop, _ x: Input, _ weights: Input, into y: Output) {
    scratch.withLock { scratch in
      scratch.borrow(loop.transformedCount + pool.threads * loop.roomCount) { transformed in
        let rooms = transformed + loop.transformedCount
        loop.transformKernels(weights, on: pool, transformed, rooms)
        pool.run(loop.groups) { group, worker in
          loop.run(group, x, transformed, into: y, rooms + worker * loop.roomCount)
        }
      }
    }
  }
}

/// A convolution with kernels of 3 × 3 by tiles of 4 × 4 results (Lavin and Gray, 2015; see
/// `Winograd.swift` of the kernels). Tiles are grouped, in groups small enough that the transformed patches
/// and products stay in the second-level cache, large enough to read the kernels rarely.
struct WinogradLoop {
  let shape: Convolution
  /// Compute only the maxima of 2 × 2 windows.
  let isPooled: Bool
  /// Add to the output.
  let accumulate: Bool
  let bias: Input?
  let kernels: KernelTable
  private let outputHeight: Int
  private let outputWidth: Int

  /// Two register tiles high: their products then fit the first-level cache.
  var groupTiles: Int { 2 * kernels.tileRows }
  let points = 36

  init(
    _ shape: Convolution, isPooled: Bool = false, accumulate: Bool = false, bias: Input?,
    kernels: KernelTable
  ) {
    self.shape = shape
    self.isPooled = isPooled
    self.accumulate = accumulate
    self.bias = bias
    self.kernels = kernels
    (outputHeight, outputWidth) = (shape.outputHeight, shape.outputWidth)
  }

  /// The tiles in a column of an image.
  private var tilesDown: Int { (outputHeight + 3) / 4 }
  private var tilesAcross: Int { (outputWidth + 3) / 4 }
  /// The tiles of an image.
  var imageTiles: Int { tilesDown * tilesAcross }
  private var tiles: Int { shape.batch * imageTiles }
  /// The tasks.
  var groups: Int { (tiles + groupTiles - 1) / groupTiles }

  var panels: Int {
    (shape.outputChannels + kernels.tileColumns - 1) / kernels.tileColumns
  }
  private var panelCount: Int { points * shape.inputChannels * kernels.tileColumns }
  /// The room for the transformed kernels, `[panel][point][input channel][tileColumns]`.
  var transformedCount: Int { panels * panelCount }

  /// The input channels, rounded up to whole vectors.
  var channels: Int {
    (shape.inputChannels + kernels.lanes - 1) / kernels.lanes * kernels.lanes
  }
  /// The size of a transformed patch.
  var patchCount: Int { points * channels }
  private var productCount: Int { points * kernels.tileColumns }
  /// The room that a thread needs: patches and products of a group, a patch, and 56 vectors.
  var roomCount: Int {
    groupTiles * (patchCount + productCount) + patchCount + 56 * kernels.lanes
  }

  /// Transforms the weights, packed in panels as wide as a register tile.
  func transformKernels(
    _ weights: Input, on pool: ThreadPool, _ transformed: Output, _ rooms: Output
  ) {
    pool.run(panels) { panel, worker in
      let column = panel * kernels.tileColumns
      for c in 0..<shape.inputChannels {
        kernels.winogradKernels(
          weights + c * shape.outputChannels + column,
          shape.inputChannels * shape.outputChannels,
          min(kernels.tileColumns, shape.outputChannels - column),
          transformed + panel * panelCount + c * kernels.tileColumns,
          shape.inputChannels * kernels.tileColumns, rooms + worker * roomCount)
      }
    }
  }

  /// Computes a group of tiles.
  func run(_ group: Int, _ x: Input, _ transformed: Input, into y: Output, _ room: Output) {
    let products = room + groupTiles * patchCount
    let rest = products + groupTiles * productCount
    let first = group * groupTiles
    let count = min(groupTiles, tiles - first)
    for tile in 0..<count { transformInput(first + tile, x, room + tile * patchCount, rest) }
    // The last rows of the last register tile may be left-overs of another group.
    let rows = (count + kernels.tileRows - 1) / kernels.tileRows * kernels.tileRows
    for panel in 0..<panels {
      kernels.winogradProducts(
        room, channels, shape.inputChannels, transformed + panel * panelCount, products, rows)
      for tile in 0..<count {
        kernels.winogradOutput(
          products + tile * productCount, output(first + tile, panel * kernels.tileColumns, y),
          rest)
      }
    }
  }

  /// Transforms the patch of a tile in place, if it lies inside the image and its channels fill vectors;
  /// otherwise a copy padded with zeros.
  func transformInput(_ tile: Int, _ x: Input, _ v: Output, _ room: Output) {
    let place = place(tile)
    let (top, left) = (place.row - shape.rows.before, place.column - shape.columns.before)
    let rows = max(0, -top)..<max(0, min(6, shape.height - top))
    let columns = max(0, -left)..<max(0, min(6, shape.width - left))
    let line = shape.width * shape.inputChannels
    let image = x + place.image * shape.height * line
    if rows.count == 6 && columns.count == 6 && channels == shape.inputChannels {
      kernels.winogradInput(image + top * line + left * channels, line, channels, v, room)
      return
    }
    room.update(repeating: 0, count: patchCount)
    for i in rows {
      for j in columns {
        (room + (6 * i + j) * channels).update(
          from: image + (top + i) * line + (left + j) * shape.inputChannels,
          count: shape.inputChannels)
      }
    }
    kernels.winogradInput(room, 6 * channels, channels, v, room + patchCount)
  }

  /// The place of a tile's results in `y`, from output channel `first` on.
  func output(_ tile: Int, _ first: Int, _ y: Output) -> WinogradTile {
    let window = isPooled ? 2 : 1
    let (height, width) = (outputHeight / window, outputWidth / window)
    let place = place(tile)
    let (row, column) = (place.row / window, place.column / window)
    return WinogradTile(
      y: y + ((place.image * height + row) * width + column) * shape.outputChannels + first,
      rowStride: width * shape.outputChannels, columnStride: shape.outputChannels,
      rows: min(4 / window, height - row), columns: min(4 / window, width - column),
      channels: min(kernels.tileColumns, shape.outputChannels - first), isPooled: isPooled,
      accumulate: accumulate, bias: bias.map { $0 + first }, activation: shape.activation)
  }

  /// The image of a tile and its upper left pixel there.
  private func place(_ tile: Int) -> (image: Int, row: Int, column: Int) {
    (
      tile / imageTiles, tile / tilesAcross % tilesDown * 4, tile % tilesAcross * 4
    )
  }
}
