import Compute

extension OpenCLDevice {
  /// The softmax of each row; one work-group a row.
  public func softmax(_ shape: Rows, _ x: Buffer, into y: Buffer) throws(DeviceError) {
    x.require(shape.count, "the input of softmax")
    y.require(shape.count, "the result of softmax")
    try launch(
      "softmax", "softmax", results: shape.rows, [.uint(shape.columns), .buffer(x), .buffer(y)])
  }

  /// The cross-entropy of each row with its label in nats.
  public func softmaxCrossEntropy(
    _ shape: Rows, logits: Buffer, labels: Buffer, into loss: Buffer
  ) throws(DeviceError) {
    logits.require(shape.count, "the logits of softmaxCrossEntropy")
    labels.require(shape.rows, "the labels of softmaxCrossEntropy", type: .int32)
    loss.require(shape.rows, "the loss of softmaxCrossEntropy")
    try launch(
      "softmax", "softmax_cross_entropy", results: shape.rows,
      [.uint(shape.columns), .buffer(logits), .buffer(labels), .buffer(loss)])
  }

  /// The gradient of ``softmaxCrossEntropy(_:logits:labels:into:)`` in the logits.
  public func softmaxCrossEntropyGradient(
    _ shape: Rows, logits: Buffer, labels: Buffer, lossGradient: Buffer,
    into logitsGradient: Buffer, accumulate: Bool
  ) throws(DeviceError) {
    logits.require(shape.count, "the logits of softmaxCrossEntropy")
    labels.require(shape.rows, "the labels of softmaxCrossEntropy", type: .int32)
    lossGradient.require(shape.rows, "the loss gradient of softmaxCrossEntropy")
    logitsGradient.require(shape.count, "the logits gradient of softmaxCrossEntropy")
    try launch(
      "softmax", "softmax_cross_entropy_gradient", results: shape.rows,
      [
        .uint(shape.columns), .buffer(logits), .buffer(labels), .buffer(lossGradient),
        .buffer(logitsGradient), .flag(accumulate),
      ])
  }

  /// The first column of the greatest element of each row.
  public func argmax(_ shape: Rows, _ x: Buffer, into y: Buffer) throws(DeviceError) {
    x.require(shape.count, "the input of argmax")
    y.require(shape.rows, "the result of argmax", type: .int32)
    try launch(
      "softmax", "argmax", results: shape.rows, [.uint(shape.columns), .buffer(x), .buffer(y)])
  }

  /// One where two lists of integers agree, else zero.
  public func equal(_ a: Buffer, _ b: Buffer, into y: Buffer) throws(DeviceError) {
    a.require(y.count, "the first input of equal", type: .int32)
    b.require(y.count, "the second input of equal", type: .int32)
    y.require(y.count, "the result of equal")
    try launch(
      "softmax", "equal", elements: y.count,
      [.buffer(a), .buffer(b), .buffer(y), .uint(y.count)])
  }
}
