import Compute

extension Tensor {
  /// `x / ‖x‖`, row by row; a row of zeros stays zeros, and no gradient flows into it.
  /// - Throws: ``DeviceError`` when the device fails.
  public func normalizedRows(tape: Tape?) throws(DeviceError) -> Tensor {
    let y = try Tensor(shape, from: [self], tape: tape)
    try device.normalizeRows(shape, buffer, into: y.buffer)

    // dx = (dy − y·(y·dy)) / ‖x‖, and ‖x‖ = x·y
    tape?.record(y) { [device, shape] (dy) throws(DeviceError) in
      try self.addGradient { (gradient, accumulate) throws(DeviceError) in
        let part = try device.makeBuffer(count: shape.count, type: .float32)
        try device.zip(.multiply, self.buffer, y.buffer, into: part)
        let norms = try self.rowSums(of: part)
        // 1 / ‖x‖, and 0 for a row of zeros.
        let (least, isThere) = (
          try device.makeBuffer(count: shape.rows, type: .float32),
          try device.makeBuffer(count: shape.rows, type: .float32)
        )
        try device.fill(least, with: .leastNormalMagnitude)
        try device.zip(.greater, norms, least, into: isThere)
        try device.zip(.maximum, norms, least, into: norms)
        try device.zip(.divide, isThere, norms, into: norms)
        let scale = try self.alongRows(norms)

        try device.zip(.multiply, y.buffer, dy, into: part)
        let along = try self.alongRows(try self.rowSums(of: part))
        try device.zip(.multiply, y.buffer, along, into: part)
        try device.zip(.subtract, dy, part, into: part)
        try device.zip(.multiply, part, scale, into: part)
        try device.scaledAdd(1, part, accumulate ? 1 : 0, into: gradient)
      }
    }
    return y
  }

  /// The sum of each row of a buffer of this extent.
  private func rowSums(of x: Buffer) throws(DeviceError) -> Buffer {
    let sums = try device.makeBuffer(count: shape.rows, type: .float32)
    try device.reduce(Reduction(.sum, .perRow, shape), x, into: sums)
    return sums
  }

  /// One number for each row, repeated along it: a product with a row of ones.
  private func alongRows(_ numbers: Buffer) throws(DeviceError) -> Buffer {
    let ones = try device.makeBuffer(count: shape.columns, type: .float32)
    try device.fill(ones, with: 1)
    let result = try device.makeBuffer(count: shape.count, type: .float32)
    try device.matmul(
      Matmul(m: shape.rows, n: shape.columns, k: 1), numbers, ones, bias: nil, into: result)
    return result
  }
}
