import CPUKernels
import Compute

extension Conv2DOperation: CPUOperation {
  public func run(on device: CPUDevice) throws(DeviceError) {
    if shape.paysInTiles {
      let loop = WinogradLoop(shape, bias: bias?.floats, kernels: device.kernels)
      device.run(loop, x.floats, weights.floats, into: y.floats)
    } else {
      device.convolve(
        shape, x.floats, weights.floats, bias: bias?.floats, into: y.floats, accumulate: false)
    }
  }
}

extension Conv2DMaxPoolOperation: CPUOperation {
  public func run(on device: CPUDevice) throws(DeviceError) {
    let pooling = shape.pooling
    if shape.paysInTiles {
      let loop = WinogradLoop(shape, isPooled: true, bias: bias?.floats, kernels: device.kernels)
      return device.run(loop, x.floats, weights.floats, into: y.floats)
    }
    let (input, pooled) = (x.floats, y.floats)
    let loop = ConvolutionLoop(shape, bias: bias?.floats, kernels: device.kernels)
    let rowCount = shape.outputWidth * shape.outputChannels
    let room = loop.panelCount + 2 * rowCount
    device.scratch.withLock { scratch in
      scratch.borrow(loop.packedCount + device.pool.threads * room) { packed in
        loop.pack(weights.floats, on: device.pool, packed)
        device.pool.run(shape.batch * pooling.outputHeight) { task, worker in
          let panel = packed + loop.packedCount + worker * room
          let rows = panel + loop.panelCount
          let (image, window) = (task / pooling.outputHeight, task % pooling.outputHeight)
          for i in 0..<2 {
            loop.row(
              input + image * loop.inputImage, 2 * window + i, packed, into: rows + i * rowCount,
              accumulate: false, panel)
          }
          device.kernels.maxPoolRows(
            rows, rows + rowCount, pooling.outputWidth, pooling.channels,
            pooled + task * pooling.outputWidth * pooling.channels)
        }
      }
    }
  }
}

extension Conv2DInputGradientOperation: CPUOperation {
  public func run(on device: CPUDevice) throws(DeviceError) {
    let margin = shape.size - 1
    let transposed = shape.transposed
    let turned = try device.makeBuffer(count: shape.weightCount, type: .float32)
    let (taps, inputs, outputs) = (
      shape.size * shape.size, shape.inputChannels, shape.outputChannels
    )
    let (source, target) = (weights.floats, turned.floats)
    device.pool.run(taps, isSmall: shape.weightCount < 8192) { tap, _ in
      for c in 0..<inputs {
        for f in 0..<outputs {
          target[((taps - 1 - tap) * outputs + f) * inputs + c] =
            source[(tap * inputs + c) * outputs + f]
        }
      }
    }
    if transposed.paysInTiles {
      let loop = WinogradLoop(
        transposed, margin: margin, accumulate: accumulate, bias: nil, kernels: device.kernels)
      device.run(loop, outputGradient.floats, turned.floats, into: xGradient.floats)
    } else {
      let padded = try device.makeBuffer(count: transposed.inputCount, type: .float32)
      device.pad(outputGradient.floats, shape, margin, into: padded.floats)
      device.convolve(
        transposed, padded.floats, turned.floats, bias: nil, into: xGradient.floats,
        accumulate: accumulate)
    }
  }
}

extension CPUDevice {
  /// Copies images into larger ones with a margin of zeros on every side.
  fileprivate func pad(_ y: Input, _ shape: Convolution, _ margin: Int, into padded: Output) {
    let (height, width) = (shape.outputHeight, shape.outputWidth)
    let line = (width + 2 * margin) * shape.outputChannels
    pool.run(shape.batch) { image, _ in
      let target = padded + image * (height + 2 * margin) * line
      target.update(repeating: 0, count: (height + 2 * margin) * line)
      for i in 0..<height {
        (target + (i + margin) * line + margin * shape.outputChannels).update(
          from: y + (image * height + i) * width * shape.outputChannels,
          count: width * shape.outputChannels)
      }
    }
  }

  fileprivate func convolve(
    _ shape: Convolution, _ x: Input, _ weights: Input, bias: Input?, into y: Output,
    accumulate: Bool
  ) {
    let loop = ConvolutionLoop(shape, bias: bias, kernels: kernels)
    scratch.withLock { scratch in
      scratch.borrow(loop.packedCount + pool.threads * loop.panelCount) { packed in
        loop.pack(weights, on: pool, packed)
        pool.run(shape.batch) { image, worker in
          for i in 0..<shape.outputHeight {
            loop.row(
              x + image * loop.inputImage, i, packed,
              into: y + (image * shape.outputHeight + i) * shape.outputWidth * shape.outputChannels,
              accumulate: accumulate, packed + loop.packedCount + worker * loop.panelCount)
          }
        }
      }
    }
  }
}

/// A convolution as a matrix product that is never laid out: for each row p of the kernel, the
/// numbers that a pixel needs lie side by side in the image, and those of its neighbour start
/// `inputChannels` further. So a register tile takes neighbouring pixels of a row as its rows.
private struct ConvolutionLoop {
  let shape: Convolution
  let bias: Input?
  let kernels: KernelTable

  init(_ shape: Convolution, bias: Input?, kernels: KernelTable) {
    self.shape = shape
    self.bias = bias
    self.kernels = kernels
  }

  /// The numbers of a kernel that meet one stretch of the image.
  private var segment: Int { shape.size * shape.inputChannels }
  private var depth: Int { shape.size * segment }
  private var panels: Int {
    (shape.outputChannels + kernels.tileColumns - 1) / kernels.tileColumns
  }
  private var inputRow: Int { shape.width * shape.inputChannels }
  /// The numbers of an input image.
  var inputImage: Int { shape.height * inputRow }
  /// The room for the packed weights.
  var packedCount: Int { panels * depth * kernels.tileColumns }
  /// The room that a thread needs for pixels where a row is narrower than a tile.
  var panelCount: Int { depth * kernels.tileRows }

  /// Packs the weights into panels as wide as a register tile.
  func pack(_ weights: Input, on pool: ThreadPool, _ packed: Output) {
    pool.run(panels) { panel, _ in
      let column = panel * kernels.tileColumns
      kernels.packLines(
        weights + column, shape.outputChannels, depth,
        min(kernels.tileColumns, shape.outputChannels - column), kernels.tileColumns,
        packed + panel * depth * kernels.tileColumns)
    }
  }

  /// Computes row `i` of an output image.
  func row(
    _ image: Input, _ i: Int, _ packed: Input, into y: Output, accumulate: Bool, _ room: Output
  ) {
    let pixels = min(kernels.tileRows, shape.outputWidth)
    for panel in 0..<panels {
      let column = panel * kernels.tileColumns
      var j = 0
      while j < shape.outputWidth {
        // The last tile starts early enough to be whole; adding twice would be wrong, though.
        let first = accumulate ? j : min(j, shape.outputWidth - pixels)
        let count = min(pixels, shape.outputWidth - first)
        let start = image + i * inputRow + first * shape.inputChannels
        var tile = Tile(
          depth: segment, segments: shape.size, segmentStride: inputRow,
          c: y + first * shape.outputChannels + column, stride: shape.outputChannels, rows: count,
          columns: min(kernels.tileColumns, shape.outputChannels - column), accumulate: accumulate,
          bias: bias.map { $0 + column }, activation: shape.activation)
        let weights = packed + panel * depth * kernels.tileColumns
        if count == kernels.tileRows {
          kernels.multiply(
            tile, .along(start: start, rowStride: shape.inputChannels), kernels.packedLines(weights)
          )
        } else {
          for p in 0..<shape.size {
            kernels.packTurned(
              start + p * inputRow, shape.inputChannels, segment, count, kernels.tileRows,
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
