import Compute

extension Tensor {
  /// The result of an operation of your own, with its gradients.
  ///
  /// ```swift
  /// let y = try Tensor.make(x.shape, from: [x]) { y in
  ///   try device.perform(Cube(x: x.buffer, y: y))
  /// } gradients: { dy in
  ///   [try dy * x * x * Tensor(3, on: device)]
  /// }
  /// ```
  /// - Parameters:
  ///   - shape: The shape of the result.
  ///   - inputs: The tensors it depends on.
  ///   - compute: Writes the result to a buffer.
  ///   - gradients: Gets the gradient of the loss in the result, and returns that in each input: of the input's
  ///     shape, or of one that it is broadcast to, over which it is summed.
  /// - Throws: `DeviceError` when the device fails.
  public static func make(
    _ shape: Shape, from inputs: [Tensor], _ compute: (Buffer) throws(DeviceError) -> Void,
    gradients: @escaping (Tensor) throws(DeviceError) -> [Tensor]
  ) throws(DeviceError) -> Tensor {
    let y = try Tensor(shape, from: inputs)
    try compute(y.buffer)
    Tape.record(y) { (dy) throws(DeviceError) in
      let found = try gradients(Tensor(dy, shape, on: y.device))
      stopUnless(
        found.count == inputs.count,
        "an operation of \(inputs.count) inputs has \(found.count) gradients")
      for (input, gradient) in Swift.zip(inputs, found) {
        try input.addGradient(gradient.intermediate)
      }
    }
    return y
  }
}
