import Compute

extension Conformance {
  static func reduceCases(_ size: Size) -> [ConformanceCase] {
    Reduction.Function.allCases.flatMap { function in
      reductions(size).flatMap { outer, length, inner in
        [(1, false), (Float(1) / 128, false), (-0.3, true)].map { scale, accumulate in
          reduceCase(
            Reduction(
              function, outer: outer, length: length, inner: inner, scale: scale,
              accumulate: accumulate))
        }
      }
        + [
          reduceCase(Reduction(function, .perRow, Rows(3, 37)), hasNaN: true),
          reduceCase(Reduction(function, .perColumn, Rows(37, 3)), hasNaN: true),
        ]
    }
  }

  /// Numbers of terms around four, some too long for one work-group.
  static func sumsCases(_ size: Size) -> [ConformanceCase] {
    let lengths =
      size == .selfCheck
      ? [[301], [5, 37], [1, 2, 3, 301, 7], [3, 2051]]
      : [
        [1], [128], [128, 128], [15, 16, 17], [1, 2047, 2, 31], [33, 1, 64, 65, 128, 257, 5, 3, 9],
        [100_003, 2],
      ]
    return lengths.map { lengths in
      ConformanceCase(.sums, "of \(lengths.map(String.init).joined(separator: ", "))") { bench in
        let values = lengths.map { bench.random.floats($0) }
        let terms = try values.enumerated().map { i, x in
          (x: try bench.input(x), scale: 0.5 - Float(i))
        }
        let y = try bench.output(lengths.count)
        try bench.run { try $0.sums(terms.map { ($0.x.buffer, $0.scale) }, into: y.buffer) }
        let expected = zip(values, terms).map { x, term in
          Oracle.reduce(
            Reduction(.sum, .perRow, Rows(1, x.count), scale: term.scale), x, old: nil)[0]
        }
        bench.expect(y, expected, within: .arithmetic(lengths.max() ?? 1))
      }
    }
  }

  /// Rows, columns, and dimensions between others; some long enough to be reduced in two stages.
  private static func reductions(_ size: Size) -> [(outer: Int, length: Int, inner: Int)] {
    let matrices = shapes(size).flatMap { shape in
      [(shape.rows, shape.columns, 1), (1, shape.rows, shape.columns)]
    }
    let between =
      size == .selfCheck
      ? [(2, 2051, 1), (1, 2051, 2), (3, 5, 37), (5, 301, 3)]
      : [(2, 1, 2), (7, 8, 9), (17, 2, 33), (2, 65, 16), (3, 2051, 2), (128, 49, 31)]
    var seen: Set<[Int]> = []
    return (matrices + between).filter { seen.insert([$0.0, $0.1, $0.2]).inserted }
  }

  private static func reduceCase(_ reduction: Reduction, hasNaN: Bool = false) -> ConformanceCase {
    let label =
      "\(reduction.function) of \(reduction.outer)×(\(reduction.length))×\(reduction.inner)"
      + " × \(reduction.scale)" + reduction.accumulate.note("accumulate") + hasNaN.note("NaN")
    return ConformanceCase(.reduce, label) { bench in
      // On one side of zero, so that an extreme initialised with zero is caught.
      let range: ClosedRange<Float> =
        switch reduction.function {
        case .sum: -1...1
        case .maximum: -2...(-1)
        case .minimum: 1...2
        }
      var values = bench.random.floats(reduction.count, in: range)
      if hasNaN { values[reduction.count / 2] = .nan }
      let old = bench.random.floats(reduction.resultCount)
      let x = try bench.input(values)
      let y = try bench.output(old.count, old: reduction.accumulate ? old : nil)
      try bench.run { try $0.reduce(reduction, x.buffer, into: y.buffer) }
      let expected = Oracle.reduce(reduction, values, old: reduction.accumulate ? old : nil)
      bench.expect(
        y, expected, within: .arithmetic(reduction.function == .sum ? reduction.length : 1))
    }
  }
}
