import Compute
import Models

extension BenchmarkCase {
  /// Square products, and every product of a training step of the autoencoder: forward (NN), the
  /// gradient of the input (NT) and of the weights (TN).
  ///
  /// A name gives the extents as M×K×N, for M×K · K×N, and T for a factor that is stored
  /// transposed.
  static func products(_ settings: BenchmarkSettings) -> [BenchmarkCase] {
    let squares = [512, 1024, 2048].map { Matmul(m: $0, n: $0, k: $0) }
    let layers = AutoencoderShape(latentDimension: settings.latentDimension).layers
    let batch = settings.batch
    let forward = layers.map { Matmul(m: batch, n: $0.outputs, k: $0.inputs) }
    let inputGradients = layers.map {
      Matmul(m: batch, n: $0.inputs, k: $0.outputs, transposeB: true)
    }
    let weightGradients = layers.map {
      Matmul(m: $0.inputs, n: $0.outputs, k: batch, transposeA: true)
    }
    var seen: Set<Matmul> = []
    return (squares + forward + inputGradients + weightGradients)
      .filter { seen.insert($0).inserted }.map(product)
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

extension AutoencoderShape {
  /// The extents of the dense layers, from the image to the logits (tables 1 and 2).
  var layers: [(inputs: Int, outputs: Int)] {
    [
      (pixels, hidden), (hidden, hidden), (hidden, 2 * latentDimension),
      (latentDimension, hidden), (hidden, hidden), (hidden, pixels),
    ]
  }

  /// The number of weights and biases.
  var parameterCount: Int { layers.reduce(0) { $0 + ($1.inputs + 1) * $1.outputs } }
}
