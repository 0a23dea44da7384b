import Compute

extension Conformance {
  static func scaleColumnsCases(_ size: Size) -> [ConformanceCase] {
    shapes(size).flatMap { shape in
      [false, true].map { inPlace in
        ConformanceCase(.scaleColumns, shape.label + inPlace.note("in place")) { bench in
          let values = bench.random.floats(shape.count)
          let factors = bench.random.floats(shape.columns)
          let offsets = bench.random.floats(shape.columns)
          let x = inPlace ? try bench.updated(values) : try bench.input(values)
          let y = inPlace ? x : try bench.output(shape.count)
          let (scale, shift) = (try bench.input(factors), try bench.input(offsets))
          try bench.run {
            try $0.scaleColumns(
              shape, x.buffer, by: scale.buffer, adding: shift.buffer, into: y.buffer)
          }
          let expected = Oracle.scaleColumns(shape, values, by: factors, adding: offsets)
          bench.expect(y, expected, within: .arithmetic(2))
        }
      }
    }
  }

  static func normalizeRowsCases(_ size: Size) -> [ConformanceCase] {
    shapes(size).flatMap { shape in
      [false, true].map { inPlace in
        ConformanceCase(.normalizeRows, shape.label + inPlace.note("in place")) { bench in
          let even = bench.random.floats(shape.count)
          // A row of zeros, rows whose squares overflow or vanish, and rows so small or large that a
          // constant under the root would show.
          let lengths: [Float] = [1, 0, 1e20, 1e-23, 1e-10, 3, 1e10]
          let values = even.indices.map {
            even[$0] * lengths[$0 / shape.columns % lengths.count]
          }
          let x = inPlace ? try bench.updated(values) : try bench.input(values)
          let y = inPlace ? x : try bench.output(shape.count)
          try bench.run { try $0.normalizeRows(shape, x.buffer, into: y.buffer) }
          let expected = Oracle.normalizeRows(shape, values)
          bench.expect(y, expected, within: .transcendental(shape.columns))
        }
      }
    }
  }
}
