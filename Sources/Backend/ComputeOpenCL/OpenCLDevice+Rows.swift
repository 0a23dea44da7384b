import Compute

extension ScaleColumnsOperation: OpenCLOperation {
  /// Scales each column and adds to it.
  public func run(on device: OpenCLDevice) throws(DeviceError) {
    try device.launch(
      "rows", "scale_columns", matrix: shape,
      [
        .uint(shape.rows), .uint(shape.columns), .buffer(x), .buffer(scale), .buffer(shift),
        .buffer(y),
      ])
  }
}

extension NormalizeRowsOperation: OpenCLOperation {
  /// Divides each row by its Euclidean norm; one work-group a row.
  public func run(on device: OpenCLDevice) throws(DeviceError) {
    try device.launch(
      "rows", "normalize_rows", results: shape.rows, work: 16 * shape.columns,
      [.uint(shape.columns), .buffer(x), .buffer(y)])
  }
}
