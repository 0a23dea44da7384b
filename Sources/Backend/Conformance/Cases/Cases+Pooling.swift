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
  }

  private static func label(_ shape: Pooling) -> String {
    "\(shape.batch)×\(shape.height)×\(shape.width)×\(shape.channels)"
  }

  static func maxPoolCases(_ size: Size) -> [ConformanceCase] {
    poolings(size).map { shape in
      ConformanceCase(.maxPool, label(shape)) { bench in
        // All negative, so that a maximum that starts from zero is found.
        let values = bench.random.floats(shape.inputCount, in: -2...(-1))
        let x = try bench.input(values)
        let y = try bench.output(shape.outputCount)
        try bench.run { try $0.maxPool(shape, x.buffer, into: y.buffer) }
        let expected = Oracle.maxPool(shape, values.map { Measured($0) })
        bench.expect(y, exactly: expected.map { Float($0.value) })
      }
    }
  }

  static func maxPoolGradientCases(_ size: Size) -> [ConformanceCase] {
    poolings(size).flatMap { shape in
      [false, true].map { accumulate in
        let label = label(shape) + accumulate.note("accumulate")
        return ConformanceCase(.maxPoolGradient, label) { bench in
          // Few values, so that most windows have several maxima; −0 is not below 0.
          let values = bench.random.floats(shape.inputCount, in: -2.4...0.4).map { $0.rounded() }
          let gradients = bench.random.floats(shape.outputCount)
          let old = accumulate ? bench.random.floats(shape.inputCount) : nil
          let (x, dy) = (try bench.input(values), try bench.input(gradients))
          let dx = try bench.output(shape.inputCount, old: old)
          try bench.run {
            try $0.maxPoolGradient(
              shape, x.buffer, outputGradient: dy.buffer, into: dx.buffer, accumulate: accumulate)
          }
          let expected = Oracle.maxPoolGradient(
            shape, values, outputGradient: gradients, old: old)
          bench.expect(dx, expected, within: .arithmetic())
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
      // Away from zero, so that what is dropped differs from what is not.
      let values = bench.random.floats(count, in: 1...2)
      let x = inPlace ? try bench.updated(values) : try bench.input(values)
      let y = inPlace ? x : try bench.output(count)
      try bench.run { try $0.dropout(rate, stream, x.buffer, into: y.buffer) }
      bench.expect(y, Oracle.dropout(rate, stream, values), within: .transcendental())
    }
  }
}
