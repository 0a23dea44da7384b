import Compute

extension Tensor {
  /// A fully connected layer: `y = f(x·W + b)`.
  ///
  /// - Parameters:
  ///   - weight: inputs × outputs.
  ///   - bias: 1 × outputs.
  /// - Returns: rows × outputs.
  /// - Throws: ``DeviceError`` when the device fails.
  public func dense(
    _ weight: Tensor, _ bias: Tensor, activation: UnaryFunction = .identity, tape: Tape?
  ) throws(DeviceError) -> Tensor {
    if activation.derivesFromInput {
      return try dense(weight, bias, tape: tape).map(activation, tape: tape)
    }
    let (batch, inputs, outputs) = (shape.rows, shape.columns, weight.shape.columns)
    precondition(
      weight.shape.rows == inputs && bias.shape.count == outputs,
      "a layer of \(weight.shape) and \(bias.shape) does not take \(shape)")
    let y = try Tensor(Rows(batch, outputs), from: [self, weight, bias], tape: tape)
    try device.matmul(
      Matmul(m: batch, n: outputs, k: inputs, activation: activation), buffer, weight.buffer,
      bias: bias.buffer, into: y.buffer)

    tape?.record(y) { [device] (dy) throws(DeviceError) in
      // dy is not needed again, so the gradient before the activation takes its place.
      if activation != .identity {
        try device.mapGradient(
          activation, at: y.buffer, outputGradient: dy, into: dy, accumulate: false)
      }
      try weight.addGradients(with: bias) {
        (weightGradient, biasGradient, accumulate) throws(DeviceError) in
        try device.denseGradient(
          Matmul(m: inputs, n: outputs, k: batch, transposeA: true, accumulate: accumulate),
          self.buffer, outputGradient: dy, into: weightGradient, bias: biasGradient)
      }
      try self.addGradient { (gradient, accumulate) throws(DeviceError) in
        try device.matmul(
          Matmul(m: batch, n: inputs, k: outputs, transposeB: true, accumulate: accumulate), dy,
          weight.buffer, bias: nil, into: gradient)
      }
    }
    return y
  }
}
