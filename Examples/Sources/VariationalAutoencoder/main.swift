// A variational autoencoder (Kingma and Welling, 2013) as a custom training task, which says what a step and an
// evaluation are.
//
//   VariationalAutoencoder [DATASET [EPOCHS]]
import Digitalis

struct Autoencoder {
  let encoder, decoder: Sequential
  let latent = 16

  init(_ p: Parameters, pixels: Int) throws {
    encoder = Sequential(
      try Dense(pixels, 256, .relu, p["encoder"]["hidden"]),
      // The means, then the log variances.
      try Dense(256, 2 * latent, p["encoder"]["output"]))
    decoder = Sequential(
      try Dense(latent, 256, .relu, p["decoder"]["hidden"]),
      try Dense(256, pixels, p["decoder"]["output"]))
  }

  /// The loss of each image: reconstruction and Kullback–Leibler divergence, in nats.
  func losses(_ images: Tensor, _ stream: RandomStream) throws -> (Tensor, Tensor) {
    let encoded = try encoder(images)
    let z = try encoded.sampled(stream)
    return (try binaryCrossEntropy(decoder(z), images), try encoded.gaussianDivergence())
  }
}

final class AutoencoderTask: TrainingTask {
  let model: Model<Autoencoder>
  let optimizers: [Optimizer]
  let lossNames = ["reconstruction", "divergence"]
  let measureColumns = [Column("test loss")]
  let test: DeviceDataset
  let random = RandomStream(seed: 1).split("noise")

  init(_ model: Model<Autoencoder>, test: DeviceDataset) throws {
    self.model = model
    self.test = test
    optimizers = [try Adam(model.parameters, learningRate: 0.001)]
  }

  func step(_ batch: Batch) throws -> [(tensor: Tensor, weight: Float)] {
    let (images, stream) = (try batch.images, random.step(optimizers[0].steps))
    let weight = 1 / Float(batch.count)
    let loss = try optimizers[0].step {
      let (reconstruction, divergence) = try model.network.losses(images, stream)
      return WeightedSum([(reconstruction, weight), (divergence, weight)])
    }
    return loss.terms.map { ($0.tensor, 1) }
  }

  func evaluate() throws -> [Double] {
    let sums = try test.batches(of: 200).enumerated().flatMap { index, batch in
      let (a, b) = try model.network.losses(
        batch.images, random.split("test").step(index))
      return try a.values() + b.values()
    }
    return [sums.reduce(0) { $0 + Double($1) } / Double(test.count)]
  }
}

let arguments = CommandLine.arguments.dropFirst()
let device = try openDevice()
let (training, test) = try Dataset.load(DatasetSource(arguments.first ?? "mnist"))
  .ready(on: device)
let model = try Model({ try Autoencoder($0, pixels: training.pixels) }, on: device)
let loop = try TrainingLoop(
  AutoencoderTask(model, test: test), data: training,
  TrainingSettings(epochs: arguments.dropFirst().first.flatMap { Int($0) } ?? 3))
try loop.train(checkpoint: "autoencoder-checkpoint.safetensors") { progress in
  print("epoch \(progress.epoch): \(progress.losses), \(Int(progress.imagesPerSecond)) images/s")
} result: { result in
  print("epoch \(result.epoch): test loss \(result.measures[0]) nats per image")
}

// New images: decoded samples of the prior, as text.
let z = try Tensor.normal([3, model.latent], RandomStream(seed: 2), on: device)
let images = try model.decoder(z).map(.sigmoid).values()
for row in 0..<3 * training.shape.rows {
  let width = training.shape.columns * training.shape.channels
  print(String(images[row * width..<(row + 1) * width].map { " .:*#"[$0] }))
}

extension String {
  /// The character for an intensity from 0 to 1.
  fileprivate subscript(share: Float) -> Character {
    self[index(startIndex, offsetBy: min(count - 1, Int(share * Float(count))))]
  }
}
