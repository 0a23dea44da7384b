import Compute

extension Tensor {
  /// A convolutional layer `y = f(x ⋆ w + b)`; see ``Compute/Convolution``.
  ///
  /// - Parameters:
  ///   - shape: The convolution; its batch is the number of rows.
  ///   - weight: (size · size · input channels) × output channels.
  ///   - bias: 1 × output channels.
  /// - Returns: batch × (height · width · channels of the output).
  /// - Throws: ``DeviceError`` when the device fails.
  public func convolved(_ shape: Convolution, _ weight: Tensor, _ bias: Tensor, tape: Tape?)
    throws(DeviceError) -> Tensor
  {
    if shape.activation.derivesFromInput {
      return try convolved(shape.linear, weight, bias, tape: tape).map(shape.activation, tape: tape)
    }
    let y = try Tensor(
      Rows(shape.batch, shape.outputCount / shape.batch), from: [self, weight, bias], tape: tape)
    try device.conv2d(
      shape, buffer, weights: weight.buffer, bias: bias.buffer, into: y.buffer)

    tape?.record(y) { [device] (dy) throws(DeviceError) in
      if shape.activation != .identity {
        try device.mapGradient(
          shape.activation, at: y.buffer, outputGradient: dy, into: dy, accumulate: false)
      }
      try self.addGradients(of: shape, weight, bias, dy)
    }
    return y
  }

  /// Adds what a convolution of this tensor passes back: `dy` is the gradient before the activation.
  private func addGradients(
    of shape: Convolution, _ weight: Tensor, _ bias: Tensor, _ dy: Buffer
  ) throws(DeviceError) {
    try weight.addGradient { (gradient, accumulate) throws(DeviceError) in
      try device.conv2dWeightGradient(
        shape, buffer, outputGradient: dy, into: gradient, accumulate: accumulate)
    }
    try bias.addGradient { (gradient, accumulate) throws(DeviceError) in
      let pixels = Rows(shape.outputCount / shape.outputChannels, shape.outputChannels)
      try device.reduce(
        Reduction(.sum, .perColumn, pixels, accumulate: accumulate), dy, into: gradient)
    }
    try addGradient { (gradient, accumulate) throws(DeviceError) in
      try device.conv2dInputGradient(
        shape, weights: weight.buffer, outputGradient: dy, into: gradient, accumulate: accumulate)
    }
  }

  /// A convolutional layer and the maximum of each window of 2 × 2 of its output; in one operation
  /// where nothing is recorded.
  ///
  /// - Returns: batch × (height · width · channels of the pooled output).
  /// - Throws: ``DeviceError`` when the device fails.
  public func convolvedAndPooled(
    _ shape: Convolution, _ weight: Tensor, _ bias: Tensor, tape: Tape?
  ) throws(DeviceError) -> Tensor {
    if shape.activation.derivesFromInput {
      return try convolved(shape, weight, bias, tape: tape).maxPooled(shape.pooling, tape: tape)
    }
    let pooled = try Tensor(
      Rows(shape.batch, shape.pooling.outputCount / shape.batch), from: [self, weight, bias],
      tape: tape)
    guard let tape else {
      try device.conv2dMaxPool(
        shape, buffer, weights: weight.buffer, bias: bias.buffer, into: pooled.buffer)
      return pooled
    }
    let y = try device.makeBuffer(count: shape.outputCount, type: .float32)
    try device.conv2d(shape, buffer, weights: weight.buffer, bias: bias.buffer, into: y)
    try device.pool(shape.pooling, y, into: pooled.buffer)
    tape.record(pooled) { [device] (gradient) throws(DeviceError) in
      // Only the maxima pass a gradient back, so the activation's is that of the pooled outputs.
      if shape.activation != .identity {
        try device.mapGradient(
          shape.activation, at: pooled.buffer, outputGradient: gradient, into: gradient,
          accumulate: false)
      }
      let dy = try device.makeBuffer(count: shape.outputCount, type: .float32)
      try device.poolGradient(
        shape.pooling, y, outputGradient: gradient, into: dy, accumulate: false)
      try self.addGradients(of: shape, weight, bias, dy)
    }
    return pooled
  }

  /// The maximum of each window of 2 × 2; see ``Compute/Pooling``.
  ///
  /// - Returns: batch × (height · width · channels of the output).
  /// - Throws: ``DeviceError`` when the device fails.
  public func maxPooled(_ shape: Pooling, tape: Tape?) throws(DeviceError) -> Tensor {
    let y = try Tensor(
      Rows(shape.batch, shape.outputCount / shape.batch), from: [self], tape: tape)
    try device.pool(shape, buffer, into: y.buffer)
    tape?.record(y) { [device] (dy) throws(DeviceError) in
      try self.addGradient { (gradient, accumulate) throws(DeviceError) in
        try device.poolGradient(
          shape, self.buffer, outputGradient: dy, into: gradient, accumulate: accumulate)
      }
    }
    return y
  }

  /// Sets a random part of the elements to zero and scales the others up (Srivastava et al., 2014).
  ///
  /// - Parameters:
  ///   - rate: The part, in 0..<1.
  ///   - stream: Fixes the elements.
  /// - Throws: ``DeviceError`` when the device fails.
  public func droppingOut(_ rate: Float, _ stream: RandomStream, tape: Tape?) throws(DeviceError)
    -> Tensor
  {
    let y = try Tensor(shape, from: [self], tape: tape)
    try device.dropout(rate, stream, buffer, into: y.buffer)
    tape?.record(y) { [device] (dy) throws(DeviceError) in
      // The mask is a function of the stream: the same call takes the gradient back.
      try self.addGradient { (gradient, accumulate) throws(DeviceError) in
        try device.dropout(rate, stream, dy, into: accumulate ? dy : gradient)
        if accumulate { try device.scaledAdd(1, dy, 1, into: gradient) }
      }
    }
    return y
  }

  /// `−log softmax(x)[label]` of each row, in nats.
  ///
  /// - Parameter labels: `int32`, one for each row.
  /// - Returns: rows × 1.
  /// - Throws: ``DeviceError`` when the device fails.
  public func softmaxCrossEntropy(labels: Buffer, tape: Tape?) throws(DeviceError) -> Tensor {
    let loss = try Tensor(Rows(shape.rows, 1), from: [self], tape: tape)
    try device.softmaxCrossEntropy(shape, logits: buffer, labels: labels, into: loss.buffer)
    tape?.record(loss) { [device, shape] (lossGradient) throws(DeviceError) in
      try self.addGradient { (gradient, accumulate) throws(DeviceError) in
        try device.softmaxCrossEntropyGradient(
          shape, logits: self.buffer, labels: labels, lossGradient: lossGradient, into: gradient,
          accumulate: accumulate)
      }
    }
    return loss
  }
}
