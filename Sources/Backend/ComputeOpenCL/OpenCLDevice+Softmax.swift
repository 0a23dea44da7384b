import Compute

extension SoftmaxOperation: OpenCLOperation {
  /// The softmax of each row; one work-group a row.
  public func run(on device: OpenCLDevice) throws(DeviceError) {
    try device.launch(
      "softmax", "softmax", results: shape.rows, work: 16 * shape.columns,
      [.uint(shape.columns), .buffer(x), .buffer(y)])
  }
}

extension SoftmaxCrossEntropyOperation: OpenCLOperation {
  /// The cross-entropy of each row with its label, in nats.
  public func run(on device: OpenCLDevice) throws(DeviceError) {
    try device.launch(
      "softmax", "softmax_cross_entropy", results: shape.rows, work: 16 * shape.columns,
      [.uint(shape.columns), .buffer(logits), .buffer(labels), .buffer(loss)])
  }
}

extension SoftmaxCrossEntropyGradientOperation: OpenCLOperation {
  /// The gradient of ``/Compute/Device/softmaxCrossEntropy(_:logits:labels:into:)`` with respect to the logits.
  public func run(on device: OpenCLDevice) throws(DeviceError) {
    try device.launch(
      "softmax", "softmax_cross_entropy_gradient", results: shape.rows, work: 16 * shape.columns,
      [.uint(shape.columns), .buffer(logits), .buffer(labels)] + lossGradient.arguments
        + [.buffer(logitsGradient), .flag(accumulate)])
  }
}

extension ArgmaxOperation: OpenCLOperation {
  /// The first column of the greatest element of each row.
  public func run(on device: OpenCLDevice) throws(DeviceError) {
    try device.launch(
      "softmax", "argmax", results: shape.rows, work: 16 * shape.columns,
      [.uint(shape.columns), .buffer(x), .buffer(y)])
  }
}

extension EqualOperation: OpenCLOperation {
  /// One where two lists of integers agree, otherwise zero.
  public func run(on device: OpenCLDevice) throws(DeviceError) {
    try device.launch(
      "softmax", "equal", elements: y.count,
      [.buffer(a), .buffer(b), .buffer(y), .uint(y.count)])
  }
}
