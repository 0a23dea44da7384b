import Compute

extension OpenCLDevice {
  /// Scales each column and adds to it.
  public func scaleColumns(
    _ shape: Rows, _ x: Buffer, by scale: Buffer, adding shift: Buffer, into y: Buffer
  ) throws(DeviceError) {
    x.require(shape.count, "the input of scaleColumns")
    scale.require(shape.columns, "the scale of scaleColumns")
    shift.require(shape.columns, "the shift of scaleColumns")
    y.require(shape.count, "the result of scaleColumns")
    try launch(
      "rows", "scale_columns", matrix: shape,
      [
        .uint(shape.rows), .uint(shape.columns), .buffer(x), .buffer(scale), .buffer(shift),
        .buffer(y),
      ])
  }

  /// Divides each row by its Euclidean norm; one work-group a row.
  public func normalizeRows(_ shape: Rows, _ x: Buffer, into y: Buffer) throws(DeviceError) {
    x.require(shape.count, "the input of normalizeRows")
    y.require(shape.count, "the result of normalizeRows")
    try launch(
      "rows", "normalize_rows", results: shape.rows,
      [.uint(shape.columns), .buffer(x), .buffer(y)])
  }
}
