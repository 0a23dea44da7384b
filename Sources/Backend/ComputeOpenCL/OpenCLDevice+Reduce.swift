import Compute

extension ReduceOperation: OpenCLOperation {
  /// Reduces in a fixed order; longer ones in two launches.
  public func run(on device: OpenCLDevice) throws(DeviceError) {
    let shape = reduction.shape
    let perRow = reduction.direction == .perRow
    let length = perRow ? shape.columns : shape.rows
    let part =
      length < 2 * device.tuning.reducedPart
      ? length : max(device.tuning.reducedPart, quotient(length, device.tuning.reducedParts))
    let parts = quotient(length, part)
    guard parts > 1 else {
      return try device.stage(reduction, x, part: length, into: y)
    }
    let partial = try device.makeBuffer(count: y.count * parts, type: .float32)
    var first = reduction
    first.scale = 1
    first.accumulate = false
    try device.stage(first, x, part: part, into: partial)
    var second = reduction
    second.shape = perRow ? Rows(shape.rows, parts) : Rows(parts, shape.columns)
    try device.stage(second, partial, part: parts, into: y)
  }
}

extension OpenCLDevice {
  /// Reduces each part of each row or column to one result.
  fileprivate func stage(_ reduction: Reduction, _ x: Buffer, part: Int, into y: Buffer)
    throws(DeviceError)
  {
    let (rows, columns) = (reduction.shape.rows, reduction.shape.columns)
    let function = Argument.int(reduction.function == .sum ? 0 : 1)
    switch reduction.direction {
    case .perRow:
      try launch(
        "reduce", "reduce_rows", results: rows * quotient(columns, part),
        [
          function, .buffer(x), .buffer(y), .uint(columns), .uint(part), .float(reduction.scale),
          .flag(reduction.accumulate),
        ])
    case .perColumn:
      let local = tuning.family == .gpu ? block(columns: min(columns, 32)) : [1, 1]
      let width = tuning.family == .gpu ? local[0] : 16
      try launch(
        "reduce", "reduce_columns",
        [
          function, .buffer(x), .buffer(y), .uint(rows), .uint(columns), .uint(part),
          .float(reduction.scale), .flag(reduction.accumulate),
        ], groups: [quotient(columns, width), quotient(rows, part)], local: local)
    }
  }
}
