import Compute
import Datasets
import Files
import Models
import TestSupport
import Training

/// Numbers in ±1 that a seed fixes.
func numbers(_ count: Int, seed: UInt32 = 1) -> [Float] {
  (0..<count).map { index in
    let words = threefry(key: SIMD4(seed, 0, 0, 3), counter: SIMD4(UInt32(index), 0, 0, 0))
    return Float(words.x >> 8) / Float(1 << 23) - 1
  }
}

/// The square of the distance of two points of some, each of `width` numbers.
func square(_ a: [Float], _ i: Int, _ b: [Float], _ j: Int, _ width: Int) -> Double {
  (0..<width).reduce(0) { total, d in
    let difference = Double(a[i * width + d]) - Double(b[j * width + d])
    return total + difference * difference
  }
}

/// The same images with noise, so that no two are alike.
func noisy(_ data: ImageDataset, seed: UInt32) -> ImageDataset {
  let noise = numbers(data.images.count, seed: seed)
  return ImageDataset(
    name: data.name,
    images: zip(data.images, noise).map { UInt8(min(255, Float($0) + 30 + 30 * $1)) },
    labels: data.labels, rows: data.rows, columns: data.columns)
}

/// A run on bright spots, whose models have their starting weights.
struct EvaluationScene {
  let folder: TemporaryFolder
  let run: Run
  let training = noisy(Blobs.dataset(200, side: 12), seed: 3)
  let test = noisy(Blobs.dataset(60, side: 12, seed: 2), seed: 4)

  init(on device: any Device) throws {
    folder = try TemporaryFolder()
    run = Run(folder["run"])
    try Blobs.write(training: training, test: test, to: folder["data"])
    try makeFolder(run.folder)
    let configuration = RunConfiguration(
      shape: AutoencoderShape(pixels: 144, hidden: 20, latentDimension: 2), imageRows: 12,
      imageColumns: 12, objective: .elbo, dataset: folder["data"], epochs: 1)
    try writeAtomically(try configuration.json(), to: run.configurationPath)
    let model = try VariationalAutoencoder(configuration.shape, seed: 1, on: device)
    try model.parameters.save(to: run.weightsPath)
    for (path, seed) in [(run.classifierPath, 2 as UInt64), (run.judgePath, 3)] {
      let classifier = try Classifier(
        ImageShape(rows: 12, columns: 12), classes: 10, seed: seed, on: device)
      try classifier.parameters.save(to: path)
    }
  }
}
