import Compute
import Models

extension BenchmarkCase {
  /// Square products, two skinny ones of fixed shape, and every product of the models: in training steps
  /// forward (NN), the gradient of the input (NT) and of the weights (TN); in scoring forward.
  ///
  /// A name gives the dimensions as M×K×N, for M×K · K×N, and T for a factor stored transposed.
  static func products(_ settings: BenchmarkSettings) -> [BenchmarkCase] {
    let squares = [64, 256, 512, 1024, 2048].map { Matmul(m: $0, n: $0, k: $0) }
    let skinny = [Matmul(m: 4096, n: 16, k: 4096), Matmul(m: 1, n: 500, k: 784)]
    let autoencoder = AutoencoderShape(latentDimension: settings.latentDimension)
    let classifier = ClassifierLayers(batch: settings.batch).dense
    let trained = autoencoder.layers + classifier
    let scored = autoencoder.decoderLayers + classifier
    let batch = settings.batch
    let forward = trained.map { Matmul(m: batch, n: $0.outputs, k: $0.inputs) }
    let inputGradients = trained.map {
      Matmul(m: batch, n: $0.inputs, k: $0.outputs, transposeB: true)
    }
    let weightGradients = trained.map {
      Matmul(m: $0.inputs, n: $0.outputs, k: batch, transposeA: true)
    }
    let scoring = scored.map { Matmul(m: settings.chunk, n: $0.outputs, k: $0.inputs) }
    return (squares + skinny + forward + inputGradients + weightGradients + scoring).map(product)
  }

  private static func product(_ shape: Matmul) -> BenchmarkCase {
    let (m, n, k) = (shape.m, shape.n, shape.k)
    let work = Work(
      operations: shape.operations, bytes: 4 * Double(m * k + k * n + m * n))
    return BenchmarkCase(.matmul, "matmul \(shape.label)", work) { device in
      let a = try normal(m * k, on: device)
      let b = try normal(k * n, on: device)
      let c = try device.makeBuffer(count: m * n, type: .float32)
      return { try device.matmul(shape, a, b, bias: nil, into: c) }
    }
  }
}

extension Matmul {
  var label: String {
    "\(m)x\(k)x\(n) \(transposeA ? "T" : "N")\(transposeB ? "T" : "N")"
  }
}
