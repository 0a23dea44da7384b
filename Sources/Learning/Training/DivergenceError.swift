/// A loss that is not a number.
public struct DivergenceError: Error, CustomStringConvertible {
  /// The name of the loss; nil if there is only one.
  public var loss: String?
  /// The training step, from 1.
  public var step: Int
  /// The epoch of the step, from 1.
  public var epoch: Int
  /// The batch of the epoch, from 1.
  public var batch: Int
  /// The batches per epoch.
  public var batches: Int
  /// The last checkpoint that was written or read, which the step did not affect.
  public var checkpoint: Checkpoint?
  /// What the user may try.
  public var remedy: String

  /// Identifies a step, counted from the start of training.
  init(loss: String?, step: Int, batches: Int, checkpoint: Checkpoint?, remedy: String) {
    self.loss = loss
    self.step = step
    epoch = (step - 1) / batches + 1
    batch = (step - 1) % batches + 1
    self.batches = batches
    self.checkpoint = checkpoint
    self.remedy = remedy
  }

  /// The failure in one line.
  public var description: String {
    let last = checkpoint.map { "the last good checkpoint is \($0.path), after step \($0.step)" }
    return
      "the loss\(loss.map { " (\($0))" } ?? "") is not a number at step \(step) (epoch \(epoch), "
      + "batch \(batch) of \(batches)); \(last ?? "there is no checkpoint yet"); \(remedy)"
  }
}

/// A file from which training can resume.
public struct Checkpoint: Sendable, Hashable {
  /// The file.
  public var path: String
  /// The number of training steps that it includes.
  public var step: Int
}
