import Training

/// The mean loss per image of an autoencoder, part by part.
public struct LossParts: Sendable, Hashable {
  /// The reconstruction loss in nats.
  public var reconstruction: Double
  /// The mean KL in nats, or the maximum mean discrepancy.
  public var regularizer: Double
  /// reconstruction + weight · regularizer.
  public var total: Double

  /// Takes the parts in the order of the columns of the history.
  init(_ values: ArraySlice<Double>) {
    let first = values.startIndex
    (reconstruction, regularizer, total) = (values[first], values[first + 1], values[first + 2])
  }
}

extension EpochResult {
  /// The mean loss of an autoencoder over the training images, during the epoch.
  public var training: LossParts { LossParts(losses[...]) }
  /// Its mean loss over the test images, after the epoch.
  public var test: LossParts { LossParts(measures[...]) }
}

extension TrainingProgress {
  /// The mean loss of an autoencoder in this epoch so far.
  public var loss: LossParts { LossParts(losses[...]) }
}

extension TrainingHistory.Step {
  /// The mean loss of an autoencoder since the previous reading.
  public var loss: LossParts { LossParts(losses[...]) }
}
