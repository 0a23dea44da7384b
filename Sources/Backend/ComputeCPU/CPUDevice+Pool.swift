import CPUKernels
import Compute

extension PoolOperation: CPUOperation {
  public func run(on device: CPUDevice) throws(DeviceError) {
    let (input, output) = (x.floats, y.floats)
    let line = shape.width * shape.channels
    let (outputHeight, outputWidth) = (shape.outputHeight, shape.outputWidth)
    let outputLine = outputWidth * shape.channels
    device.pool.run(shape.batch * outputHeight) { task, _ in
      let (image, i) = (task / outputHeight, task % outputHeight)
      let source = input + image * shape.height * line
      if shape.isMaximumOfFours {
        let top = source + 2 * i * line
        device.kernels.maxPoolRows(
          top, top + line, outputWidth, shape.channels, output + task * outputLine)
      } else {
        for j in 0..<outputWidth {
          shape.pool(
            source, i, j, device.kernels, into: output + task * outputLine + j * shape.channels)
        }
      }
    }
  }
}

extension PoolGradientOperation: CPUOperation {
  public func run(on device: CPUDevice) throws(DeviceError) {
    guard shape.isMaximumOfFours else { return shape.gradient(self, on: device) }
    let (input, dy, gradient) = (x.floats, outputGradient.floats, xGradient.floats)
    let line = shape.width * shape.channels
    let (outputHeight, outputWidth) = (shape.outputHeight, shape.outputWidth)
    let covered = 2 * outputWidth * shape.channels
    device.pool.run(shape.batch) { image, _ in
      for i in stride(from: 0, to: shape.height, by: 2) {
        let start = (image * shape.height + i) * line
        if !accumulate {
          // A last odd column or row has no window.
          let rows = min(2, shape.height - i)
          for row in 0..<rows where rows == 1 || covered < line {
            let first = rows == 1 ? 0 : covered
            (gradient + start + row * line + first).update(repeating: 0, count: line - first)
          }
        }
        guard i + 1 < shape.height else { continue }
        device.kernels.maxPoolGradientRows(
          input + start, input + start + line,
          dy + (image * outputHeight + i / 2) * outputWidth * shape.channels,
          outputWidth, shape.channels, gradient + start, gradient + start + line, accumulate)
      }
    }
  }
}

extension Pooling {
  /// Pools the window of one output pixel, channel by channel.
  fileprivate func pool(
    _ image: Input, _ i: Int, _ j: Int, _ kernels: KernelTable, into y: Output
  ) {
    let (down, across) = (rows.covered(by: i, of: height), columns.covered(by: j, of: width))
    for row in down {
      for column in across {
        let x = image + (row * width + column) * channels
        if row == down.lowerBound && column == across.lowerBound {
          y.update(from: x, count: channels)
        } else {
          kernels.zip(function == .maximum ? .maximum : .add, y, x, y, channels)
        }
      }
    }
    if function == .average {
      kernels.scaledAdd(1 / Float(down.count * across.count), y, 0, y, channels)
    }
  }

  /// The gradient of windows that may overlap: image by image, window by window.
  fileprivate func gradient(_ operation: PoolGradientOperation, on device: CPUDevice) {
    let (x, dy) = (operation.x.floats, operation.outputGradient.floats)
    let dx = operation.xGradient.floats
    let imageCount = height * width * channels
    let (outputHeight, outputWidth) = (outputHeight, outputWidth)
    device.pool.run(batch) { image, _ in
      let (source, gradient) = (x + image * imageCount, dx + image * imageCount)
      if !operation.accumulate { gradient.update(repeating: 0, count: imageCount) }
      for i in 0..<outputHeight {
        for j in 0..<outputWidth {
          let from = dy + ((image * outputHeight + i) * outputWidth + j) * channels
          spread(source, from, i, j, device.kernels, into: gradient)
        }
      }
    }
  }

  private func spread(
    _ image: Input, _ dy: Input, _ i: Int, _ j: Int, _ kernels: KernelTable, into dx: Output
  ) {
    let (down, across) = (rows.covered(by: i, of: height), columns.covered(by: j, of: width))
    if function == .average {
      let part = 1 / Float(down.count * across.count)
      for row in down {
        for column in across {
          kernels.scaledAdd(part, dy, 1, dx + (row * width + column) * channels, channels)
        }
      }
      return
    }
    for c in 0..<channels {
      var best = (down.lowerBound * width + across.lowerBound) * channels + c
      for row in down {
        for column in across {
          let place = (row * width + column) * channels + c
          let (value, greatest) = (image[place], image[best])
          // A NaN counts as greatest.
          if value > greatest || (value.isNaN && !greatest.isNaN) { best = place }
        }
      }
      dx[best] += dy[c]
    }
  }
}
