import Compute

extension OpenCLDevice {
  /// Rows of bytes by index, scaled; NaN where the index lies outside.
  public func gather(_ gather: Gather, _ bytes: Buffer, at indices: Buffer, into y: Buffer)
    throws(DeviceError)
  {
    gather.check(bytes, at: indices, into: y)
    let batch = Rows(y.count / gather.width, gather.width)
    try launch(
      "gather", "gather", matrix: batch,
      [
        .buffer(bytes), .uint(bytes.count / gather.width), .uint(gather.width), .buffer(indices),
        .uint(gather.first), .uint(batch.rows), .float(gather.scale), .buffer(y),
      ])
  }
}
