import Autograd
import Datasets
import NeuralNetwork

/// What a training step and an evaluation are for a model. The rest of training is the same for all; see
/// ``TrainingLoop``.
///
/// All random numbers must be functions of a seed and the step number, so that a training run that is stopped and
/// resumed ends with the same bytes as one that is not stopped.
public protocol TrainingTask: AnyObject {
  /// The optimisers; the two of a GAN take their steps together. Their state is in the checkpoints.
  var optimizers: [Optimizer] { get }
  /// The names of a step's losses.
  var lossNames: [String] { get }
  /// What the history keeps of the losses: the losses themselves unless the task says otherwise.
  var lossColumns: [Column] { get }
  /// What an evaluation measures: nothing unless the task says otherwise.
  var measureColumns: [Column] { get }
  /// What the user may try when a loss is not a number.
  var remedy: String { get }

  /// Trains on a batch. The number of steps already done, `optimizers[0].steps`, determines its random numbers.
  ///
  /// - Returns: For each of ``lossNames`` a tensor and a weight: weight × the sum of its elements is the loss,
  ///   summed over the images.
  /// - Throws: What prevents the step.
  func step(_ batch: Batch) throws -> [(tensor: Tensor, weight: Float)]

  /// What ``lossColumns`` hold, of ``lossNames`` summed over some images; it must be linear, since the mean is taken
  /// afterwards.
  func summary(_ losses: [Double]) -> [Double]

  /// Measures the model after an epoch: a number for each of ``measureColumns``.
  /// - Throws: What prevents the evaluation.
  func evaluate() throws -> [Double]
}

extension TrainingTask {
  /// The losses.
  public var lossColumns: [Column] { lossNames.map { Column($0) } }
  /// None.
  public var measureColumns: [Column] { [] }
  /// The usual one.
  public var remedy: String { "try a lower learning rate" }
  /// The losses.
  public func summary(_ losses: [Double]) -> [Double] { losses }
  /// None.
  public func evaluate() throws -> [Double] { [] }
}

/// A column of the tables of a training run.
public struct Column: Sendable, Hashable {
  /// Its header.
  public var name: String
  /// The digits after the decimal point.
  public var decimals: Int

  /// Describes a column.
  public init(_ name: String, decimals: Int = 6) {
    self.name = name
    self.decimals = decimals
  }
}
