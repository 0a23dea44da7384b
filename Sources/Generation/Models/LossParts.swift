import Training

/// A mean loss per image of an autoencoder, in its parts.
public struct LossParts: Sendable, Hashable {
  /// The reconstruction loss in nats.
  public var reconstruction: Double
  /// The mean KL in nats, or the maximum mean discrepancy.
  public var regularizer: Double
  /// reconstruction + weight · regularizer.
  public var total: Double

  /// Names the parts, in the order of the columns of the history.
  init(_ values: ArraySlice<Double>) {
    let first = values.startIndex
    (reconstruction, regularizer, total) = (values[first], values[first + 1], values[first + 2])
  }
}

extension EpochResult {
  /// The mean loss of an autoencoder over the training images while they were learned from.
  public var training: LossParts { LossParts(losses[...]) }
  /// Its mean loss over the test images at the end.
  public var test: LossParts { LossParts(measures[...]) }
}

extension TrainingProgress {
  /// The mean loss of an autoencoder in this epoch so far.
  public var loss: LossParts { LossParts(losses[...]) }
}

extension TrainingHistory.Step {
  /// The mean loss of an autoencoder since the reading before.
  public var loss: LossParts { LossParts(losses[...]) }
}
