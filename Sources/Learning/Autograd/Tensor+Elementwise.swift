import Compute

extension Tensor {
  /// `y = f(x)`, element by element.
  /// - Throws: ``DeviceError`` when the device fails.
  public func map(_ function: UnaryFunction, tape: Tape?) throws(DeviceError) -> Tensor {
    let y = try Tensor(shape, from: [self], tape: tape)
    try device.map(function, buffer, into: y.buffer)
    tape?.record(y) { [device] (dy) throws(DeviceError) in
      try self.addGradient { (gradient, accumulate) throws(DeviceError) in
        try device.mapGradient(
          function, at: function.derivesFromInput ? self.buffer : y.buffer, outputGradient: dy,
          into: gradient, accumulate: accumulate)
      }
    }
    return y
  }

  /// Stops the program unless both have one extent; that they have as many elements is not enough.
  private func requireSameShape(_ other: Tensor) {
    precondition(
      shape == other.shape,
      "\(shape.rows) × \(shape.columns) does not fit \(other.shape.rows) × \(other.shape.columns)")
  }

  /// `x + other`, element by element.
  /// - Throws: ``DeviceError`` when the device fails.
  public func adding(_ other: Tensor, tape: Tape?) throws(DeviceError) -> Tensor {
    requireSameShape(other)
    let y = try Tensor(shape, from: [self, other], tape: tape)
    try device.zip(.add, buffer, other.buffer, into: y.buffer)
    tape?.record(y) { [device] (dy) throws(DeviceError) in
      for input in [self, other] {
        try input.addGradient { (gradient, accumulate) throws(DeviceError) in
          try device.scaledAdd(1, dy, accumulate ? 1 : 0, into: gradient)
        }
      }
    }
    return y
  }

  /// `x · other`, element by element.
  /// - Throws: ``DeviceError`` when the device fails.
  public func multiplied(by other: Tensor, tape: Tape?) throws(DeviceError) -> Tensor {
    requireSameShape(other)
    let y = try Tensor(shape, from: [self, other], tape: tape)
    try device.zip(.multiply, buffer, other.buffer, into: y.buffer)
    tape?.record(y) { [device, shape] (dy) throws(DeviceError) in
      for (input, factor) in [(self, other), (other, self)] {
        try input.addGradient { (gradient, accumulate) throws(DeviceError) in
          guard accumulate else {
            return try device.zip(.multiply, dy, factor.buffer, into: gradient)
          }
          let product = try device.makeBuffer(count: shape.count, type: .float32)
          try device.zip(.multiply, dy, factor.buffer, into: product)
          try device.scaledAdd(1, product, 1, into: gradient)
        }
      }
    }
    return y
  }
}
