import Compute

extension Tensor {
  /// The cross-entropy of Bernoulli pixels with these logits, in nats, summed over each row
  /// (equation 1, first term).
  ///
  /// - Parameter targets: Grey values in [0, 1], of the shape of the logits. No gradient flows into them.
  /// - Returns: rows × 1.
  /// - Throws: `DeviceError` when the device fails.
  public func binaryCrossEntropy(targets: Tensor) throws(DeviceError) -> Tensor {
    let loss = try Tensor(Rows(shape.rows, 1), from: [self])
    try device.binaryCrossEntropy(
      shape.matrix, logits: buffer, targets: targets.buffer, into: loss.buffer)
    Tape.recordRows(loss) { [device, shape = shape.matrix] (lossGradient) throws(DeviceError) in
      try self.addGradient { (gradient, accumulate) throws(DeviceError) in
        try device.binaryCrossEntropyGradient(
          shape, logits: self.buffer, targets: targets.buffer, lossGradient: lossGradient,
          into: gradient, accumulate: accumulate)
      }
    }
    return loss
  }

  /// `Σ_j k(xᵢ, xⱼ) − 2 k(xᵢ, yⱼ) + k(yᵢ, yⱼ)` for each row i, with
  /// k(x, y) = exp(−‖x − y‖² / width): the terms of the maximum mean discrepancy (equation 2), which
  /// is their sum divided by rows².
  ///
  /// - Parameters:
  ///   - others: The points y, as many. No gradient flows into them.
  ///   - width: The divisor in the kernel exp(−‖x − y‖² / width).
  /// - Returns: rows × 1.
  /// - Throws: `DeviceError` when the device fails.
  public func kernelDiscrepancy(from others: Tensor, width: Float)
    throws(DeviceError) -> Tensor
  {
    let extent = KernelDiscrepancy(count: shape.rows, dimension: shape.columns, width: width)
    let terms = try Tensor(Rows(shape.rows, 1), from: [self])
    try device.kernelDiscrepancy(extent, buffer, others.buffer, into: terms.buffer)
    Tape.recordRows(terms) { [device] (termGradient) throws(DeviceError) in
      try self.addGradient { (gradient, accumulate) throws(DeviceError) in
        try device.kernelDiscrepancyGradient(
          extent, self.buffer, others.buffer, termGradient: termGradient, into: gradient,
          accumulate: accumulate)
      }
    }
    return terms
  }

  /// `−log softmax(x)[label]` of each row, in nats.
  ///
  /// - Parameter labels: `int32`, one for each row.
  /// - Returns: rows × 1.
  /// - Throws: `DeviceError` when the device fails.
  public func softmaxCrossEntropy(labels: Buffer) throws(DeviceError) -> Tensor {
    let loss = try Tensor(Rows(shape.rows, 1), from: [self])
    try device.softmaxCrossEntropy(shape.matrix, logits: buffer, labels: labels, into: loss.buffer)
    Tape.recordRows(loss) { [device, shape = shape.matrix] (lossGradient) throws(DeviceError) in
      try self.addGradient { (gradient, accumulate) throws(DeviceError) in
        try device.softmaxCrossEntropyGradient(
          shape, logits: self.buffer, labels: labels, lossGradient: lossGradient, into: gradient,
          accumulate: accumulate)
      }
    }
    return loss
  }
}
