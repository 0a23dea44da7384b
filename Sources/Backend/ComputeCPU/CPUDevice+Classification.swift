import Compute

extension SoftmaxOperation: CPUOperation {
  public func run(on device: CPUDevice) throws(DeviceError) {
    let (input, output, width) = (x.floats, y.floats, shape.columns)
    device.forEachRow(shape) { row in
      let x = input + row * width
      device.kernels.scaledExponential(
        x, device.kernels.logSumExp(x, 0, width), 1, output + row * width, width, false)
    }
  }
}

extension SoftmaxCrossEntropyOperation: CPUOperation {
  public func run(on device: CPUDevice) throws(DeviceError) {
    let (logits, labels, results) = (logits.floats, labels.integers, loss.floats)
    device.forEachRow(shape) { row in
      let x = logits + row * shape.columns
      let label = Int(labels[row])
      results[row] =
        (0..<shape.columns).contains(label)
        ? device.kernels.logSumExp(x, x[label], shape.columns) : .nan
    }
  }
}

extension SoftmaxCrossEntropyGradientOperation: CPUOperation {
  public func run(on device: CPUDevice) throws(DeviceError) {
    let (logits, labels, width) = (logits.floats, labels.integers, shape.columns)
    let (scales, gradient) = (lossGradient.numbers, logitsGradient.floats)
    device.forEachRow(shape) { row in
      let x = logits + row * width
      let dx = gradient + row * width
      let scale = scales(row)
      device.kernels.scaledExponential(
        x, device.kernels.logSumExp(x, 0, width), scale, dx, width, accumulate)
      let label = Int(labels[row])
      if (0..<width).contains(label) { dx[label] -= scale }
    }
  }
}

extension ArgmaxOperation: CPUOperation {
  public func run(on device: CPUDevice) throws(DeviceError) {
    let (input, indices) = (x.floats, y.integers)
    device.forEachRow(shape) { row in
      let x = input + row * shape.columns
      var best = 0
      for i in 0..<shape.columns where x[i] > x[best] || (x[i].isNaN && !x[best].isNaN) { best = i }
      indices[row] = Int32(best)
    }
  }
}

extension EqualOperation: CPUOperation {
  public func run(on device: CPUDevice) throws(DeviceError) {
    let (a, b, results) = (a.integers, b.integers, y.floats)
    device.forEachRange(y.count) { first, count in
      for i in first..<first + count { results[i] = a[i] == b[i] ? 1 : 0 }
    }
  }
}

extension DropoutOperation: CPUOperation {
  public func run(on device: CPUDevice) throws(DeviceError) {
    let (input, output) = (x.floats, y.floats)
    device.forEachRange(y.count) { first, count in
      device.kernels.dropout(rate, stream, first / 4, input + first, output + first, count)
    }
  }
}

extension ScaleColumnsOperation: CPUOperation {
  public func run(on device: CPUDevice) throws(DeviceError) {
    let (input, output, width) = (x.floats, y.floats, shape.columns)
    let (scale, shift) = (scale.floats, shift.floats)
    device.forEachRow(shape) { row in
      device.kernels.scaleRow(input + row * width, scale, shift, output + row * width, width)
    }
  }
}

extension NormalizeRowsOperation: CPUOperation {
  public func run(on device: CPUDevice) throws(DeviceError) {
    let (input, output, width) = (x.floats, y.floats, shape.columns)
    device.forEachRow(shape) { row in
      device.kernels.normalizeRow(input + row * width, output + row * width, width)
    }
  }
}
