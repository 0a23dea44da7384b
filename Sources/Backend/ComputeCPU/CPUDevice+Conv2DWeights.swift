import CPUKernels
import Compute

extension Conv2DWeightGradientOperation: CPUOperation {
  public func run(on device: CPUDevice) throws(DeviceError) {
    let (x, dy, dw) = (x.floats, outputGradient.floats, weightsGradient.floats)
    if shape.paysInTiles {
      let loop = WinogradWeightLoop(
        WinogradLoop(shape, bias: nil, kernels: device.kernels), x: x, dy: dy)
      device.sumOverImages(shape, loop.room, into: dw, accumulate: accumulate, loop.sum)
    } else {
      let loop = WeightGradientLoop(shape: shape, x: x, dy: dy, kernels: device.kernels)
      device.sumOverImages(shape, loop.room, into: dw, accumulate: accumulate, loop.sum)
    }
  }
}

extension CPUDevice {
  /// Sums over groups of images that are independent of the number of threads, then over the groups.
  ///
  /// - Parameter sum: Writes the gradient of some images; its room is for `room` numbers.
  fileprivate func sumOverImages(
    _ shape: Convolution, _ room: Int, into gradient: Output, accumulate: Bool,
    _ sum: (_ images: Range<Int>, _ gradient: Output, _ room: Output) -> Void
  ) {
    // Each group has a copy of the weights: a large batch has at most 64 groups.
    let group = max(8, (shape.batch + 63) / 64)
    let groups = (shape.batch + group - 1) / group
    scratch.withLock { scratch in
      scratch.borrow(groups * shape.weightCount + pool.threads * room) { partial in
        let rooms = partial + groups * shape.weightCount
        pool.run(groups) { task, worker in
          let images = task * group..<min(task * group + group, shape.batch)
          sum(images, partial + task * shape.weightCount, rooms + worker * room)
        }
        forEachRange(shape.weightCount, grain: 1024) { first, count in
          let total = partial + first
          kernels.reduceColumns(.sum, total, shape.weightCount, groups, total, count)
          kernels.scaledAdd(1, total, accumulate ? 1 : 0, gradient + first, count)
        }
      }
    }
  }
}

/// The weight gradient as matrix products, one for each row p of the kernel: the left factor's rows
/// are the numbers (q, c) that are adjacent in the image, and the sum runs over the pixels.
private struct WeightGradientLoop {
  let shape: Convolution
  let x: Input
  let dy: Input
  let kernels: KernelTable
  private let outputHeight: Int
  private let outputWidth: Int

  init(shape: Convolution, x: Input, dy: Input, kernels: KernelTable) {
    self.shape = shape
    self.x = x
    self.dy = dy
    self.kernels = kernels
    (outputHeight, outputWidth) = (shape.outputHeight, shape.outputWidth)
  }

  private var pixels: Int { outputHeight * outputWidth }
  /// The image with its padding.
  private var line: Int {
    (shape.width + shape.columns.before + shape.columns.after) * shape.inputChannels
  }
  private var height: Int { shape.height + shape.rows.before + shape.rows.after }

  /// The room that a thread needs: a panel of the output gradient, one of the image, and the padded image.
  var room: Int {
    pixels * (kernels.tileColumns + kernels.tileRows) + (shape.isInside ? 0 : height * line)
  }

  /// The sum over some images.
  func sum(_ images: Range<Int>, _ dw: Output, _ room: Output) {
    let panel = room
    let edge = room + pixels * kernels.tileColumns
    let margined = edge + pixels * kernels.tileRows
    if !shape.isInside { margined.update(repeating: 0, count: height * line) }
    for image in images {
      let source = shape.isInside ? x + image * height * line : copy(image, into: margined)
      for column in stride(from: 0, to: shape.outputChannels, by: kernels.tileColumns) {
        let columns = min(kernels.tileColumns, shape.outputChannels - column)
        let gradient = dy + image * pixels * shape.outputChannels + column
        var lines = kernels.packedLines(panel)
        if columns == kernels.tileColumns
          && shape.columns.size * shape.inputChannels >= kernels.tileRows
        {
          // The first tile packs what it reads.
          lines = TileLines(start: gradient, stride: shape.outputChannels, panel: panel)
        } else {
          kernels.packLines(
            gradient, shape.outputChannels, pixels, columns, kernels.tileColumns, panel)
        }
        for p in 0..<shape.rows.size {
          rows(p, of: source, column, columns, &lines, image > images.lowerBound, into: dw, edge)
        }
      }
    }
  }

  /// Copies an image into one padded with zeros.
  private func copy(_ image: Int, into margined: Output) -> Input {
    let width = shape.width * shape.inputChannels
    for i in 0..<shape.height {
      (margined + (i + shape.rows.before) * line + shape.columns.before * shape.inputChannels)
        .update(from: x + (image * shape.height + i) * width, count: width)
    }
    return Input(margined)
  }

  /// The rows (p, q, c) of the gradient for one p.
  fileprivate func rows(
    _ p: Int, of image: Input, _ column: Int, _ columns: Int, _ lines: inout TileLines,
    _ accumulate: Bool, into dw: Output, _ edge: Output
  ) {
    let count = shape.columns.size * shape.inputChannels
    let (step, rowStep) = (shape.columns.stride * shape.inputChannels, shape.rows.stride * line)
    for row in Swift.stride(from: 0, to: count, by: kernels.tileRows) {
      let start = image + p * line + row
      var tile = Tile(
        depth: outputWidth, segments: outputHeight, segmentStride: rowStep,
        c: dw + (p * count + row) * shape.outputChannels + column, stride: shape.outputChannels,
        rows: min(kernels.tileRows, count - row), columns: columns, accumulate: accumulate,
        bias: nil, activation: .identity)
      if tile.rows == kernels.tileRows {
        kernels.multiply(
          tile, .across(start: start, step: step), lines)
        if let panel = lines.panel { lines = kernels.packedLines(panel) }
      } else {
        for i in 0..<outputHeight {
          kernels.packLines(
            start + i * rowStep, step, outputWidth, tile.rows, kernels.tileRows,
            edge + i * outputWidth * kernels.tileRows)
        }
        (tile.depth, tile.segments) = (pixels, 1)
        kernels.multiply(
          tile, .across(start: edge, step: kernels.tileRows), lines)
      }
    }
  }
}
