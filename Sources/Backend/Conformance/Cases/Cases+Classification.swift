import Compute

extension Conformance {
  /// Logits far apart in the first row, and far from zero in others, where exponentials overflow or
  /// vanish.
  private static func logits(_ bench: Workbench, _ shape: Rows) -> [Float] {
    let values = bench.random.floats(
      shape.count, in: -8...8, special: [100, -100, 0, -0.0, 90, -500, 99])
    let offsets: [Float] = [0, 100, -100, 0, 1000, -1000]
    return values.indices.map { values[$0] + offsets[$0 / shape.columns % offsets.count] }
  }

  /// Labels; if `isBad`, the last ones are out of range.
  private static func labels(_ bench: Workbench, _ shape: Rows, isBad: Bool) -> [Int32] {
    var labels = bench.random.integers(shape.rows, below: shape.columns)
    labels[0] = Int32(min(1, shape.columns - 1))  // the lowest logit
    if isBad {
      let bad: [Int32] = [Int32(shape.columns), -1, .max, .min]
      for (r, label) in Swift.zip((0..<shape.rows).reversed(), bad) { labels[r] = label }
    }
    return labels
  }

  static func softmaxCases(_ size: Size) -> [ConformanceCase] {
    shapes(size).flatMap { shape in
      [false, true].map { inPlace in
        ConformanceCase(.softmax, shape.label + inPlace.note("in place")) { bench in
          let values = logits(bench, shape)
          let x = inPlace ? try bench.updated(values) : try bench.input(values)
          let y = inPlace ? x : try bench.output(shape.count)
          try bench.run { try $0.softmax(shape, x.buffer, into: y.buffer) }
          bench.expect(y, Oracle.softmax(shape, values), within: .transcendental(shape.columns))
        }
      }
    }
  }

  static func softmaxCrossEntropyCases(_ size: Size) -> [ConformanceCase] {
    shapes(size).flatMap { shape in
      [false, true].map { isBad in
        let label = shape.label + isBad.note("bad labels")
        return ConformanceCase(.softmaxCrossEntropy, label) { bench in
          let (l, t) = (logits(bench, shape), labels(bench, shape, isBad: isBad))
          let (logits, labels) = (try bench.input(l), try bench.input(t))
          // Finite before, so that an unwritten loss is not taken for a NaN.
          let loss = try bench.output(
            shape.rows, old: [Float](repeating: -9, count: shape.rows))
          try bench.run {
            try $0.softmaxCrossEntropy(
              shape, logits: logits.buffer, labels: labels.buffer, into: loss.buffer)
          }
          let expected = Oracle.softmaxCrossEntropy(shape, logits: l, labels: t)
          bench.expect(loss, expected, within: .transcendental(shape.columns))
        }
      }
    }
  }

  static func softmaxCrossEntropyGradientCases(_ size: Size) -> [ConformanceCase] {
    shapes(size).flatMap { shape in
      [(false, false, false), (true, false, false), (false, true, false), (false, true, true)]
        .map { accumulate, isBad, isSame in
          let label =
            shape.label + accumulate.note("accumulate") + isBad.note("bad labels")
            + isSame.note("one dloss")
          return ConformanceCase(.softmaxCrossEntropyGradient, label) { bench in
            let (l, t) = (logits(bench, shape), labels(bench, shape, isBad: isBad))
            let (lossGradient, dloss) = try bench.rowGradient(shape.rows, isSame: isSame)
            let old = accumulate ? bench.random.floats(shape.count) : nil
            let (logits, labels) = (try bench.input(l), try bench.input(t))
            let result = try bench.output(shape.count, old: old)
            try bench.run {
              try $0.softmaxCrossEntropyGradient(
                shape, logits: logits.buffer, labels: labels.buffer,
                lossGradient: lossGradient, into: result.buffer, accumulate: accumulate)
            }
            let expected = Oracle.softmaxCrossEntropyGradient(
              shape, logits: l, labels: t, lossGradient: dloss, old: old)
            bench.expect(result, expected, within: .transcendental(shape.columns))
          }
        }
    }
  }

  static func argmaxCases(_ size: Size) -> [ConformanceCase] {
    shapes(size).map { shape in
      ConformanceCase(.argmax, shape.label) { bench in
        let columns = shape.columns
        var values = bench.random.floats(shape.count, in: -2...2)
        for r in 0..<shape.rows {
          let row = r * columns..<(r + 1) * columns
          switch r % 5 {
          case 0: for i in row { values[i].round() }  // several maxima
          case 1: for i in row { values[i] -= 3 }  // all negative
          case 2: values[row.lowerBound + columns / 2] = .nan
          case 3: for c in [columns / 3, columns - 1] { values[row.lowerBound + c] = .nan }
          default: for i in row { values[i] = -.infinity }
          }
        }
        let x = try bench.input(values)
        let y = try bench.output(shape.rows, .int32)
        try bench.run { try $0.argmax(shape, x.buffer, into: y.buffer) }
        bench.expect(y, exactly: Oracle.argmax(shape, values))
      }
    }
  }

  static func equalCases(_ size: Size) -> [ConformanceCase] {
    counts(size).map { count in
      ConformanceCase(.equal, "of \(count)") { bench in
        // The first pairs are indistinguishable in single precision or in 16 bits.
        let left: [Int32] = [1 << 24, .max, .min, 1 << 16, -1]
        let right: [Int32] = [1 << 24 | 1, .max - 1, .min, 0, 1]
        let most = count - min(count, left.count)
        let a = left.prefix(count) + bench.random.integers(most, below: 3)
        let b = right.prefix(count) + bench.random.integers(most, below: 3)
        let (x, y) = (try bench.input(Array(a)), try bench.input(Array(b)))
        let result = try bench.output(count)
        try bench.run { try $0.equal(x.buffer, y.buffer, into: result.buffer) }
        bench.expect(result, exactly: Oracle.equal(Array(a), Array(b)))
      }
    }
  }
}
