import Compute

extension MaxPoolOperation: CPUOperation {
  public func run(on device: CPUDevice) throws(DeviceError) {
    let (input, output) = (x.floats, y.floats)
    let line = shape.width * shape.channels
    device.pool.run(shape.batch * shape.outputHeight) { task, _ in
      let top =
        input + (task / shape.outputHeight * shape.height + task % shape.outputHeight * 2) * line
      device.kernels.maxPoolRows(
        top, top + line, shape.outputWidth, shape.channels,
        output + task * shape.outputWidth * shape.channels)
    }
  }
}

extension MaxPoolGradientOperation: CPUOperation {
  public func run(on device: CPUDevice) throws(DeviceError) {
    let (input, dy, gradient) = (x.floats, outputGradient.floats, xGradient.floats)
    let line = shape.width * shape.channels
    let covered = 2 * shape.outputWidth * shape.channels
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
          dy + (image * shape.outputHeight + i / 2) * shape.outputWidth * shape.channels,
          shape.outputWidth, shape.channels, gradient + start, gradient + start + line, accumulate)
      }
    }
  }
}
