import Autograd
import Compute
import Datasets
import NeuralNetwork

/// A network that is trained as a classifier, by cross-entropy, and measured by its accuracy.
public final class ClassificationTask<Network: Module>: TrainingTask {
  /// The network.
  public let network: Network
  public let optimizers: [Optimizer]
  public let lossNames = ["cross-entropy"]
  public let measureColumns: [Column]
  public let remedy: String
  private let measured: [DeviceDataset]

  /// Describes the training of a network.
  ///
  /// - Parameters:
  ///   - network: The network to train.
  ///   - optimizer: The optimiser of its parameters.
  ///   - sets: The images on which accuracy is measured after each epoch, and the name of each measure.
  ///   - remedy: What the user may try when the loss is not a number.
  public init(
    _ network: Network, _ optimizer: Optimizer,
    measuring sets: KeyValuePairs<String, DeviceDataset>,
    remedy: String = "try a lower learning rate"
  ) {
    self.network = network
    self.remedy = remedy
    optimizers = [optimizer]
    measureColumns = sets.map { Column($0.key) }
    measured = sets.map(\.value)
  }

  public func step(_ batch: Batch) throws -> [(tensor: Tensor, weight: Float)] {
    let (images, labels) = (try batch.images, try batch.labels)
    let loss = try optimizers[0].step {
      WeightedSum([(try crossEntropy(try network(images), labels), 1 / Float(batch.count))])
    }
    return [(loss.terms[0].tensor, 1)]
  }

  public func evaluate() throws -> [Double] {
    try measured.map { try accuracy(of: network, on: $0) }
  }
}

/// The fraction of images whose greatest output is that of their class.
/// - Throws: ``/NeuralNetwork/ParameterError`` when an image has no label, or there are fewer outputs than classes;
///   `DeviceError`.
public func accuracy(of network: some Module, on data: DeviceDataset) throws -> Double {
  let device = data.device
  let hits = try device.makeBuffer([Float(0)])
  for range in data.ranges(of: 200) {
    let labels = try data.checkedLabels(range)
    let logits = try network(try data.images(range))
    try labels.check(logits)
    try device.countHits(logits, labels: labels.buffer, into: hits)
  }
  return Double(try device.download(hits)[0]) / Double(data.count)
}

extension Model where Network: Module {
  /// The fraction of images whose greatest output is that of their class; see ``accuracy(of:on:)``.
  /// - Throws: ``/NeuralNetwork/ParameterError`` when an image has no label, or there are fewer outputs than classes;
  ///   `DeviceError`.
  public func accuracy(on data: DeviceDataset) throws -> Double {
    try Training.accuracy(of: network, on: data)
  }
}
