import CPUKernels
import Compute

extension Conv2DOperation: CPUOperation {
  public func run(on device: CPUDevice) throws(DeviceError) {
    if shape.paysInTiles {
      let loop = WinogradLoop(shape, bias: bias?.floats, kernels: device.kernels)
      device.run(loop, x.floats, weights.floats, into: y.floats)
    } else {
      let loop = ConvolutionLoop(shape, bias: bias?.floats, kernels: device.kernels)
      device.convolve(loop, batch: shape.batch, x.floats, weights.floats, into: y.floats)
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
    let room = loop.roomCount(rows: 2) + 2 * rowCount
    device.scratch.withLock { scratch in
      scratch.borrow(loop.packedCount + device.pool.threads * room) { packed in
        loop.pack(weights.floats, on: device.pool, packed)
        device.pool.run(shape.batch * pooling.outputHeight) { task, worker in
          let rows = packed + loop.packedCount + worker * room
          let (image, window) = (task / pooling.outputHeight, task % pooling.outputHeight)
          loop.run(
            2 * window..<2 * window + 2, of: input + image * loop.sourceCount, packed, into: rows,
            rows + 2 * rowCount)
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
    let dx = xGradient.floats
    if shape.leavesGaps && !accumulate { try device.fill(xGradient, with: 0) }
    let turned = try device.makeBuffer(count: shape.weightCount, type: .float32)
    for (rows, columns) in shape.inputGradientSweeps {
      device.turn(weights.floats, shape, rows, columns, into: turned.floats)
      if shape.gradientPaysInTiles {
        let loop = WinogradLoop(
          shape.transposed, accumulate: accumulate, bias: nil, kernels: device.kernels)
        device.run(loop, outputGradient.floats, turned.floats, into: dx)
      } else {
        let loop = ConvolutionLoop(
          rows: rows, columns: columns, channels: shape.outputChannels,
          filters: shape.inputChannels, bias: nil, activation: .identity, accumulate: accumulate,
          kernels: device.kernels)
        device.convolve(
          loop, batch: shape.batch, outputGradient.floats, turned.floats, into: dx)
      }
    }
  }
}

extension CPUDevice {
  /// The taps of an input gradient, in order, with the channels swapped.
  fileprivate func turn(
    _ weights: Input, _ shape: Convolution, _ rows: Sweep, _ columns: Sweep, into turned: Output
  ) {
    let (inputs, outputs) = (shape.inputChannels, shape.outputChannels)
    pool.run(rows.taps * columns.taps, isSmall: shape.weightCount < 8192) { task, _ in
      let (i, j) = (task / columns.taps, task % columns.taps)
      let (p, q) = (rows.firstTap + i * rows.tapStep, columns.firstTap + j * columns.tapStep)
      let source = weights + (p * shape.columns.size + q) * inputs * outputs
      let target = turned + task * inputs * outputs
      for c in 0..<inputs {
        for f in 0..<outputs { target[f * inputs + c] = source[c * outputs + f] }
      }
    }
  }

  fileprivate func convolve(
    _ loop: ConvolutionLoop, batch: Int, _ x: Input, _ weights: Input, into y: Output
  ) {
    // Rows in groups, so that few images keep all threads busy.
    let rows = loop.rows.count
    let groups = batch >= 4 * pool.threads ? 1 : min(rows, (8 * pool.threads - 1) / batch + 1)
    let group = (rows + groups - 1) / groups
    let room = loop.roomCount(rows: group)
    scratch.withLock { scratch in
      scratch.borrow(loop.packedCount + pool.threads * room) { packed in
        loop.pack(weights, on: pool, packed)
        pool.run(batch * groups) { task, worker in
          let (image, first) = (task / groups, task % groups * group)
          guard first < rows else { return }
          loop.run(
            first..<min(rows, first + group), of: x + image * loop.sourceCount, packed,
            into: y + loop.target(of: image, first), packed + loop.packedCount + worker * room)
        }
      }
    }
  }
}
