import Compute

extension Conformance {
  private static func poolings(_ size: Size) -> [Pooling] {
    let extents: [(b: Int, h: Int, w: Int, c: Int)] =
      switch size {
      case .selfCheck: [(2, 5, 7, 3), (1, 4, 3, 33)]
      case .full:
        [
          (1, 2, 2, 1), (1, 3, 3, 1), (2, 2, 5, 3), (5, 5, 2, 31), (1, 4, 9, 32), (2, 7, 8, 33),
          (1, 16, 17, 3), (2, 17, 16, 1), (1, 15, 18, 64), (5, 6, 6, 4), (3, 33, 2, 1),
          (1, 2, 35, 5), (2, 24, 24, 64),
        ]
      }
    return extents.map { Pooling(batch: $0.b, height: $0.h, width: $0.w, channels: $0.c) }
      + general(size)
  }

  /// Windows that overlap, leave gaps, and cross the edge.
  private static func general(_ size: Size) -> [Pooling] {
    let shapes: [(b: Int, h: Int, w: Int, c: Int, rows: Window, columns: Window)] = [
      (2, 7, 9, 3, Window(3, stride: 2, padding: 1), Window(3, stride: 2, padding: 1)),
      (1, 6, 8, 33, Window(2), Window(3, stride: 2, before: 0, after: 2)),
    ]
    let more: [(b: Int, h: Int, w: Int, c: Int, rows: Window, columns: Window)] = [
      (1, 1, 1, 1, Window(1), Window(1)), (3, 8, 8, 17, Window(8), Window(8)),
      (2, 9, 10, 16, Window(2, stride: 3), Window(1, stride: 4)),
      (1, 5, 4, 2, Window(4, padding: 3), Window(3, stride: 2, padding: 2)),
    ]
    return Pooling.Function.allCases.flatMap { function in
      (size == .full ? shapes + more : shapes).map {
        Pooling(
          function, batch: $0.b, height: $0.h, width: $0.w, channels: $0.c, rows: $0.rows,
          columns: $0.columns)
      }
    }
  }

  private static func label(_ shape: Pooling) -> String {
    let extent = "\(shape.batch)×\(shape.height)×\(shape.width)×\(shape.channels)"
    if shape.isMaximumOfFours { return extent }
    return "\(shape.function) of \(shape.rows.size)×\(shape.columns.size) of \(extent)"
      + " by \(shape.rows.label)×\(shape.columns.label)"
  }

  static func poolCases(_ size: Size) -> [ConformanceCase] {
    poolings(size).map { shape in
      ConformanceCase(.pool, label(shape)) { bench in
        // All negative, so that a maximum initialised with zero is caught.
        var values = bench.random.floats(shape.inputCount, in: -2...(-1))
        if !shape.isMaximumOfFours { values[shape.inputCount / 2] = .nan }
        let x = try bench.input(values)
        let y = try bench.output(shape.outputCount)
        try bench.run { try $0.pool(shape, x.buffer, into: y.buffer) }
        let expected = Oracle.pool(shape, values.map { Measured($0) })
        bench.expect(
          y, expected,
          within: shape.function == .maximum
            ? Tolerance(roundings: 0, length: 0)
            : .transcendental(shape.rows.size * shape.columns.size))
      }
    }
  }

  static func poolGradientCases(_ size: Size) -> [ConformanceCase] {
    poolings(size).flatMap { shape in
      [false, true].map { accumulate in
        let label = label(shape) + accumulate.note("accumulate")
        return ConformanceCase(.poolGradient, label) { bench in
          // Few values, so that most windows have several maxima; −0 is not below 0.
          let values = bench.random.floats(shape.inputCount, in: -2.4...0.4).map { $0.rounded() }
          let gradients = bench.random.floats(shape.outputCount)
          let old = accumulate ? bench.random.floats(shape.inputCount) : nil
          let (x, dy) = (try bench.input(values), try bench.input(gradients))
          let dx = try bench.output(shape.inputCount, old: old)
          try bench.run {
            try $0.poolGradient(
              shape, x.buffer, outputGradient: dy.buffer, into: dx.buffer, accumulate: accumulate)
          }
          let expected = Oracle.poolGradient(
            shape, values, outputGradient: gradients, old: old)
          bench.expect(
            dx, expected, within: .transcendental(shape.rows.size * shape.columns.size))
        }
      }
    }
  }

  static func dropoutCases(_ size: Size) -> [ConformanceCase] {
    let wrapping = RandomStream(key: SIMD4(1, 2, 3, 4), counter: SIMD4(.max, .max, 5, 6))
    let lengths = size == .full ? counts(size) + [4, 5, 6] : counts(size)
    return [dropoutCase(0.5, wrapping, 301, "0.5 of 301, a wrapping counter")]
      + lengths.flatMap { count in
        let stream = RandomStream(seed: 9, purpose: 2, step: UInt64(count))
        // A number that is not below the rate stays.
        let equal = Oracle.uniform(stream, count: 1)[0]
        let half = [
          dropoutCase(0.5, stream, count, "0.5 of \(count)"),
          dropoutCase(0.5, stream, count, "0.5 of \(count), in place", inPlace: true),
        ]
        return count > 2000
          ? half
          : half + [
            dropoutCase(0, stream, count, "0 of \(count)"),
            dropoutCase(0.3, stream, count, "0.3 of \(count)"),
            dropoutCase(equal, stream, count, "the first number of \(count)"),
          ]
      }
  }

  private static func dropoutCase(
    _ rate: Float, _ stream: RandomStream, _ count: Int, _ label: String, inPlace: Bool = false
  ) -> ConformanceCase {
    ConformanceCase(.dropout, label) { bench in
      // Away from zero, so that dropped and kept elements differ.
      let values = bench.random.floats(count, in: 1...2)
      let x = inPlace ? try bench.updated(values) : try bench.input(values)
      let y = inPlace ? x : try bench.output(count)
      try bench.run { try $0.dropout(rate, stream, x.buffer, into: y.buffer) }
      bench.expect(y, Oracle.dropout(rate, stream, values), within: .transcendental())
    }
  }
}
