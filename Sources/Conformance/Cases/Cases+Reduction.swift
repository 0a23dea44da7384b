import Compute

extension Conformance {
  static func reduceCases(_ size: Size) -> [ConformanceCase] {
    Reduction.Function.allCases.flatMap { function in
      Reduction.Direction.allCases.flatMap { direction in
        shapes(size).flatMap { shape in
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

  static func gatherCases(_ size: Size) -> [ConformanceCase] {
    let extents: [(rows: Int, width: Int, batch: Int)] =
      switch size {
      case .selfCheck: [(11, 13, 5)]
      case .full:
        [
          (1, 1, 1), (3, 1, 65), (5, 7, 9), (10, 15, 17), (17, 16, 31), (33, 63, 33), (65, 257, 3),
          (1000, 784, 128),
        ]
      }
    return extents.flatMap { rows, width, batch in
      [(Float(1) / 255, 0, false), (1, 3, true)].map { scale, first, isBad in
        let label =
          "\(batch) from \(first) of \(rows)×\(width) × \(scale)" + isBad.note("bad indices")
        return ConformanceCase(.gather, label) { bench in
          let values = bench.random.bytes(rows * width)
          var chosen = bench.random.integers(first + batch + 1, below: rows)
          chosen[first] = Int32(rows - 1)
          if isBad {
            let bad: [Int32] = [Int32(rows), -1, .max, .min]
            for (i, index) in Swift.zip(
              stride(from: first + batch - 1, through: first, by: -1), bad)
            {
              chosen[i] = index
            }
          }
          let (bytes, indices) = (try bench.input(values), try bench.input(chosen))
          // Finite before, so that a row left as it was is not taken for a NaN.
          let y = try bench.output(
            batch * width, old: [Float](repeating: -9, count: batch * width))
          try bench.run {
            try $0.gather(
              Gather(width: width, first: first, scale: scale), bytes.buffer,
              at: indices.buffer, into: y.buffer)
          }
          let expected = Oracle.gather(
            values, width: width, at: chosen[first..<first + batch], scale: scale)
          bench.expect(y, expected, within: .arithmetic())
        }
      }
    }
  }
}
