import Compute

extension MaxPoolOperation: OpenCLOperation {
  /// The maximum of each window of 2 × 2.
  public func run(on device: OpenCLDevice) throws(DeviceError) {
    let windows = Rows(shape.outputCount / shape.channels, shape.channels)
    try device.launch(
      "pool", "max_pool", matrix: windows,
      [
        .uint(windows.rows), .uint(shape.height), .uint(shape.width), .uint(shape.channels),
        .buffer(x), .buffer(y),
      ])
  }
}

extension MaxPoolGradientOperation: OpenCLOperation {
  /// The gradient of ``maxPool(_:_:into:)``: each window writes its four elements.
  public func run(on device: OpenCLDevice) throws(DeviceError) {
    // Also the windows that the edge cuts off.
    let count = shape.batch * quotient(shape.height, 2) * quotient(shape.width, 2)
    try device.launch(
      "pool", "max_pool_gradient", matrix: Rows(count, shape.channels),
      [
        .uint(count), .uint(shape.height), .uint(shape.width), .uint(shape.channels), .buffer(x),
        .buffer(outputGradient), .buffer(xGradient), .flag(accumulate),
      ])
  }
}
