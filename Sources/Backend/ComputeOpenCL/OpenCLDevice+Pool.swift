import Compute

extension PoolOperation: OpenCLOperation {
  /// The maximum or the mean of each window.
  public func run(on device: OpenCLDevice) throws(DeviceError) {
    let pixels = Rows(shape.outputCount / shape.channels, shape.channels)
    if shape.isMaximumOfFours {
      return try device.launch(
        "pool", "max_pool", matrix: pixels,
        [.uint(pixels.rows)] + shape.extent + [.buffer(x), .buffer(y)])
    }
    try device.launch(
      "pool", shape.function == .maximum ? "pool_maximum" : "pool_average", matrix: pixels,
      [.uint(pixels.rows)] + shape.extent + shape.windows + [.buffer(x), .buffer(y)])
  }
}

extension PoolGradientOperation: OpenCLOperation {
  /// The gradient of ``/Compute/Device/pool(_:_:into:)``: each 2 × 2 window writes its four elements;
  /// with other windows, each element gathers from those that it is in.
  public func run(on device: OpenCLDevice) throws(DeviceError) {
    if shape.isMaximumOfFours {
      // Including the windows cut off by the edge.
      let count = shape.batch * quotient(shape.height, 2) * quotient(shape.width, 2)
      return try device.launch(
        "pool", "max_pool_gradient", matrix: Rows(count, shape.channels),
        [.uint(count)] + shape.extent + [
          .buffer(x), .buffer(outputGradient), .buffer(xGradient), .flag(accumulate),
        ])
    }
    let pixels = Rows(shape.inputCount / shape.channels, shape.channels)
    try device.launch(
      "pool",
      shape.function == .maximum ? "pool_maximum_gradient" : "pool_average_gradient",
      matrix: pixels,
      [.uint(pixels.rows)] + shape.extent + shape.windows + [
        .buffer(x), .buffer(outputGradient), .buffer(xGradient), .flag(accumulate),
      ])
  }
}

extension Pooling {
  fileprivate var extent: [Argument] { [.uint(height), .uint(width), .uint(channels)] }

  /// The extra arguments of the kernels for general windows.
  fileprivate var windows: [Argument] {
    [
      .pair(rows.size, columns.size), .pair(rows.stride, columns.stride),
      .pair(rows.before, columns.before), .pair(outputHeight, outputWidth),
    ]
  }
}
