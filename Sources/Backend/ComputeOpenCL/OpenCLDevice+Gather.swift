import Compute

extension GatherOperation: OpenCLOperation {
  /// Rows by index, scaled; NaN where the index is out of range. As labels unscaled, and −1.
  public func run(on device: OpenCLDevice) throws(DeviceError) {
    let batch = Rows(y.count / gather.width, gather.width)
    let operands: [Argument] = [
      .buffer(table), .uint(table.count / gather.width), .uint(gather.width), .buffer(indices),
      .uint(gather.first), .uint(batch.rows),
    ]
    if y.elementType == .int32 {
      try device.launch("gather", "gather_labels", matrix: batch, operands + [.buffer(y)])
    } else {
      try device.launch(
        "gather", table.elementType == .uint8 ? "gather" : "gather_floats", matrix: batch,
        operands + [.float(gather.scale), .buffer(y)])
    }
  }
}

extension GatherGradientOperation: OpenCLOperation {
  /// Each row of the table gathers the gradients of its copies.
  public func run(on device: OpenCLDevice) throws(DeviceError) {
    try device.launch(
      "gather", "gather_gradient", matrix: table,
      [
        .buffer(outputGradient), .uint(batch.rows), .uint(gather.width), .buffer(indices),
        .uint(gather.first), .uint(table.rows), .float(gather.scale), .buffer(tableGradient),
        .flag(accumulate),
      ])
  }
}
