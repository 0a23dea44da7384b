import Compute

extension GatherOperation: OpenCLOperation {
  /// Rows of bytes by index, scaled; NaN where the index lies outside. As labels unscaled, and −1.
  public func run(on device: OpenCLDevice) throws(DeviceError) {
    let batch = Rows(y.count / gather.width, gather.width)
    let operands: [Argument] = [
      .buffer(bytes), .uint(bytes.count / gather.width), .uint(gather.width), .buffer(indices),
      .uint(gather.first), .uint(batch.rows),
    ]
    if y.elementType == .int32 {
      try device.launch("gather", "gather_labels", matrix: batch, operands + [.buffer(y)])
    } else {
      try device.launch(
        "gather", "gather", matrix: batch, operands + [.float(gather.scale), .buffer(y)])
    }
  }
}
