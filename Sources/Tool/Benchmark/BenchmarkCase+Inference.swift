import Autograd
import Compute
import Datasets
import Evaluation
import Generation
import Models
import Training

extension BenchmarkCase {
  /// What trained models do, here with random weights: encode, decode, classify, and score a
  /// generator.
  static func inference(_ settings: BenchmarkSettings) -> [BenchmarkCase] {
    let shape = AutoencoderShape(latentDimension: settings.latentDimension)
    return [
      encode(shape, settings.batch), decode(shape, settings.batch), classify(settings.chunk),
      score(shape, settings.chunk), sample(shape, settings.batch),
    ] + neighbours(settings.batch)
  }

  private static func encode(_ shape: AutoencoderShape, _ batch: Int) -> BenchmarkCase {
    return BenchmarkCase(
      .loops, "encode D=\(shape.latentDimension) batch \(batch)",
      work(of: batch, shape.encoderLayers)
    ) { device in
      let model = try VariationalAutoencoder(shape, seed: 1, on: device)
      let dataset = try DeviceDataset(try randomImages(batch, on: device), on: device)
      return { _ = try model.encode(try dataset.images(0..<batch)) }
    }
  }

  private static func decode(_ shape: AutoencoderShape, _ batch: Int) -> BenchmarkCase {
    return BenchmarkCase(
      .loops, "decode D=\(shape.latentDimension) batch \(batch)",
      work(of: batch, shape.decoderLayers)
    ) { device in
      let model = try VariationalAutoencoder(shape, seed: 1, on: device)
      let latents = Rows(batch, shape.latentDimension)
      let z = Tensor(try normal(latents.count, on: device), latents, on: device)
      return { _ = try model.decode(z) }
    }
  }

  /// Images of a class, in chunks as an evaluation draws them.
  private static func sample(_ shape: AutoencoderShape, _ count: Int) -> BenchmarkCase {
    return BenchmarkCase(
      .loops, "sample D=\(shape.latentDimension) \(count) images",
      work(of: count, shape.decoderLayers)
    ) { device in
      let (model, generator) = try modelAndGenerator(shape, on: device)
      return {
        for start in stride(from: 0, to: count, by: 500) {
          _ = try model.images(
            generator, label: 3, count: min(500, count - start), seed: UInt64(start))
        }
      }
    }
  }

  /// The fifth nearest neighbour of each image, which takes most of an evaluation's time.
  private static func neighbours(_ count: Int) -> [BenchmarkCase] {
    guard count > 1 else { return [] }
    let pixels = Double(28 * 28)
    let work = Work(
      operations: 2 * Double(count) * Double(count) * pixels, images: Double(count))
    let item = BenchmarkCase(.loops, "neighbours of \(count) images", work) { device in
      let points = Points(
        try DeviceDataset(try randomImages(count, on: device), on: device))
      return { _ = try points.squaredRadii(min(5, count - 1)) }
    }
    return [item]
  }

  private static func classify(_ batch: Int) -> BenchmarkCase {
    let layers = ClassifierLayers(batch: batch)
    let work = Work(operations: layers.operations, images: Double(batch))
    return BenchmarkCase(.loops, "classify batch \(batch)", work) { device in
      let classifier = try Classifier(
        ImageShape(rows: 28, columns: 28), classes: 10, seed: 1, on: device)
      let dataset = try DeviceDataset(try randomImages(batch, on: device), on: device)
      let images = try dataset.images(0..<batch)
      return { _ = try classifier.logits(images) }
    }
  }

  /// The score of one class, as in a search: draw latent vectors, decode, classify, add up hits and
  /// directions, and read the sums after the last of five chunks.
  private static func score(_ shape: AutoencoderShape, _ chunk: Int) -> BenchmarkCase {
    let count = 5 * chunk
    let operations =
      5 * ClassifierLayers(batch: chunk).operations
      + Double(count) * shape.decoderLayers.operations
    let name = "score D=\(shape.latentDimension) \(count) images by \(chunk)"
    return BenchmarkCase(
      .loops, name, Work(operations: operations, images: Double(count))
    ) { device in
      let (model, generator) = try modelAndGenerator(shape, on: device)
      let classifier = try Classifier(
        ImageShape(rows: 28, columns: 28), classes: 10, seed: 2, on: device)
      let scorer = Scorer(model, classifier, chunk: chunk)
      let stream = RandomStream(seed: 1, purpose: 4)
      return {
        _ = try scorer.score(generator, label: 3, count: count, stream: stream)
      }
    }
  }

  /// A pass of images through dense layers.
  private static func work(of images: Int, _ layers: [DenseExtents]) -> Work {
    Work(operations: Double(images) * layers.operations, images: Double(images))
  }

  /// A generator over a model's encodings of random images.
  private static func modelAndGenerator(_ shape: AutoencoderShape, on device: any Device) throws
    -> (VariationalAutoencoder, SpreadGenerator)
  {
    let model = try VariationalAutoencoder(shape, seed: 1, on: device)
    let statistics = try LatentStatistics(of: try randomImages(100, on: device), under: model)
    return (model, SpreadGenerator(statistics, theta: 0.5, draws: 1))
  }
}
