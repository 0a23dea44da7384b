import Compute

extension Conformance {
  /// Rows of means and log variances, some of the latter far out.
  private static func parameters(_ bench: Workbench, _ shape: Rows) -> [Float] {
    var values = bench.random.floats(2 * shape.count, in: -3...3)
    for (row, logVariance) in Swift.zip(0..<shape.rows, [-20, 0, 10, -60, 1e-6] as [Float]) {
      values[row * 2 * shape.columns + shape.columns] = logVariance
    }
    return values
  }

  static func reparameterizeCases(_ size: Size) -> [ConformanceCase] {
    shapes(size).map { shape in
      ConformanceCase(.reparameterize, shape.label) { bench in
        let values = parameters(bench, shape)
        let epsilon = bench.random.floats(shape.count, in: -3...3)
        let (parameters, noise) = (try bench.input(values), try bench.input(epsilon))
        let z = try bench.output(shape.count)
        try bench.run {
          try $0.reparameterize(
            shape, parameters: parameters.buffer, noise: noise.buffer, into: z.buffer)
        }
        let expected = Oracle.reparameterize(shape, parameters: values, noise: epsilon)
        bench.expect(z, expected, within: .transcendental())
      }
    }
  }

  static func sampleGaussianCases(_ size: Size) -> [ConformanceCase] {
    shapes(size).map { shape in
      ConformanceCase(.sampleGaussian, shape.label) { bench in
        let values = parameters(bench, shape)
        let stream = RandomStream(seed: 7, purpose: 3, step: 5)
        let parameters = try bench.input(values)
        let (noise, z) = (try bench.output(shape.count), try bench.output(shape.count))
        try bench.run {
          try $0.sampleGaussian(
            shape, parameters: parameters.buffer, stream, noise: noise.buffer, into: z.buffer)
        }
        bench.expect(
          noise, Oracle.normal(stream, count: shape.count), within: .transcendental())
        let expected = Oracle.reparameterize(shape, parameters: values, noise: noise.contents())
        bench.expect(z, expected, within: .transcendental())
      }
    }
  }

  static func reparameterizeGradientCases(_ size: Size) -> [ConformanceCase] {
    shapes(size).flatMap { shape in
      [false, true].map { accumulate in
        let label = shape.label + accumulate.note("accumulate")
        return ConformanceCase(.reparameterizeGradient, label) { bench in
          let values = parameters(bench, shape)
          let epsilon = bench.random.floats(shape.count, in: -3...3)
          let dz = bench.random.floats(shape.count)
          let old = accumulate ? bench.random.floats(2 * shape.count) : nil
          let (parameters, noise) = (try bench.input(values), try bench.input(epsilon))
          let outputGradient = try bench.input(dz)
          let result = try bench.output(2 * shape.count, old: old)
          try bench.run {
            try $0.reparameterizeGradient(
              shape, parameters: parameters.buffer, noise: noise.buffer,
              outputGradient: outputGradient.buffer, into: result.buffer, accumulate: accumulate)
          }
          let expected = Oracle.reparameterizeGradient(
            shape, parameters: values, noise: epsilon, outputGradient: dz, old: old)
          bench.expect(result, expected, within: .transcendental())
        }
      }
    }
  }

  static func gaussianDivergenceCases(_ size: Size) -> [ConformanceCase] {
    shapes(size).map { shape in
      ConformanceCase(.gaussianDivergence, shape.label) { bench in
        let values = parameters(bench, shape)
        let parameters = try bench.input(values)
        let divergence = try bench.output(shape.rows)
        try bench.run {
          try $0.gaussianDivergence(shape, parameters: parameters.buffer, into: divergence.buffer)
        }
        let expected = Oracle.gaussianDivergence(shape, parameters: values)
        bench.expect(divergence, expected, within: .transcendental(shape.columns))
      }
    }
  }

  static func gaussianDivergenceGradientCases(_ size: Size) -> [ConformanceCase] {
    shapes(size).flatMap { shape in
      [(false, false), (true, false), (false, true)].map { accumulate, isSame in
        let label = shape.label + accumulate.note("accumulate") + isSame.note("one dkl")
        return ConformanceCase(.gaussianDivergenceGradient, label) { bench in
          let values = parameters(bench, shape)
          let (divergenceGradient, dkl) = try bench.rowGradient(shape.rows, isSame: isSame)
          let old = accumulate ? bench.random.floats(2 * shape.count) : nil
          let parameters = try bench.input(values)
          let result = try bench.output(2 * shape.count, old: old)
          try bench.run {
            try $0.gaussianDivergenceGradient(
              shape, parameters: parameters.buffer,
              divergenceGradient: divergenceGradient, into: result.buffer,
              accumulate: accumulate)
          }
          let expected = Oracle.gaussianDivergenceGradient(
            shape, parameters: values, divergenceGradient: dkl, old: old)
          bench.expect(result, expected, within: .transcendental())
        }
      }
    }
  }
}
