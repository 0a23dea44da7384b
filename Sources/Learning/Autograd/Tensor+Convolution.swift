import Compute

extension Tensor {
  /// A convolutional layer `y = f(x ⋆ w + b)`; see ``/Compute/Convolution``.
  ///
  /// - Parameters:
  ///   - shape: The convolution; its batch is the number of rows.
  ///   - weight: (rows · columns · input channels) × output channels.
  ///   - bias: 1 × output channels.
  /// - Returns: batch × height × width × channels of the output where this has four dimensions, else a
  ///   matrix of a row for each image.
  /// - Throws: `DeviceError` when the device fails.
  public func convolved(_ shape: Convolution, _ weight: Tensor, _ bias: Tensor)
    throws(DeviceError) -> Tensor
  {
    if shape.activation.derivesFromInput {
      return try convolved(shape.linear, weight, bias).map(shape.activation)
    }
    let y = try Tensor(
      images(shape.batch, shape.outputHeight, shape.outputWidth, shape.outputChannels),
      from: [self, weight, bias])
    try device.conv2d(
      shape, buffer, weights: weight.buffer, bias: bias.buffer, into: y.buffer)

    Tape.record(y, activation: shape.activation) { (dy) throws(DeviceError) in
      try self.addGradients(of: shape, weight, bias, dy)
    }
    return y
  }

  /// The shape of a batch of images, of as many dimensions as this tensor has.
  private func images(_ batch: Int, _ height: Int, _ width: Int, _ channels: Int) -> Shape {
    shape.rank == 4 ? [batch, height, width, channels] : [batch, height * width * channels]
  }

  /// Adds the gradients of a convolution of this tensor: `dy` is the gradient before the activation.
  private func addGradients(
    of shape: Convolution, _ weight: Tensor, _ bias: Tensor, _ dy: Buffer
  ) throws(DeviceError) {
    try weight.addGradient { (gradient, accumulate) throws(DeviceError) in
      try device.conv2dWeightGradient(
        shape, buffer, outputGradient: dy, into: gradient, accumulate: accumulate)
    }
    try bias.addColumnSums(
      of: dy, Rows(shape.outputCount / shape.outputChannels, shape.outputChannels))
    try addGradient { (gradient, accumulate) throws(DeviceError) in
      try device.conv2dInputGradient(
        shape, weights: weight.buffer, outputGradient: dy, into: gradient, accumulate: accumulate)
    }
  }

  /// Adds the gradient of a bias: the sums over the pixels.
  private func addColumnSums(of dy: Buffer, _ pixels: Rows) throws(DeviceError) {
    try addGradient { (gradient, accumulate) throws(DeviceError) in
      try device.reduce(
        Reduction(.sum, .perColumn, pixels, accumulate: accumulate), dy, into: gradient)
    }
  }

  /// A convolutional layer and the maximum of each 2 × 2 window of its output; one operation unless
  /// recorded.
  ///
  /// - Returns: The pooled output; see ``convolved(_:_:_:)``.
  /// - Throws: `DeviceError` when the device fails.
  public func convolvedAndPooled(
    _ shape: Convolution, _ weight: Tensor, _ bias: Tensor
  ) throws(DeviceError) -> Tensor {
    if shape.activation.derivesFromInput {
      return try convolved(shape, weight, bias).pooled(shape.pooling)
    }
    let pooling = shape.pooling
    let pooled = try Tensor(
      images(pooling.batch, pooling.outputHeight, pooling.outputWidth, pooling.channels),
      from: [self, weight, bias])
    guard Tape.isRecording else {
      try device.conv2dMaxPool(
        shape, buffer, weights: weight.buffer, bias: bias.buffer, into: pooled.buffer)
      return pooled
    }
    let y = try device.makeBuffer(count: shape.outputCount, type: .float32)
    try device.conv2d(shape, buffer, weights: weight.buffer, bias: bias.buffer, into: y)
    try device.pool(shape.pooling, y, into: pooled.buffer)
    // Only the maxima pass a gradient back, so the activation's is that of the pooled outputs.
    Tape.record(pooled, activation: shape.activation) { [device] (gradient) throws(DeviceError) in
      let dy = try device.makeBuffer(count: shape.outputCount, type: .float32)
      try device.poolGradient(
        shape.pooling, y, outputGradient: gradient, into: dy, accumulate: false)
      try self.addGradients(of: shape, weight, bias, dy)
    }
    return pooled
  }

  /// The maximum or the mean of each window; see ``/Compute/Pooling``.
  ///
  /// - Returns: batch × height × width × channels of the output where this has four dimensions, else a
  ///   matrix of a row for each image.
  /// - Throws: `DeviceError` when the device fails.
  public func pooled(_ shape: Pooling) throws(DeviceError) -> Tensor {
    let y = try Tensor(
      images(shape.batch, shape.outputHeight, shape.outputWidth, shape.channels), from: [self])
    try device.pool(shape, buffer, into: y.buffer)
    Tape.record(y) { [device] (dy) throws(DeviceError) in
      try self.addGradient { (gradient, accumulate) throws(DeviceError) in
        try device.poolGradient(
          shape, self.buffer, outputGradient: dy, into: gradient, accumulate: accumulate)
      }
    }
    return y
  }

  /// A transposed convolution, which reverses the change of size by `shape`: each pixel of x is spread over
  /// the window that `shape` maps to it.
  ///
  /// - Parameters:
  ///   - shape: The convolution from the size of the result to that of x.
  ///   - weight: (rows · columns · channels of the result) × channels of x.
  ///   - bias: 1 × channels of the result.
  /// - Returns: The result; see ``convolved(_:_:_:)``.
  /// - Throws: `DeviceError` when the device fails.
  public func convolvedTransposed(_ shape: Convolution, _ weight: Tensor, _ bias: Tensor)
    throws(DeviceError) -> Tensor
  {
    stopUnless(shape.activation == .identity, "a transposed convolution has no activation")
    let pixels = Rows(shape.inputCount / shape.inputChannels, shape.inputChannels)
    let y = try Tensor(
      images(shape.batch, shape.height, shape.width, shape.inputChannels),
      from: [self, weight, bias])
    try device.broadcast(bias.buffer, [1, pixels.columns], into: y.buffer, Shape(pixels))
    try device.conv2dInputGradient(
      shape, weights: weight.buffer, outputGradient: buffer, into: y.buffer, accumulate: true)
    Tape.record(y) { [device] (dy) throws(DeviceError) in
      try weight.addGradient { (gradient, accumulate) throws(DeviceError) in
        try device.conv2dWeightGradient(
          shape, dy, outputGradient: self.buffer, into: gradient, accumulate: accumulate)
      }
      try bias.addColumnSums(of: dy, pixels)
      try self.addGradient { (gradient, accumulate) throws(DeviceError) in
        let dx =
          accumulate ? try device.makeBuffer(count: self.shape.count, type: .float32) : gradient
        try device.conv2d(shape, dy, weights: weight.buffer, bias: nil, into: dx)
        if accumulate { try device.scaledAdd(1, dx, 1, into: gradient) }
      }
    }
    return y
  }
}
