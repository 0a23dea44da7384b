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
    return (squares + skinny).map(product) + productsOfTheModels(settings)
  }

  /// Every product of the models.
  private static func productsOfTheModels(_ settings: BenchmarkSettings) -> [BenchmarkCase] {
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
    return (forward + inputGradients + weightGradients + scoring).map(product)
  }

  /// What the models do, operation by operation; what takes longest in a training comes first.
  static func ofTheModels(_ settings: BenchmarkSettings) -> [BenchmarkCase] {
    productsOfTheModels(settings) + convolutions(settings) + operations(settings)
  }

  private static func product(_ shape: Matmul) -> BenchmarkCase {
    let (m, n, k) = (shape.m, shape.n, shape.k)
    let work = Work(
      operations: shape.operations, bytes: 4 * Double(m * k + k * n + m * n))
    return BenchmarkCase(
      .matmul, "matmul \(shape.label)", work, [m * k, k * n, m * n]
    ) { device, operands in
      try device.matmul(shape, operands[0], operands[1], bias: nil, into: operands[2])
    }
  }
}

extension Matmul {
  var label: String {
    "\(m)x\(k)x\(n) \(transposeA ? "T" : "N")\(transposeB ? "T" : "N")"
  }
}
