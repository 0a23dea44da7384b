import Compute

extension Conformance {
  /// Numbers that overflow or vanish, and NaN, among ordinary ones: every device gives the same results.
  private static func extremeNumbers(_ bench: Workbench, _ count: Int) -> [Float] {
    let special: [Float] = [
      0, 1e20, -1e20, 1e-20, .leastNormalMagnitude, .infinity, 1, -.infinity, .nan, 3e38, -0.0,
    ]
    // Each of them is alone in a row of ordinary ones.
    return bench.random.floats(count).enumerated().map { i, x in
      i % 11 == 5 ? special[i / 11 % special.count] : x
    }
  }

  /// Cases of one operation with extreme numbers; none if its own cases have them.
  static func extremeCases(of operation: OperationGroup) -> [ConformanceCase] {
    switch operation {
    case .scaledAdd: [extremeScaledAdd]
    case .matmul: [extremeMatmul]
    case .reduce: Reduction.Function.allCases.map(extremeReduction)
    case .conv2d: [extremeConvolution]
    case .softmax: [extremeSoftmax]
    case .scaleColumns: [extremeScaleColumns]
    case .normalizeRows: [extremeNormalizeRows]
    case .binaryCrossEntropy: [extremeCrossEntropy]
    case .pool: Pooling.Function.allCases.map(extremePooling)
    default: []
    }
  }

  private static let label = "extreme numbers"
  private static let rows = Rows(13, 11)

  private static var extremeScaledAdd: ConformanceCase {
    ConformanceCase(.scaledAdd, label) { bench in
      let (values, old) = (extremeNumbers(bench, rows.count), extremeNumbers(bench, rows.count))
      let (x, y) = (try bench.input(values), try bench.updated(old))
      try bench.run { try $0.scaledAdd(2, x.buffer, -0.5, into: y.buffer) }
      bench.expect(y, Oracle.scaledAdd(2, values, -0.5, old), within: .arithmetic())
    }
  }

  private static var extremeMatmul: ConformanceCase {
    ConformanceCase(.matmul, label) { bench in
      let shape = Matmul(m: rows.rows, n: 9, k: rows.columns)
      let left = extremeNumbers(bench, rows.count)
      let right = bench.random.floats(shape.k * shape.n, special: [1e20, 0])
      let (a, b) = (try bench.input(left), try bench.input(right))
      let c = try bench.output(shape.m * shape.n)
      try bench.run { try $0.matmul(shape, a.buffer, b.buffer, bias: nil, into: c.buffer) }
      bench.expect(
        c, Oracle.matmul(shape, left, right, bias: nil, old: nil), within: .arithmetic(shape.k))
    }
  }

  private static func extremeReduction(_ function: Reduction.Function) -> ConformanceCase {
    ConformanceCase(.reduce, "\(function), \(label)") { bench in
      let values = extremeNumbers(bench, rows.count)
      let (x, y) = (try bench.input(values), try bench.output(rows.rows))
      let reduction = Reduction(function, .perRow, rows)
      try bench.run { try $0.reduce(reduction, x.buffer, into: y.buffer) }
      bench.expect(
        y, Oracle.reduce(reduction, values, old: nil), within: .arithmetic(rows.columns))
    }
  }

  /// Not by tiles, where a number reaches other results too.
  private static var extremeConvolution: ConformanceCase {
    ConformanceCase(.conv2d, label) { bench in
      let shape = Convolution(
        batch: 2, height: 9, width: 11, inputChannels: 1, outputChannels: 5, stride: 2, padding: 1)
      let values = extremeNumbers(bench, shape.inputCount)
      let kernels = bench.random.floats(shape.weightCount)
      let (x, w) = (try bench.input(values), try bench.input(kernels))
      let y = try bench.output(shape.outputCount)
      try bench.run {
        try $0.conv2d(shape, x.buffer, weights: w.buffer, bias: nil, into: y.buffer)
      }
      bench.expect(
        y, Oracle.conv2d(shape, values, weights: kernels, bias: nil), within: .arithmetic(9))
    }
  }

  private static var extremeSoftmax: ConformanceCase {
    ConformanceCase(.softmax, label) { bench in
      let values = extremeNumbers(bench, rows.count)
      let (x, y) = (try bench.input(values), try bench.output(rows.count))
      try bench.run { try $0.softmax(rows, x.buffer, into: y.buffer) }
      bench.expect(y, Oracle.softmax(rows, values), within: .transcendental(rows.columns))
    }
  }

  private static var extremeScaleColumns: ConformanceCase {
    ConformanceCase(.scaleColumns, label) { bench in
      let values = extremeNumbers(bench, rows.count)
      let factors = bench.random.floats(rows.columns)
      let (x, scale) = (try bench.input(values), try bench.input(factors))
      let y = try bench.output(rows.count)
      try bench.run {
        try $0.scaleColumns(rows, x.buffer, by: scale.buffer, adding: scale.buffer, into: y.buffer)
      }
      bench.expect(
        y, Oracle.scaleColumns(rows, values, by: factors, adding: factors),
        within: .arithmetic(2))
    }
  }

  private static var extremeNormalizeRows: ConformanceCase {
    ConformanceCase(.normalizeRows, label) { bench in
      // A row with an infinite number has no direction.
      let values = extremeNumbers(bench, rows.count).map { $0.isInfinite ? .nan : $0 }
      let (x, y) = (try bench.input(values), try bench.output(rows.count))
      try bench.run { try $0.normalizeRows(rows, x.buffer, into: y.buffer) }
      bench.expect(y, Oracle.normalizeRows(rows, values), within: .transcendental(rows.columns))
    }
  }

  private static var extremeCrossEntropy: ConformanceCase {
    ConformanceCase(.binaryCrossEntropy, label) { bench in
      let values = extremeNumbers(bench, rows.count)
      let pixels = bench.random.floats(rows.count, in: 0.1...0.9)
      let (logits, targets) = (try bench.input(values), try bench.input(pixels))
      let loss = try bench.output(rows.rows)
      try bench.run {
        try $0.binaryCrossEntropy(
          rows, logits: logits.buffer, targets: targets.buffer, into: loss.buffer)
      }
      bench.expect(
        loss, Oracle.binaryCrossEntropy(rows, logits: values, targets: pixels),
        within: .transcendental(rows.columns))
    }
  }

  private static func extremePooling(_ function: Pooling.Function) -> ConformanceCase {
    ConformanceCase(.pool, "\(function), \(label)") { bench in
      let shape = Pooling(function, batch: 1, height: 8, width: 6, channels: 3)
      let values = extremeNumbers(bench, shape.inputCount)
      let (x, y) = (try bench.input(values), try bench.output(shape.outputCount))
      try bench.run { try $0.pool(shape, x.buffer, into: y.buffer) }
      bench.expect(
        y, Oracle.pool(shape, values.map { Measured($0) }), within: .transcendental(4))
    }
  }
}
