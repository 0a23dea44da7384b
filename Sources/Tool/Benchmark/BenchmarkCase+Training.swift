import Autograd
import Compute
import Datasets
import Models
import NeuralNetwork
import Training

extension BenchmarkCase {
  /// Complete training steps on random images, as many as in MNIST: the batch is gathered from bytes in the
  /// order of the epoch, shuffled at its start; noise, loss, gradients, Adam.
  static func training(_ settings: BenchmarkSettings) -> [BenchmarkCase] {
    let shape = AutoencoderShape(latentDimension: settings.latentDimension)
    return [
      step(shape, settings.batch, .elbo), step(shape, settings.batch, .mmd),
      classifierStep(settings.batch), perceptronStep(settings.batch),
    ]
  }

  private static func step(
    _ shape: AutoencoderShape, _ batch: Int, _ objective: RunConfiguration.ObjectiveName
  ) -> BenchmarkCase {
    // Forward, weight gradients, input gradients; those of the images aren't needed.
    let operations = 3 * shape.layers.operations - shape.layers[0].operations
    let work = Work(operations: Double(batch) * operations, images: Double(batch))
    let name = "training step \(objective) D=\(shape.latentDimension) batch \(batch)"
    return BenchmarkCase(.loops, name, work) { device in
      let images = try randomImages(max(60_000, batch), on: device)
      let few = images.selecting(0..<1)
      let training = try AutoencoderTraining(
        RunConfiguration(
          shape: shape, imageRows: images.rows, imageColumns: images.columns, objective: objective,
          batchSize: batch),
        training: few, test: few, on: device)
      let dataset = try DeviceDataset(images, on: device)
      return try epochs(of: dataset, batch, training.step)
    }
  }

  private static func classifierStep(_ batch: Int) -> BenchmarkCase {
    let layers = ClassifierLayers(batch: batch)
    let work = Work(
      operations: 3 * layers.operations - layers.first.operations, images: Double(batch))
    return BenchmarkCase(.loops, "classifier training step batch \(batch)", work) { device in
      let images = try randomImages(max(60_000, batch), on: device)
      let few = images.selecting(0..<1)
      let training = try ClassifierTraining(
        reconstructing: nil, training: few, test: few, batchSize: batch, seed: 1, on: device)
      let dataset = try DeviceDataset(images, on: device)
      return try epochs(of: dataset, batch, training.step)
    }
  }

  /// The first network of the README, by the calls that its users make.
  private static func perceptronStep(_ batch: Int) -> BenchmarkCase {
    let (first, second) = (2.0 * 784 * 128, 2.0 * 128 * 10)
    let work = Work(
      operations: Double(batch) * (2 * first + 3 * second), images: Double(batch))
    return BenchmarkCase(.loops, "perceptron training step batch \(batch)", work) { device in
      let images = try randomImages(max(60_000, batch), on: device)
      let model = try Model(
        { p in
          Sequential(
            try Dense(784, 128, .relu, p["hidden"]), try Dense(128, 10, p["output"]))
        }, on: device)
      let adam = try Adam(model.parameters, learningRate: 0.001)
      return try epochs(of: try DeviceDataset(images, on: device), batch) { batch in
        try adam.step { try crossEntropy(model(batch.images), batch.labels).mean() }
      }
    }
  }

  /// A call that takes the next full batch of an endless series of epochs.
  private static func epochs(
    of dataset: DeviceDataset, _ batch: Int, _ step: @escaping (Batch) throws -> Void
  ) throws -> Call {
    let batches = try dataset.batches(of: batch).filter { $0.count == batch }
    var next = 0
    return {
      if next % batches.count == 0 {
        try dataset.shuffle(RandomStream(seed: 1, purpose: 3, step: UInt64(next)))
      }
      try step(batches[next % batches.count])
      next += 1
    }
  }
}

/// Images of 28 × 28 random bytes, with the ten labels in turn.
func randomImages(_ count: Int, on device: any Device) throws -> ImageDataset {
  ImageDataset(
    name: "random", images: try randomBytes(count * 784, on: device),
    labels: (0..<count).map { UInt8($0 % 10) }, rows: 28, columns: 28)
}
