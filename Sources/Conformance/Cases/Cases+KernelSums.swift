import Compute

extension Conformance {
  private static func kernelShapes(_ size: Size) -> [KernelSums] {
    let extents: [(Int, Int, Int)] =
      switch size {
      case .selfCheck: [(7, 19, 5), (33, 70, 20)]
      case .full:
        [
          (1, 1, 1), (2, 3, 1), (1, 65, 3), (65, 1, 2), (7, 8, 9), (15, 16, 17), (31, 33, 20),
          (33, 31, 16), (63, 64, 65), (64, 65, 2), (257, 5, 10), (128, 200, 20),
        ]
      }
    return extents.map { KernelSums(xCount: $0, yCount: $1, dimension: $2, width: Float($2)) }
  }

  private static func label(_ shape: KernelSums) -> String {
    "\(shape.xCount) to \(shape.yCount) points of dimension \(shape.dimension)"
  }

  /// The same shape with `y` as `x`.
  private static func square(_ shape: KernelSums) -> KernelSums {
    var shape = shape
    shape.yCount = shape.xCount
    return shape
  }

  static func kernelSumsCases(_ size: Size) -> [ConformanceCase] {
    kernelShapes(size).flatMap { shape in
      [false, true].map { isOne in
        let shape = isOne ? square(shape) : shape
        return ConformanceCase(.kernelSums, label(shape) + isOne.note("y is x")) { bench in
          let from = bench.random.floats(shape.xCount * shape.dimension, in: -2...2)
          let to =
            isOne ? from : bench.random.floats(shape.yCount * shape.dimension, in: -2...2)
          let x = try bench.input(from)
          let y = isOne ? x : try bench.input(to)
          let sums = try bench.output(shape.xCount)
          try bench.run { try $0.kernelSums(shape, x.buffer, y.buffer, into: sums.buffer) }
          let expected = Oracle.kernelSums(shape, from, to)
          bench.expect(
            sums, expected, within: .transcendental(shape.yCount + shape.dimension))
        }
      }
    }
  }

  static func kernelSumsGradientCases(_ size: Size) -> [ConformanceCase] {
    kernelShapes(size).flatMap { shape in
      [(false, false), (false, true), (true, true)].flatMap { isOne, hasYWeights in
        [false, true].map { accumulate in
          kernelSumsGradientCase(
            isOne ? square(shape) : shape, isOne: isOne, hasYWeights: hasYWeights,
            accumulate: accumulate)
        }
      }
    }
  }

  private static func kernelSumsGradientCase(
    _ shape: KernelSums, isOne: Bool, hasYWeights: Bool, accumulate: Bool
  ) -> ConformanceCase {
    let label =
      label(shape) + isOne.note("y is x") + hasYWeights.note("y weights")
      + accumulate.note("accumulate")
    return ConformanceCase(.kernelSumsGradient, label) { bench in
      let from = bench.random.floats(shape.xCount * shape.dimension, in: -2...2)
      let to = isOne ? from : bench.random.floats(shape.yCount * shape.dimension, in: -2...2)
      let gx = bench.random.floats(shape.xCount)
      let gy = isOne ? gx : bench.random.floats(shape.yCount)
      let old = accumulate ? bench.random.floats(from.count) : nil
      let x = try bench.input(from)
      let y = isOne ? x : try bench.input(to)
      let xWeights = try bench.input(gx)
      let yWeights = !hasYWeights ? nil : isOne ? xWeights : try bench.input(gy)
      let result = try bench.output(from.count, old: old)
      try bench.run {
        try $0.kernelSumsGradient(
          shape, x.buffer, y.buffer, xWeights: xWeights.buffer, yWeights: yWeights?.buffer,
          into: result.buffer, accumulate: accumulate)
      }
      let expected = Oracle.kernelSumsGradient(
        shape, from, to, xWeights: gx, yWeights: hasYWeights ? gy : nil, old: old)
      bench.expect(result, expected, within: .transcendental(shape.yCount + shape.dimension))
    }
  }
}
