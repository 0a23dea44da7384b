import Compute

extension Conformance {
  private static func discrepancyShapes(_ size: Size) -> [KernelDiscrepancy] {
    let extents: [(Int, Int)] =
      switch size {
      case .selfCheck: [(19, 5), (70, 20)]
      case .full:
        [
          (1, 1), (2, 1), (3, 2), (7, 9), (15, 17), (16, 3), (31, 20), (33, 16), (63, 65), (65, 2),
          (128, 20), (257, 10),
        ]
      }
    return extents.map { KernelDiscrepancy(count: $0, dimension: $1, width: Float($1)) }
  }

  private static func label(_ shape: KernelDiscrepancy) -> String {
    "\(shape.count) points of dimension \(shape.dimension)"
  }

  static func kernelDiscrepancyCases(_ size: Size) -> [ConformanceCase] {
    discrepancyShapes(size).map { shape in
      ConformanceCase(.kernelDiscrepancy, label(shape)) { bench in
        let (x, y) = points(shape, bench)
        let terms = try bench.output(shape.count)
        let (xBuffer, yBuffer) = (try bench.input(x), try bench.input(y))
        try bench.run {
          try $0.kernelDiscrepancy(shape, xBuffer.buffer, yBuffer.buffer, into: terms.buffer)
        }
        bench.expect(terms, Oracle.kernelDiscrepancy(shape, x, y), within: tolerance(shape))
      }
    }
  }

  static func kernelDiscrepancyGradientCases(_ size: Size) -> [ConformanceCase] {
    discrepancyShapes(size).flatMap { shape in
      [(false, false), (true, false), (false, true)].map { accumulate, isSame in
        let label = label(shape) + accumulate.note("accumulate") + isSame.note("one g")
        return ConformanceCase(.kernelDiscrepancyGradient, label) { bench in
          let (x, y) = points(shape, bench)
          let (termGradient, weights) = try bench.rowGradient(shape.count, isSame: isSame)
          let old = accumulate ? bench.random.floats(x.count) : nil
          let (xBuffer, yBuffer) = (try bench.input(x), try bench.input(y))
          let result = try bench.output(x.count, old: old)
          try bench.run {
            try $0.kernelDiscrepancyGradient(
              shape, xBuffer.buffer, yBuffer.buffer, termGradient: termGradient,
              into: result.buffer, accumulate: accumulate)
          }
          let expected = Oracle.kernelDiscrepancyGradient(
            shape, x, y, termGradient: weights, old: old)
          bench.expect(result, expected, within: tolerance(shape))
        }
      }
    }
  }

  private static func points(_ shape: KernelDiscrepancy, _ bench: Workbench) -> (
    [Float], [Float]
  ) {
    let count = shape.count * shape.dimension
    return (bench.random.floats(count, in: -2...2), bench.random.floats(count, in: -2...2))
  }

  private static func tolerance(_ shape: KernelDiscrepancy) -> Tolerance {
    .transcendental(3 * shape.count + shape.dimension)
  }
}
