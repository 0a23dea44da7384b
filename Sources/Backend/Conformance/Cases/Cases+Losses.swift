import Compute

extension Conformance {
  /// Logits where a naive `softplus` overflows or vanishes.
  private static let extremeLogits: [Float] = [100, -100, 0, -0.0, 1e-6, -1e-6, 20, -20, 500, -500]

  private static func logits(_ bench: Workbench, _ shape: Rows) -> [Float] {
    bench.random.floats(shape.count, in: -8...8, special: extremeLogits)
  }

  /// Pixels: most are grey, some black or white.
  private static func targets(_ bench: Workbench, _ shape: Rows) -> [Float] {
    bench.random.floats(shape.count, in: 0...1, special: [0, 1, 0, 1, 0.5, 1, 1, 0])
  }

  static func binaryCrossEntropyCases(_ size: Size) -> [ConformanceCase] {
    shapes(size).map { shape in
      ConformanceCase(.binaryCrossEntropy, shape.label) { bench in
        let (l, x) = (logits(bench, shape), targets(bench, shape))
        let (logits, targets) = (try bench.input(l), try bench.input(x))
        let loss = try bench.output(shape.rows)
        try bench.run {
          try $0.binaryCrossEntropy(
            shape, logits: logits.buffer, targets: targets.buffer, into: loss.buffer)
        }
        let expected = Oracle.binaryCrossEntropy(shape, logits: l, targets: x)
        bench.expect(loss, expected, within: .transcendental(shape.columns))
      }
    }
  }

  static func binaryCrossEntropyGradientCases(_ size: Size) -> [ConformanceCase] {
    shapes(size).flatMap { shape in
      [(false, false), (true, false), (false, true)].map { accumulate, isSame in
        let label = shape.label + accumulate.note("accumulate") + isSame.note("one dloss")
        return ConformanceCase(.binaryCrossEntropyGradient, label) { bench in
          let (l, x) = (logits(bench, shape), targets(bench, shape))
          let (lossGradient, dloss) = try bench.rowGradient(shape.rows, isSame: isSame)
          let old = accumulate ? bench.random.floats(shape.count) : nil
          let (logits, targets) = (try bench.input(l), try bench.input(x))
          let result = try bench.output(shape.count, old: old)
          try bench.run {
            try $0.binaryCrossEntropyGradient(
              shape, logits: logits.buffer, targets: targets.buffer,
              lossGradient: lossGradient, into: result.buffer, accumulate: accumulate)
          }
          let expected = Oracle.binaryCrossEntropyGradient(
            shape, logits: l, targets: x, lossGradient: dloss, old: old)
          bench.expect(result, expected, within: .transcendental())
        }
      }
    }
  }
}
