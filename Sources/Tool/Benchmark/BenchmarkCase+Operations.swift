import Compute
import Models

extension BenchmarkCase {
  /// The operations of a device, at the sizes that the autoencoder uses.
  static func operations(_ settings: BenchmarkSettings) -> [BenchmarkCase] {
    let shape = AutoencoderShape(latentDimension: settings.latentDimension)
    let images = Rows(settings.batch, shape.pixels)
    let hidden = Rows(settings.batch, shape.hidden)
    let latents = Rows(settings.batch, shape.latentDimension)
    return memory(images) + elementwise(hidden) + [layer(images, shape.hidden)]
      + reductions(images, hidden) + moving(images) + [gather(images)] + randomNumbers(latents)
      + losses(images) + gaussians(latents) + discrepancies(latents) + [adam(shape.parameterCount)]
  }

  /// A case whose operands are buffers of normal numbers.
  static func operation(
    _ name: String, _ work: Work, _ extents: [Int],
    _ call: @escaping @Sendable (any Device, [Buffer]) throws -> Void
  ) -> BenchmarkCase {
    BenchmarkCase(.operations, name, work, extents, call)
  }

  private static func memory(_ shape: Rows) -> [BenchmarkCase] {
    let count = shape.count
    let host = [Float](repeating: 1, count: count)
    return [
      operation("fill \(shape.label)", .floats(count), [count]) { try $0.fill($1[0], with: 1) },
      operation("copy \(shape.label)", .floats(2 * count), [count, count]) {
        try $0.copy($1[0], to: $1[1])
      },
      operation("write \(shape.label)", .floats(count), [count]) { try $0.upload(host, to: $1[0]) },
      operation("read \(shape.label)", .floats(count), [count]) {
        _ = try $0.download($1[0], as: Float.self)
      },
    ]
  }

  private static func elementwise(_ shape: Rows) -> [BenchmarkCase] {
    let count = shape.count
    let functions = UnaryFunction.allCases.filter { $0 != .identity }
    return functions.map { function in
      operation("map \(function) \(shape.label)", .floats(2 * count), [count, count]) {
        try $0.map(function, $1[0], into: $1[1])
      }
    }
      + functions.map { function in
        operation("map gradient \(function) \(shape.label)", .floats(3 * count), [count, count]) {
          // Always of the same dy: in place, dx would grow without bound.
          try $0.mapGradient(
            function, at: $1[0], outputGradient: $1[0], into: $1[1], accumulate: false)
        }
      }
      + BinaryFunction.allCases.map { function in
        operation("zip \(function) \(shape.label)", .floats(3 * count), [count, count, count]) {
          try $0.zip(function, $1[0], $1[1], into: $1[2])
        }
      } + [
        operation("scaled add \(shape.label)", .floats(3 * count), [count, count]) {
          try $0.scaledAdd(0.5, $1[0], 0.5, into: $1[1])
        }
      ]
  }

  /// A dense layer in one call: product, bias and softplus.
  private static func layer(_ inputs: Rows, _ outputs: Int) -> BenchmarkCase {
    let shape = Matmul(
      m: inputs.rows, n: outputs, k: inputs.columns, activation: .softplus)
    let extents = [inputs.count, shape.k * shape.n, shape.n, shape.m * shape.n]
    var work = Work.floats(extents.reduce(0, +))
    work.operations = shape.operations
    return operation("dense softplus \(shape.label)", work, extents) {
      try $0.matmul(shape, $1[0], $1[1], bias: $1[2], into: $1[3])
    }
  }

  private static func reductions(_ images: Rows, _ hidden: Rows) -> [BenchmarkCase] {
    let cases: [(Reduction.Direction, Rows)] = [
      (.perColumn, images), (.perColumn, hidden), (.perRow, images),
      (.perRow, Rows(1, images.rows)),
    ]
    return cases.map { direction, shape in
      let results = direction == .perRow ? shape.rows : shape.columns
      let name = "sum \(direction == .perRow ? "per row" : "per column") \(shape.label)"
      return operation(name, .floats(shape.count + results), [shape.count, results]) {
        try $0.reduce(Reduction(.sum, direction, shape), $1[0], into: $1[1])
      }
    }
  }

  /// What moves or repeats elements.
  private static func moving(_ shape: Rows) -> [BenchmarkCase] {
    let (rows, columns, count) = (shape.rows, shape.columns, shape.count)
    let whole = Shape(shape)
    return [
      operation("transpose \(shape.label)", .floats(2 * count), [count, count]) {
        try $0.permute($1[0], whole, axes: [1, 0], into: $1[1])
      },
      operation("slice of \(shape.label)", .floats(count), [count, rows * (columns / 2)]) {
        try $0.stridedCopy(
          [rows, columns / 2], $1[0], from: Layout(offset: 1, strides: [columns, 1]), into: $1[1],
          at: Layout([rows, columns / 2]))
      },
      operation(
        "multiply \(shape.label) by a row", .floats(2 * count), [count, columns, count]
      ) {
        try $0.zip(.multiply, $1[0], whole, $1[1], [columns], into: $1[2])
      },
      operation(
        "multiply \(shape.label) by a column", .floats(2 * count), [count, rows, count]
      ) {
        try $0.zip(.multiply, $1[0], whole, $1[1], [rows, 1], into: $1[2])
      },
    ]
  }

  private static func gather(_ shape: Rows) -> BenchmarkCase {
    let work = Work(bytes: 5 * Double(shape.count), images: Double(shape.rows))
    return BenchmarkCase(.operations, "gather \(shape.label)", work) { device in
      let bytes = try device.makeBuffer(try randomBytes(shape.count, on: device))
      let order = try device.makeBuffer(count: shape.rows, type: .int32)
      try device.permutation(RandomStream(seed: 1, purpose: 1), into: order)
      let batch = try device.makeBuffer(count: shape.count, type: .float32)
      return { try device.gather(Gather(width: shape.columns), bytes, at: order, into: batch) }
    }
  }

  private static func randomNumbers(_ latents: Rows) -> [BenchmarkCase] {
    let stream = RandomStream(seed: 1, purpose: 1)
    let images = 60_000
    return [
      operation("random normal \(latents.label)", .floats(latents.count), [latents.count]) {
        try $0.random(.normal, stream, into: $1[0])
      },
      BenchmarkCase(.operations, "permutation \(images)", .floats(images)) { device in
        let order = try device.makeBuffer(count: images, type: .int32)
        return { try device.permutation(stream, into: order) }
      },
    ]
  }

  private static func losses(_ shape: Rows) -> [BenchmarkCase] {
    let (count, rows) = (shape.count, shape.rows)
    let label = "binary cross-entropy"
    return [
      operation("\(label) \(shape.label)", .floats(2 * count + rows), [count, count, rows]) {
        try $0.binaryCrossEntropy(shape, logits: $1[0], targets: $1[1], into: $1[2])
      },
      operation(
        "\(label) gradient \(shape.label)", .floats(3 * count + rows), [count, count, rows, count]
      ) {
        try $0.binaryCrossEntropyGradient(
          shape, logits: $1[0], targets: $1[1], lossGradient: .each($1[2]), into: $1[3],
          accumulate: false)
      },
    ]
  }

  private static func gaussians(_ shape: Rows) -> [BenchmarkCase] {
    let (count, rows) = (shape.count, shape.rows)
    return [
      operation(
        "reparameterize \(shape.label)", .floats(4 * count), [2 * count, count, count]
      ) { try $0.reparameterize(shape, parameters: $1[0], noise: $1[1], into: $1[2]) },
      operation(
        "reparameterize gradient \(shape.label)", .floats(6 * count),
        [2 * count, count, count, 2 * count]
      ) {
        try $0.reparameterizeGradient(
          shape, parameters: $1[0], noise: $1[1], outputGradient: $1[2],
          into: $1[3], accumulate: false)
      },
      operation("divergence \(shape.label)", .floats(2 * count + rows), [2 * count, rows]) {
        try $0.gaussianDivergence(shape, parameters: $1[0], into: $1[1])
      },
      operation(
        "divergence gradient \(shape.label)", .floats(4 * count + rows),
        [2 * count, rows, 2 * count]
      ) {
        try $0.gaussianDivergenceGradient(
          shape, parameters: $1[0], divergenceGradient: .each($1[1]), into: $1[2], accumulate: false
        )
      },
    ]
  }

  private static func discrepancies(_ latents: Rows) -> [BenchmarkCase] {
    let (points, dimension) = (latents.rows, latents.columns)
    let shape = KernelDiscrepancy(
      count: points, dimension: dimension, width: Float(dimension))
    let products = Double(points * points * dimension)
    let label = "\(points)x\(dimension)"
    return [
      operation(
        "kernel discrepancy \(label)", Work(operations: 9 * products),
        [latents.count, latents.count, points]
      ) {
        try $0.kernelDiscrepancy(shape, $1[0], $1[1], into: $1[2])
      },
      operation(
        "kernel discrepancy gradient \(label)", Work(operations: 10 * products),
        [latents.count, latents.count, points, latents.count]
      ) {
        try $0.kernelDiscrepancyGradient(
          shape, $1[0], $1[1], termGradient: .each($1[2]), into: $1[3], accumulate: false)
      },
    ]
  }

  private static func adam(_ count: Int) -> BenchmarkCase {
    // Reads four arenas and writes three.
    BenchmarkCase(.operations, "adam \(count)", .floats(7 * count)) { device in
      let gradients = try normal(count, on: device)
      let arenas = try (0..<3).map { _ in
        let arena = try device.makeBuffer(count: count, type: .float32)
        try device.fill(arena, with: 0)
        return arena
      }
      return {
        try device.adamStep(
          AdamStep(step: 1), parameters: arenas[0], gradients: gradients, firstMoments: arenas[1],
          secondMoments: arenas[2])
      }
    }
  }
}

/// Random bytes, always the same.
func randomBytes(_ count: Int, on device: any Device) throws(DeviceError) -> [UInt8] {
  let words = try device.makeBuffer(count: (count + 3) / 4, type: .int32)
  try device.random(.bits, RandomStream(seed: 1, purpose: 2), into: words)
  return try device.download(words, as: Int32.self).withUnsafeBytes { Array($0.prefix(count)) }
}

extension Rows {
  var label: String { "\(rows)x\(columns)" }
}
