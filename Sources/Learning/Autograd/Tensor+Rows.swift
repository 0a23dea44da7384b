import Compute

extension Tensor {
  /// `x / ‖x‖`, row by row; a row of zeros stays zeros, and no gradient flows into it.
  /// - Throws: `DeviceError` when the device fails.
  public func normalizedRows() throws(DeviceError) -> Tensor {
    let y = try Tensor(shape, from: [self])
    try device.normalizeRows(shape.matrix, buffer, into: y.buffer)

    // dx = (dy − y·(y·dy)) / ‖x‖, and ‖x‖ = x·y
    Tape.record(y) { [device, shape] (dy) throws(DeviceError) in
      let rows = Shape(shape.matrix)
      let (x, y, dy) = (
        self.intermediate.reshaped(rows), y.intermediate.reshaped(rows),
        Intermediate(dy, rows, on: device)
      )
      let norm = try x.zip(.multiply, y).reduced(.sum, axis: 1)
      // 1 / ‖x‖, and 0 for a row of zeros.
      let least = try Intermediate(.leastNormalMagnitude, on: device)
      let scale = try norm.zip(.greater, least).zip(.divide, norm.zip(.maximum, least))
      let along = try y.zip(.multiply, dy).reduced(.sum, axis: 1)
      try self.addGradient(
        try dy.zip(.subtract, y.zip(.multiply, along)).zip(.multiply, scale).reshaped(shape))
    }
    return y
  }

  /// Sets a random fraction of the elements to zero and scales the others up (Srivastava et al., 2014).
  ///
  /// - Parameters:
  ///   - rate: The fraction, in 0..<1.
  ///   - stream: Determines the elements.
  /// - Throws: `DeviceError` when the device fails.
  public func droppingOut(_ rate: Float, _ stream: RandomStream) throws(DeviceError) -> Tensor {
    let y = try Tensor(shape, from: [self])
    try device.dropout(rate, stream, buffer, into: y.buffer)
    Tape.record(y) { [device] (dy) throws(DeviceError) in
      // The mask is a function of the stream: the same call applies to the gradient.
      try self.addGradient { (gradient, accumulate) throws(DeviceError) in
        try device.dropout(rate, stream, dy, into: accumulate ? dy : gradient)
        if accumulate { try device.scaledAdd(1, dy, 1, into: gradient) }
      }
    }
    return y
  }
}
