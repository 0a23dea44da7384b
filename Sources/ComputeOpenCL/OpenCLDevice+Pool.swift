import Compute

extension OpenCLDevice {
  /// The maximum of each window of 2 × 2.
  public func maxPool(_ shape: Pooling, _ x: Buffer, into y: Buffer) throws(DeviceError) {
    shape.check(input: x, output: y)
    let windows = Rows(shape.outputCount / shape.channels, shape.channels)
    try launch(
      "pool", "max_pool", matrix: windows,
      [
        .uint(windows.rows), .uint(shape.height), .uint(shape.width), .uint(shape.channels),
        .buffer(x), .buffer(y),
      ])
  }

  /// The gradient of ``maxPool(_:_:into:)``: each window writes its four elements.
  public func maxPoolGradient(
    _ shape: Pooling, _ x: Buffer, outputGradient: Buffer, into xGradient: Buffer,
    accumulate: Bool
  ) throws(DeviceError) {
    shape.check(input: x, output: outputGradient)
    xGradient.require(shape.inputCount, "the input gradient of a pooling")
    // Also the windows that the edge cuts off.
    let count = shape.batch * quotient(shape.height, 2) * quotient(shape.width, 2)
    try launch(
      "pool", "max_pool_gradient", matrix: Rows(count, shape.channels),
      [
        .uint(count), .uint(shape.height), .uint(shape.width), .uint(shape.channels), .buffer(x),
        .buffer(outputGradient), .buffer(xGradient), .flag(accumulate),
      ])
  }
}
