import Compute

extension OpenCLDevice {
  /// The cross-entropy of each row from logits in nats; one work-group a row.
  public func binaryCrossEntropy(
    _ shape: Rows, logits: Buffer, targets: Buffer, into loss: Buffer
  ) throws(DeviceError) {
    logits.require(shape.count, "the logits of binaryCrossEntropy")
    targets.require(shape.count, "the targets of binaryCrossEntropy")
    loss.require(shape.rows, "the loss of binaryCrossEntropy")
    try launch(
      "loss", "binary_cross_entropy", results: shape.rows,
      [.uint(shape.columns), .buffer(logits), .buffer(targets), .buffer(loss)])
  }

  /// The gradient of ``binaryCrossEntropy(_:logits:targets:into:)`` in the logits.
  public func binaryCrossEntropyGradient(
    _ shape: Rows, logits: Buffer, targets: Buffer, lossGradient: Buffer,
    into logitsGradient: Buffer, accumulate: Bool
  ) throws(DeviceError) {
    logits.require(shape.count, "the logits of binaryCrossEntropy")
    targets.require(shape.count, "the targets of binaryCrossEntropy")
    lossGradient.require(shape.rows, "the loss gradient of binaryCrossEntropy")
    logitsGradient.require(shape.count, "the logits gradient of binaryCrossEntropy")
    try launch(
      "loss", "binary_cross_entropy_gradient", matrix: shape,
      [
        .uint(shape.rows), .uint(shape.columns), .buffer(logits), .buffer(targets),
        .buffer(lossGradient), .buffer(logitsGradient), .flag(accumulate),
      ])
  }
}
