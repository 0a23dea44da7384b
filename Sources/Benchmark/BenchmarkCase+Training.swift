import Autograd
import Compute
import Datasets
import Models

extension BenchmarkCase {
  /// Whole loops of the autoencoder on random images, of which there are as many as in MNIST.
  static func loops(_ settings: BenchmarkSettings) -> [BenchmarkCase] {
    let shape = AutoencoderShape(latentDimension: settings.latentDimension)
    let batch = settings.batch
    return [
      step(shape, batch, .elbo), step(shape, batch, .mmd), encode(shape, batch),
      decode(shape, batch),
    ]
  }

  /// The multiply-adds of some layers for each image, counted twice.
  private static func operations(_ layers: some Sequence<(inputs: Int, outputs: Int)>) -> Double {
    layers.reduce(0) { $0 + 2 * Double($1.inputs * $1.outputs) }
  }

  /// A training step with all that belongs to it: the batch is gathered from bytes in the order of
  /// the epoch, which is shuffled when it begins; noise, loss, gradients, Adam.
  private static func step(
    _ shape: AutoencoderShape, _ batch: Int, _ objective: RunConfiguration.ObjectiveName
  ) -> BenchmarkCase {
    // Forward, weight gradients, input gradients; nobody asks for those of the images.
    let operations =
      3 * operations(shape.layers) - operations(shape.layers.prefix(1))
    let work = Work(operations: Double(batch) * operations, images: Double(batch))
    let name = "training step \(objective) D=\(shape.latentDimension) batch \(batch)"
    return BenchmarkCase(.training, name, work) { device in
      let images = try randomImages(max(60_000, batch), shape, on: device)
      let few = images.selecting(0..<1)
      let trainer = try Trainer(
        RunConfiguration(
          shape: shape, imageRows: images.rows, imageColumns: images.columns, objective: objective,
          batchSize: batch),
        training: few, test: few, on: device)
      let dataset = try DeviceDataset(images, on: device)
      let batches = dataset.batches(of: batch).filter { $0.count == batch }
      var next = 0
      return {
        if next % batches.count == 0 {
          try dataset.shuffle(RandomStream(seed: 1, purpose: 3, step: UInt64(next)))
        }
        try trainer.step(try dataset.batch(batches[next % batches.count]))
        next += 1
      }
    }
  }

  private static func encode(_ shape: AutoencoderShape, _ batch: Int) -> BenchmarkCase {
    let work = Work(
      operations: Double(batch) * operations(shape.layers.prefix(3)), images: Double(batch))
    return BenchmarkCase(
      .training, "encode D=\(shape.latentDimension) batch \(batch)", work
    ) { device in
      let model = try VariationalAutoencoder(shape, seed: 1, on: device)
      let dataset = try DeviceDataset(try randomImages(batch, shape, on: device), on: device)
      return { _ = try model.encode(try dataset.batch(0..<batch)) }
    }
  }

  private static func decode(_ shape: AutoencoderShape, _ batch: Int) -> BenchmarkCase {
    let work = Work(
      operations: Double(batch) * operations(shape.layers.suffix(3)), images: Double(batch))
    return BenchmarkCase(
      .training, "decode D=\(shape.latentDimension) batch \(batch)", work
    ) { device in
      let model = try VariationalAutoencoder(shape, seed: 1, on: device)
      let latents = Rows(batch, shape.latentDimension)
      let z = Tensor(try normal(latents.count, on: device), latents, on: device)
      return { _ = try model.decode(z) }
    }
  }

  private static func randomImages(
    _ count: Int, _ shape: AutoencoderShape, on device: any Device
  ) throws -> ImageDataset {
    ImageDataset(
      name: "random", images: try randomBytes(count * shape.pixels, on: device),
      labels: [UInt8](repeating: 0, count: count), rows: 1, columns: shape.pixels)
  }
}
