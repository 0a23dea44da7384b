import Compute

extension Conformance {
  static func adamCases(_ size: Size) -> [ConformanceCase] {
    let steps = [
      AdamStep(step: 1), AdamStep(step: 2), AdamStep(step: 1000, learningRate: 0.01),
      AdamStep(step: 100_000, learningRate: 1, firstDecay: 0.5, secondDecay: 0.9, epsilon: 0.1),
      AdamStep(step: 3, learningRate: 0.1, weightDecay: 0.5),
    ]
    return steps.flatMap { adam in
      counts(size).map { count in
        let label = "step \(adam.step) of \(count), ε = \(adam.epsilon), λ = \(adam.weightDecay)"
        return ConformanceCase(.adamStep, label) { bench in
          // Parameters of zero show the step alone; tiny gradients show ε.
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

  static func gradientDescentCases(_ size: Size) -> [ConformanceCase] {
    let steps = [
      GradientDescentStep(learningRate: 0.1), GradientDescentStep(learningRate: 1, momentum: 0.9),
      GradientDescentStep(learningRate: 0.1, momentum: 0.5, isNesterov: true, weightDecay: 0.25),
    ]
    return steps.flatMap { descent in
      counts(size).map { count in
        let label =
          "\(count), μ = \(descent.momentum)\(descent.isNesterov ? " of Nesterov" : ""), "
          + "λ = \(descent.weightDecay)"
        return ConformanceCase(.gradientDescentStep, label) { bench in
          let p = bench.random.floats(count, special: [0, 0, 1])
          let g = bench.random.floats(count, special: [0, 1e-8, 1])
          let v = bench.random.floats(count, special: [0, 0, 0])
          let (parameters, gradients) = (try bench.updated(p), try bench.input(g))
          let velocities = try bench.updated(v)
          try bench.run {
            try $0.gradientDescentStep(
              descent, parameters: parameters.buffer, gradients: gradients.buffer,
              velocities: velocities.buffer)
          }
          let expected = Oracle.gradientDescentStep(
            descent, parameters: p, gradients: g, velocities: v)
          bench.expect(velocities, expected.velocities, within: .arithmetic())
          bench.expect(parameters, expected.parameters, within: .arithmetic())
        }
      }
    }
  }
}
