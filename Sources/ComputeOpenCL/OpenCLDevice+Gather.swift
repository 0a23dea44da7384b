import Compute

extension OpenCLDevice {
  /// Rows of bytes by index, scaled; NaN where the index lies outside.
  public func gather(
    _ bytes: Buffer, width: Int, at indices: Buffer, scale: Float, into y: Buffer
  ) throws(DeviceError) {
    let rows = bytes.count / width
    bytes.require(rows * width, "the rows of gather", type: .uint8)
    indices.require(indices.count, "the indices of gather", type: .int32)
    y.require(indices.count * width, "the result of gather")
    try launch(
      "gather", "gather", matrix: Rows(indices.count, width),
      [
        .buffer(bytes), .uint(rows), .uint(width), .buffer(indices), .uint(indices.count),
        .float(scale), .buffer(y),
      ])
  }
}
