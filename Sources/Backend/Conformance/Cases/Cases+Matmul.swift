import Compute

extension Conformance {
  private typealias Extent = (m: Int, n: Int, k: Int)

  /// At these sizes every combination of options is tried.
  private static func smallExtents(_ size: Size) -> [Extent] {
    switch size {
    case .selfCheck: [(5, 19, 7)]
    case .full: [(1, 1, 1), (7, 9, 5), (33, 17, 65)]
    }
  }

  /// At these every layout, without activation.
  private static func edgeExtents(_ size: Size) -> [Extent] {
    switch size {
    case .selfCheck: [(67, 65, 33), (1, 130, 3), (3, 5, 600)]
    case .full:
      [
        (1, 65, 33), (31, 1, 7), (17, 16, 1), (2, 3, 5), (7, 8, 9), (15, 16, 17), (16, 17, 15),
        (31, 32, 33), (32, 31, 64), (63, 64, 65), (64, 65, 63), (65, 63, 64), (13, 31, 37),
        (97, 101, 103), (127, 129, 128), (3, 5, 1031), (128, 40, 500), (130, 10, 257),
      ]
    }
  }

  /// At these every layout, on every variant: beyond the edge of the largest tile, rows whose lengths are
  /// multiples of four and others, more than one part; one for simulated devices, which are slow.
  private static let variantExtents: [Extent] = [(68, 132, 36), (131, 67, 37), (5, 20, 36)]

  static func matmulCases(_ size: Size) -> [ConformanceCase] {
    let layouts = [(false, false), (false, true), (true, false), (true, true)]
    let flags = [false, true]
    var cases: [ConformanceCase] = []
    func add(_ extent: Extent, _ activations: [UnaryFunction]) {
      for (transposeA, transposeB) in layouts {
        for accumulate in flags {
          for bias in flags {
            for activation in activations {
              let shape = Matmul(
                m: extent.m, n: extent.n, k: extent.k, transposeA: transposeA,
                transposeB: transposeB, accumulate: accumulate, activation: activation)
              cases.append(matmulCase(shape, bias: bias))
            }
          }
        }
      }
    }
    for extent in smallExtents(size) { add(extent, UnaryFunction.activations) }
    for extent in edgeExtents(size) { add(extent, [.identity]) }
    if size == .selfCheck {
      for extent in variantExtents {
        for (transposeA, transposeB) in layouts {
          let shape = Matmul(
            m: extent.m, n: extent.n, k: extent.k, transposeA: transposeA,
            transposeB: transposeB, accumulate: !transposeB, activation: .relu)
          cases.append(matmulCase(shape, bias: true, coversVariants: true))
        }
      }
    }
    if size == .full {
      // A dense layer of the autoencoder, and the gradients of its input and its weights.
      cases += [
        matmulCase(Matmul(m: 128, n: 500, k: 784, activation: .softplus), bias: true),
        matmulCase(Matmul(m: 128, n: 784, k: 500, transposeB: true), bias: false),
        matmulCase(Matmul(m: 784, n: 500, k: 128, transposeA: true, accumulate: true), bias: false),
      ]
    }
    return cases
  }

  private static func matmulCase(
    _ shape: Matmul, bias hasBias: Bool, coversVariants: Bool = false
  ) -> ConformanceCase {
    let (m, n, k) = (shape.m, shape.n, shape.k)
    let label =
      "\(m)×\(n)×\(k) \(shape.transposeA ? "aᵀ" : "a")·\(shape.transposeB ? "bᵀ" : "b")"
      + (shape.accumulate ? " + c" : "") + (hasBias ? " + bias" : "")
      + (shape.activation == .identity ? "" : ", \(shape.activation)")
    return ConformanceCase(.matmul, label, coversVariants: coversVariants) { bench in
      let (left, right) = (bench.random.floats(m * k), bench.random.floats(k * n))
      let (biases, old) = (bench.random.floats(n), bench.random.floats(m * n))
      let (a, b) = (try bench.input(left), try bench.input(right))
      let bias = hasBias ? try bench.input(biases) : nil
      let c = try bench.output(m * n, old: shape.accumulate ? old : nil)
      try bench.run {
        try $0.matmul(shape, a.buffer, b.buffer, bias: bias?.buffer, into: c.buffer)
      }
      let expected = Oracle.matmul(
        shape, left, right, bias: hasBias ? biases : nil, old: shape.accumulate ? old : nil)
      let isArithmetic = shape.activation == .identity || shape.activation == .relu
      bench.expect(
        c, expected, within: isArithmetic ? .arithmetic(k + 2) : .transcendental(k + 2))
    }
  }

  static func denseGradientCases(_ size: Size) -> [ConformanceCase] {
    let extents: [Extent] =
      switch size {
      case .selfCheck: variantExtents + [(5, 19, 7)]
      case .full:
        [(1, 1, 1), (2, 3, 5), (33, 17, 65), (64, 128, 32), (784, 500, 128), (40, 10, 1031)]
      }
    return extents.flatMap { extent in
      [false, true].map { accumulate in
        denseGradientCase(
          Matmul(m: extent.m, n: extent.n, k: extent.k, transposeA: true, accumulate: accumulate),
          coversVariants: size == .selfCheck && extent.k > 7)
      }
    }
  }

  static func denseGradientsCases(_ size: Size) -> [ConformanceCase] {
    let extents: [Extent] =
      switch size {
      case .selfCheck: variantExtents + [(5, 19, 7)]
      case .full:
        [(1, 1, 1), (2, 3, 5), (33, 17, 65), (64, 128, 32), (500, 784, 128), (40, 10, 1031)]
      }
    return extents.flatMap { inputs, outputs, batch in
      [
        (false, false, UnaryFunction.softplus), (true, false, .relu), (false, true, .identity),
        (true, true, .sigmoid), (false, false, .exp), (false, false, .tanh),
      ].map {
        denseGradientsCase(
          DenseGradients(
            batch: batch, inputs: inputs, outputs: outputs, accumulate: $0, accumulateInput: $1,
            activation: $2),
          coversVariants: size == .selfCheck && batch > 7)
      }
    }
  }

  private static func denseGradientsCase(_ shape: DenseGradients, coversVariants: Bool)
    -> ConformanceCase
  {
    let (batch, inputs, outputs) = (shape.batch, shape.inputs, shape.outputs)
    let label =
      "\(inputs)×\(outputs), batch \(batch), of \(shape.activation)"
      + shape.accumulate.note("accumulate weights") + shape.accumulateInput.note("accumulate input")
    return ConformanceCase(.denseGradients, label, coversVariants: coversVariants) { bench in
      // Some at the kink of relu.
      let inputValues = bench.random.floats(batch * inputs, in: -0.5...1, special: [0, -0.0])
      let weightValues = bench.random.floats(inputs * outputs)
      let gradients = bench.random.floats(batch * outputs)
      let oldWeights = shape.accumulate ? bench.random.floats(inputs * outputs) : nil
      let oldBiases = shape.accumulate ? bench.random.floats(outputs) : nil
      let oldInputs = shape.accumulateInput ? bench.random.floats(batch * inputs) : nil
      let (x, w) = (try bench.input(inputValues), try bench.input(weightValues))
      let dy = try bench.input(gradients)
      let dw = try bench.output(inputs * outputs, old: oldWeights)
      let db = try bench.output(outputs, old: oldBiases)
      let dx = try bench.output(batch * inputs, old: oldInputs)
      try bench.run {
        try $0.denseGradients(
          shape, x.buffer, weights: w.buffer, outputGradient: dy.buffer, into: dw.buffer,
          bias: db.buffer, input: dx.buffer)
      }
      let product = Oracle.matmul(
        shape.weightProduct, inputValues, gradients, bias: nil, old: oldWeights)
      bench.expect(dw, product, within: .arithmetic(batch + 1))
      let sums = Oracle.reduce(shape.weightProduct.biasGradient, gradients, old: oldBiases)
      bench.expect(db, sums, within: .arithmetic(batch + 1))
      let passed = Oracle.matmul(
        shape.inputProduct, gradients, weightValues, bias: nil, old: oldInputs)
      let slopes = Oracle.mapGradient(
        shape.activation, at: inputValues,
        outputGradient: [Float](repeating: 1, count: inputValues.count), old: nil)
      bench.expect(
        dx, Swift.zip(slopes, passed).map { $0 * $1 }, within: .transcendental(outputs + 2))
    }
  }

  private static func denseGradientCase(_ shape: Matmul, coversVariants: Bool) -> ConformanceCase {
    let (inputs, outputs, batch) = (shape.m, shape.n, shape.k)
    let label = "\(inputs)×\(outputs), batch \(batch)" + shape.accumulate.note("accumulate")
    return ConformanceCase(.denseGradient, label, coversVariants: coversVariants) { bench in
      let inputValues = bench.random.floats(batch * inputs)
      let gradients = bench.random.floats(batch * outputs)
      let oldWeights = shape.accumulate ? bench.random.floats(inputs * outputs) : nil
      let oldBiases = shape.accumulate ? bench.random.floats(outputs) : nil
      let (x, dy) = (try bench.input(inputValues), try bench.input(gradients))
      let weights = try bench.output(inputs * outputs, old: oldWeights)
      let biases = try bench.output(outputs, old: oldBiases)
      try bench.run {
        try $0.denseGradient(
          shape, x.buffer, outputGradient: dy.buffer, into: weights.buffer, bias: biases.buffer)
      }
      let product = Oracle.matmul(shape, inputValues, gradients, bias: nil, old: oldWeights)
      bench.expect(weights, product, within: .arithmetic(batch + 1))
      let sums = Oracle.reduce(shape.biasGradient, gradients, old: oldBiases)
      bench.expect(biases, sums, within: .arithmetic(batch + 1))
    }
  }
}

extension Conformance {
  static func batchedMatmulCases(_ size: Size) -> [ConformanceCase] {
    let extents: [(count: Int, m: Int, n: Int, k: Int)] =
      size == .selfCheck
      ? [(3, 5, 7, 4), (2, 17, 33, 9)]
      : [
        (1, 3, 4, 5), (5, 1, 8, 3), (4, 16, 1, 16), (7, 33, 31, 65), (64, 8, 8, 8), (3, 64, 40, 1),
      ]
    return extents.flatMap { count, m, n, k in
      [(false, false), (true, false), (false, true)].flatMap { sharesA, sharesB in
        [(false, false, false), (true, false, true), (false, true, true)].map {
          let shape = Matmul(m: m, n: n, k: k, transposeA: $0, transposeB: $1, accumulate: $2)
          return batchedCase(shape, count, sharesA: sharesA, sharesB: sharesB)
        }
      }
    }
  }

  private static func batchedCase(_ shape: Matmul, _ count: Int, sharesA: Bool, sharesB: Bool)
    -> ConformanceCase
  {
    let (m, n, k) = (shape.m, shape.n, shape.k)
    let label =
      "\(count) of \(m)×\(n)×\(k)" + (shape.transposeA ? " aᵀ" : "")
      + (shape.transposeB ? " bᵀ" : "") + shape.accumulate.note("accumulate")
      + sharesA.note("one a") + sharesB.note("one b")
    return ConformanceCase(.batchedMatmul, label) { bench in
      let left = bench.random.floats((sharesA ? 1 : count) * m * k)
      let right = bench.random.floats((sharesB ? 1 : count) * k * n)
      let old = shape.accumulate ? bench.random.floats(count * m * n) : nil
      let (a, b) = (try bench.input(left), try bench.input(right))
      let c = try bench.output(count * m * n, old: old)
      try bench.run { try $0.matmul(shape, count: count, a.buffer, b.buffer, into: c.buffer) }
      let expected = (0..<count).flatMap { i in
        let (x, y) = (sharesA ? 0 : i * m * k, sharesB ? 0 : i * k * n)
        return Oracle.matmul(
          shape, Array(left[x..<x + m * k]), Array(right[y..<y + k * n]), bias: nil,
          old: old.map { Array($0[i * m * n..<(i + 1) * m * n]) })
      }
      bench.expect(c, expected, within: .arithmetic(k + 1))
    }
  }
}
