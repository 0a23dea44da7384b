import Compute

extension Tensor {
  /// The cross-entropy of Bernoulli pixels with these logits, in nats, summed over each row
  /// (equation 1, first term).
  ///
  /// - Parameter targets: Grey values in [0, 1], the extent of the logits. No gradient flows there.
  /// - Returns: rows × 1.
  /// - Throws: ``DeviceError`` when the device fails.
  public func binaryCrossEntropy(targets: Tensor, tape: Tape?) throws(DeviceError) -> Tensor {
    let loss = try Tensor(Rows(shape.rows, 1), from: [self], tape: tape)
    try device.binaryCrossEntropy(
      shape, logits: buffer, targets: targets.buffer, into: loss.buffer)
    tape?.record(loss) { [device, shape] (lossGradient) throws(DeviceError) in
      try self.addGradient { (gradient, accumulate) throws(DeviceError) in
        try device.binaryCrossEntropyGradient(
          shape, logits: self.buffer, targets: targets.buffer, lossGradient: lossGradient,
          into: gradient, accumulate: accumulate)
      }
    }
    return loss
  }

  /// `Σ_j k(xᵢ, yⱼ)` for each row i, with k(x, y) = exp(−‖x − y‖² / width): the sums that make up
  /// the maximum mean discrepancy (equation 2).
  ///
  /// - Parameter others: The points y; they may be this very tensor. Unless they are, no gradient
  ///   flows there.
  /// - Returns: rows × 1.
  /// - Throws: ``DeviceError`` when the device fails.
  public func kernelSums(with others: Tensor, width: Float, tape: Tape?) throws(DeviceError)
    -> Tensor
  {
    let extent = KernelSums(
      xCount: shape.rows, yCount: others.shape.rows, dimension: shape.columns, width: width)
    let sums = try Tensor(Rows(shape.rows, 1), from: [self], tape: tape)
    try device.kernelSums(extent, buffer, others.buffer, into: sums.buffer)
    tape?.record(sums) { [device] (weights) throws(DeviceError) in
      try self.addGradient { (gradient, accumulate) throws(DeviceError) in
        try device.kernelSumsGradient(
          extent, self.buffer, others.buffer, xWeights: weights,
          yWeights: others === self ? weights : nil, into: gradient, accumulate: accumulate)
      }
    }
    return sums
  }
}
