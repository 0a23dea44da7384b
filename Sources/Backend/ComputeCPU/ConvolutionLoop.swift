import CPUKernels
import Compute

/// A convolution as an implicit matrix product: for each row p of the kernel, the numbers that a pixel
/// needs are adjacent in the image, and those of its neighbour start `channels` further, or as many pixels
/// as the stride. So a register tile takes neighbouring pixels of a row as its rows.
///
/// Where kernels cross the edge, the part of the image under them is copied with padding.
struct ConvolutionLoop {
  let rows: Sweep
  let columns: Sweep
  /// The channels of the image that is read.
  let channels: Int
  /// The channels of the image that is written.
  let filters: Int
  let bias: Input?
  let activation: UnaryFunction
  let accumulate: Bool
  let kernels: KernelTable

  init(_ shape: Convolution, bias: Input?, kernels: KernelTable) {
    self.init(
      rows: Sweep(shape.rows, over: shape.height), columns: Sweep(shape.columns, over: shape.width),
      channels: shape.inputChannels, filters: shape.outputChannels, bias: bias,
      activation: shape.activation, accumulate: false, kernels: kernels)
  }

  init(
    rows: Sweep, columns: Sweep, channels: Int, filters: Int, bias: Input?,
    activation: UnaryFunction, accumulate: Bool, kernels: KernelTable
  ) {
    self.rows = rows
    self.columns = columns
    self.channels = channels
    self.filters = filters
    self.bias = bias
    self.activation = activation
    self.accumulate = accumulate
    self.kernels = kernels
  }

  /// The length of the part of a kernel that covers one stretch of the image.
  private var segment: Int { columns.taps * channels }
  private var depth: Int { rows.taps * segment }
  private var panels: Int { (filters + kernels.tileColumns - 1) / kernels.tileColumns }
  /// The size of an image that is read.
  var sourceCount: Int { rows.extent * columns.extent * channels }
  /// The room for the packed weights.
  var packedCount: Int { panels * depth * kernels.tileColumns }

  private var isInside: Bool { rows.isInside && columns.isInside }

  /// The room that a thread needs for `count` rows: pixels where a row is narrower than a tile, and the
  /// padded part of the image.
  func roomCount(rows count: Int) -> Int {
    let copy =
      isInside
      ? 0 : rows.reach(0, count).count * columns.reach(0, columns.count).count * channels
    return depth * kernels.tileRows + copy
  }

  /// Packs the weights into panels as wide as a register tile.
  func pack(_ weights: Input, on pool: ThreadPool, _ packed: Output) {
    pool.run(panels) { panel, _ in
      let column = panel * kernels.tileColumns
      kernels.packLines(
        weights + column, filters, depth, min(kernels.tileColumns, filters - column),
        kernels.tileColumns, packed + panel * depth * kernels.tileColumns)
    }
  }

  /// The offset of the first result of row `row` of an image.
  func target(of image: Int, _ row: Int) -> Int {
    let line = image * rows.targetExtent + rows.target + row * rows.targetStep
    return (line * columns.targetExtent + columns.target) * filters
  }

  /// Computes some rows of an output image; `y` points to the first of them.
  func run(
    _ range: Range<Int>, of image: Input, _ packed: Input, into y: Output, _ room: Output
  ) {
    let (down, across) = (
      rows.reach(range.lowerBound, range.count), columns.reach(0, columns.count)
    )
    let source: Input
    let line: Int
    if isInside {
      line = columns.extent * channels
      source = image + down.lowerBound * line + across.lowerBound * channels
    } else {
      line = across.count * channels
      let copy = room + depth * kernels.tileRows
      self.copy(image, down, across, into: copy)
      source = Input(copy)
    }
    for i in 0..<range.count {
      row(
        source + i * rows.step * line, line, packed,
        into: y + i * rows.targetStep * columns.targetExtent * filters, room)
    }
  }

  /// Copies a part of an image, which may reach beyond it, with zeros there.
  private func copy(_ image: Input, _ down: Range<Int>, _ across: Range<Int>, into copy: Output) {
    let line = across.count * channels
    let inside = across.clamped(to: 0..<columns.extent)
    for (i, row) in down.enumerated() {
      let to = copy + i * line
      guard 0..<rows.extent ~= row, !inside.isEmpty else {
        to.update(repeating: 0, count: line)
        continue
      }
      let (before, width) = (
        (inside.lowerBound - across.lowerBound) * channels, inside.count * channels
      )
      to.update(repeating: 0, count: before)
      (to + before).update(
        from: image + (row * columns.extent + inside.lowerBound) * channels, count: width)
      (to + before + width).update(repeating: 0, count: line - before - width)
    }
  }

  /// Computes a row of an output image from rows of the image that lie `line` apart.
  private func row(_ image: Input, _ line: Int, _ packed: Input, into y: Output, _ room: Output) {
    let pixels = min(kernels.tileRows, columns.count)
    let (step, targetStep) = (columns.step * channels, columns.targetStep * filters)
    for panel in 0..<panels {
      let column = panel * kernels.tileColumns
      var j = 0
      while j < columns.count {
        // The last tile starts early enough to be full, but must not add anything twice.
        let first = accumulate ? j : min(j, columns.count - pixels)
        let count = min(pixels, columns.count - first)
        let start = image + first * step
        var tile = Tile(
          depth: segment, segments: rows.taps, segmentStride: line,
          c: y + first * targetStep + column, stride: targetStep, rows: count,
          columns: min(kernels.tileColumns, filters - column), accumulate: accumulate,
          bias: bias.map { $0 + column }, activation: activation)
        let weights = packed + panel * depth * kernels.tileColumns
        if count == kernels.tileRows {
          kernels.multiply(
            tile, .along(start: start, rowStride: step), kernels.packedLines(weights))
        } else {
          for p in 0..<rows.taps {
            kernels.packTurned(
              start + p * line, step, segment, count, kernels.tileRows,
              room + p * segment * kernels.tileRows)
          }
          (tile.depth, tile.segments) = (depth, 1)
          kernels.multiply(
            tile, .across(start: room, step: kernels.tileRows), kernels.packedLines(weights))
        }
        j += pixels
      }
    }
  }
}
