import Compute

extension Conformance {
  static func adamCases(_ size: Size) -> [ConformanceCase] {
    let steps = [
      Adam(step: 1), Adam(step: 2), Adam(step: 1000, learningRate: 0.01),
      Adam(step: 100_000, learningRate: 1, firstDecay: 0.5, secondDecay: 0.9, epsilon: 0.1),
    ]
    return steps.flatMap { adam in
      counts(size).map { count in
        let label = "step \(adam.step) of \(count), ε = \(adam.epsilon)"
        return ConformanceCase(.adamStep, label) { bench in
          // Zero parameters isolate the step; tiny gradients expose ε.
          let p = bench.random.floats(count, special: [0, 0, 0, 0, 1])
          let g = bench.random.floats(count, special: [0, 1e-8, 1e-20, 1])
          let m = bench.random.floats(count, special: [0, 0, 0, 0])
          let v = bench.random.floats(count, in: 0...1, special: [0, 0, 0, 0])
          let (parameters, gradients) = (try bench.updated(p), try bench.input(g))
          let (first, second) = (try bench.updated(m), try bench.updated(v))
          try bench.run {
            try $0.adamStep(
              adam, parameters: parameters.buffer, gradients: gradients.buffer,
              firstMoments: first.buffer, secondMoments: second.buffer)
          }
          let expected = Oracle.adamStep(
            adam, parameters: p, gradients: g, firstMoments: m, secondMoments: v)
          bench.expect(first, expected.firstMoments, within: .arithmetic())
          bench.expect(second, expected.secondMoments, within: .arithmetic())
          bench.expect(parameters, expected.parameters, within: .transcendental())
        }
      }
    }
  }
}
