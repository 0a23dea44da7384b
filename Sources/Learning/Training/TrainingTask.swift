import Autograd
import Datasets
import NeuralNetwork

/// What a model learns: what a step is, and an evaluation. The rest of a training is the same for all; see
/// ``TrainingLoop``.
///
/// All random numbers must be functions of a seed and the number of the step, so that a training that was stopped
/// and resumed ends with the same bytes as one that was not.
public protocol TrainingTask: AnyObject {
  /// What learns; the two of a GAN take their steps together. Their state is in the checkpoints.
  var optimizers: [Optimizer] { get }
  /// What the losses of a step are called.
  var lossNames: [String] { get }
  /// What the history keeps of the losses: themselves unless the task says otherwise.
  var lossColumns: [Column] { get }
  /// What an evaluation measures: nothing unless the task says otherwise.
  var measureColumns: [Column] { get }
  /// What a person may try when a loss is not a number.
  var remedy: String { get }

  /// Learns from a batch. The steps done before, `optimizers[0].steps`, fix its random numbers.
  ///
  /// - Returns: For each of ``lossNames`` a tensor and a weight: weight × the sum of its elements is the loss,
  ///   summed over the images.
  /// - Throws: What keeps it from learning.
  func step(_ batch: Batch) throws -> [(tensor: Tensor, weight: Float)]

  /// What ``lossColumns`` hold, of the mean loss of an image in each of ``lossNames``.
  func summary(_ losses: [Double]) -> [Double]

  /// Measures the model after an epoch: a number for each of ``measureColumns``.
  /// - Throws: What keeps it from being measured.
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

/// A column of the tables of a training.
public struct Column: Sendable, Hashable {
  /// What stands above it.
  public var name: String
  /// The digits behind the point.
  public var decimals: Int

  /// Describes a column.
  public init(_ name: String, decimals: Int = 6) {
    self.name = name
    self.decimals = decimals
  }
}
