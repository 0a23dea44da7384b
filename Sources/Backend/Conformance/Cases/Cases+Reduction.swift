import Compute

extension Conformance {
  static func reduceCases(_ size: Size) -> [ConformanceCase] {
    Reduction.Function.allCases.flatMap { function in
      Reduction.Direction.allCases.flatMap { direction in
        // As long as devices take in two stages.
        let long = direction == .perRow ? Rows(2, 2051) : Rows(2051, 2)
        return (shapes(size) + (size == .selfCheck ? [long] : [])).flatMap { shape in
          [(1, false), (Float(1) / 128, false), (-0.3, true)].map { scale, accumulate in
            reduceCase(
              Reduction(function, direction, shape, scale: scale, accumulate: accumulate))
          }
        }
      }
    }
  }

  private static func reduceCase(_ reduction: Reduction) -> ConformanceCase {
    let (rows, columns) = (reduction.shape.rows, reduction.shape.columns)
    let isPerRow = reduction.direction == .perRow
    let label =
      "\(reduction.function) \(reduction.direction) of \(reduction.shape.label)"
      + " × \(reduction.scale)" + reduction.accumulate.note("accumulate")
    return ConformanceCase(.reduce, label) { bench in
      // All negative, so that a maximum that starts from zero is found.
      let range: ClosedRange<Float> = reduction.function == .maximum ? -2...(-1) : -1...1
      let values = bench.random.floats(rows * columns, in: range)
      let old = bench.random.floats(isPerRow ? rows : columns)
      let x = try bench.input(values)
      let y = try bench.output(old.count, old: reduction.accumulate ? old : nil)
      try bench.run { try $0.reduce(reduction, x.buffer, into: y.buffer) }
      let expected = Oracle.reduce(reduction, values, old: reduction.accumulate ? old : nil)
      let length = reduction.function == .maximum ? 1 : isPerRow ? columns : rows
      bench.expect(y, expected, within: .arithmetic(length))
    }
  }
}
