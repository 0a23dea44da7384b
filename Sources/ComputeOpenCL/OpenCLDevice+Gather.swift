import Compute

extension OpenCLDevice {
  /// Rows of bytes by index, scaled; NaN where the index lies outside. As labels unscaled, and −1.
  public func gather(_ gather: Gather, _ bytes: Buffer, at indices: Buffer, into y: Buffer)
    throws(DeviceError)
  {
    gather.check(bytes, at: indices, into: y)
    let batch = Rows(y.count / gather.width, gather.width)
    let operands: [Argument] = [
      .buffer(bytes), .uint(bytes.count / gather.width), .uint(gather.width), .buffer(indices),
      .uint(gather.first), .uint(batch.rows),
    ]
    if y.elementType == .int32 {
      try launch("gather", "gather_labels", matrix: batch, operands + [.buffer(y)])
    } else {
      try launch(
        "gather", "gather", matrix: batch, operands + [.float(gather.scale), .buffer(y)])
    }
  }
}
