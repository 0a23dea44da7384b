import Compute

extension BinaryCrossEntropyOperation: OpenCLOperation {
  /// The cross-entropy of each row from logits in nats; one work-group a row.
  public func run(on device: OpenCLDevice) throws(DeviceError) {
    try device.launch(
      "loss", "binary_cross_entropy", results: shape.rows, work: 16 * shape.columns,
      [.uint(shape.columns), .buffer(logits), .buffer(targets), .buffer(loss)])
  }
}

extension BinaryCrossEntropyGradientOperation: OpenCLOperation {
  /// The gradient of ``/Compute/Device/binaryCrossEntropy(_:logits:targets:into:)`` with respect to the logits.
  public func run(on device: OpenCLDevice) throws(DeviceError) {
    try device.launch(
      "loss", "binary_cross_entropy_gradient", matrix: shape,
      [.uint(shape.rows), .uint(shape.columns), .buffer(logits), .buffer(targets)]
        + lossGradient.arguments + [.buffer(logitsGradient), .flag(accumulate)])
  }
}

extension RowGradient {
  /// As arguments: the numbers or a null pointer, and the number of all rows.
  var arguments: [Argument] { [.optional(buffer), .float(number)] }
}
