import Compute
import Foundation
import Testing

@testable import ComputeOpenCL

@Suite(.enabled(if: TestDevice.any, "no OpenCL device here")) struct OperationTests {
  @Test(arguments: TestDevice.all) func maps(_ test: TestDevice) throws {
    let device = test.device
    let x: [Float] =
      (0..<5000).map { Float($0 - 2500) / 25 } + [0, -1e-6, 1e-6, -90, 88, -200, 1e4]
    let y = try device.makeBuffer(count: x.count, type: .float32)
    for function in epilogues {
      let x = function == .exp ? x.map { min($0, 88) } : x
      try device.map(function, device.makeBuffer(x), into: y)
      let values = try device.download(y)
      for (x, y) in Swift.zip(x, values) {
        let exact = value(function, Double(x))
        // Denormal results may be flushed to zero.
        guard abs(Double(y) - exact) <= 6e-7 * abs(exact) + 1.2e-38 else {
          Issue.record("\(function)(\(x)) = \(y), not \(exact)")
          break
        }
      }
    }
  }

  @Test(arguments: TestDevice.all) func keepsSpecialValues(_ test: TestDevice) throws {
    let device = test.device
    let x = try device.makeBuffer([Float.nan, .infinity, -.infinity])
    for (function, expected) in [
      (UnaryFunction.softplus, [Float.infinity, 0]), (.exp, [.infinity, 0]), (.sigmoid, [1, 0]),
      (.relu, [.infinity, 0]), (.tanh, [1, -1]), (.absolute, [.infinity, .infinity]),
      (.leakyRelu, [.infinity, -.infinity]), (.reciprocal, [0, 0]),
    ] {
      let y = try device.makeBuffer(count: 3, type: .float32)
      try device.map(function, x, into: y)
      let values = try device.download(y)
      #expect(values[0].isNaN && Array(values[1...]) == expected, "\(function): \(values)")
    }
  }

  @Test(arguments: TestDevice.all) func mapGradients(_ test: TestDevice) throws {
    let device = test.device
    let y = numbers(1003).map { abs($0) * 3 } + [1e-7], dy = numbers(1004, seed: 2)
    for function in epilogues {
      for accumulate in [false, true] {
        let dx = try device.makeBuffer(numbers(1004, seed: 3))
        try device.mapGradient(
          function, at: device.makeBuffer(y), outputGradient: device.makeBuffer(dy), into: dx,
          accumulate: accumulate)
        let old = numbers(1004, seed: 3)
        let expected = (0..<1004).map { (i: Int) -> Double in
          let y = Double(y[i])
          let slope =
            switch function {
            case .identity: 1.0
            case .relu: y > 0 ? 1.0 : 0.0
            case .sigmoid: y * (1 - y)
            case .softplus: -expm1(-y)
            case .exp: y
            default: Double.nan
            }
          return Double(dy[i]) * slope + (accumulate ? Double(old[i]) : 0)
        }
        expectClose(try device.download(dx), expected, "\(function)")
      }
    }
  }

  @Test(arguments: TestDevice.all) func zipsAndScales(_ test: TestDevice) throws {
    let device = test.device
    let a = numbers(2077), b = numbers(2077, seed: 2)
    let c = try device.makeBuffer(count: 2077, type: .float32)
    for (function, operation) in [
      (BinaryFunction.add, { $0 + $1 }), (.subtract, { $0 - $1 }), (.multiply, { $0 * $1 }),
    ] as [(BinaryFunction, (Float, Float) -> Float)] {
      try device.zip(function, device.makeBuffer(a), device.makeBuffer(b), into: c)
      #expect(try device.download(c) == Swift.zip(a, b).map(operation))
    }
    let y = try device.makeBuffer(b)
    try device.scaledAdd(2, device.makeBuffer(a), 0.5, into: y)
    expectClose(try device.download(y), Swift.zip(a, b).map { 2 * Double($0) + 0.5 * Double($1) })
    try device.fill(y, with: .nan)
    try device.scaledAdd(2, device.makeBuffer(a), 0, into: y)
    #expect(try device.download(y) == a.map { 2 * $0 })
  }

  @Test(arguments: TestDevice.all) func reduces(_ test: TestDevice) throws {
    let device = test.device
    for (rows, columns) in [(1, 1), (7, 53), (130, 20), (4099, 3), (2, 5001), (65, 150)] {
      let x = numbers(rows * columns).map { $0 - 2 }
      for function in Reduction.Function.allCases {
        for direction in Reduction.Direction.allCases {
          for accumulate in [false, true] {
            let reduction = Reduction(
              function, direction, Rows(rows, columns), scale: 0.25, accumulate: accumulate)
            let results = direction == .perRow ? rows : columns
            let y = try device.makeBuffer(numbers(results, seed: 2))
            try device.reduce(reduction, device.makeBuffer(x), into: y)
            var expected = [Double](
              repeating: function == .sum ? 0 : function == .maximum ? -.infinity : .infinity,
              count: results)
            for row in 0..<rows {
              for column in 0..<columns {
                let i = direction == .perRow ? row : column, x = Double(x[row * columns + column])
                switch function {
                case .sum: expected[i] += x
                case .maximum: expected[i] = max(expected[i], x)
                case .minimum: expected[i] = min(expected[i], x)
                }
              }
            }
            let old = numbers(results, seed: 2)
            for i in 0..<results {
              expected[i] = 0.25 * expected[i] + (accumulate ? Double(old[i]) : 0)
            }
            expectClose(try device.download(y), expected, tolerance: 1e-5, "\(reduction)")
          }
        }
      }
    }
  }

  @Test(arguments: TestDevice.all) func gathers(_ test: TestDevice) throws {
    let device = test.device
    let width = 53
    let bytes = (0..<10 * width).map { UInt8(truncatingIfNeeded: $0 &* 7) }
    let indices: [Int32] = [9, 0, 10, 3, -1, 9]
    let y = try device.makeBuffer(count: indices.count * width, type: .float32)
    try device.gather(
      Gather(width: width, scale: 1 / 256), device.makeBuffer(bytes),
      at: device.makeBuffer(indices), into: y)
    let values = try device.download(y)
    for (row, index) in indices.enumerated() {
      for column in 0..<width {
        let value = values[row * width + column]
        if index < 0 || index >= 10 {
          #expect(value.isNaN)
        } else {
          #expect(value == Float(bytes[Int(index) * width + column]) / 256)
        }
      }
    }
  }

  @Test(arguments: TestDevice.all) func crossEntropies(_ test: TestDevice) throws {
    let device = test.device
    let shape = Rows(9, 213)
    var logits = numbers(shape.count).map { $0 * 20 }
    logits[5] = -150
    logits[6] = 150
    let targets = numbers(shape.count, seed: 2).map { abs($0) }, weights = numbers(9, seed: 3)
    let (l, x) = (try device.makeBuffer(logits), try device.makeBuffer(targets))
    let loss = try device.makeBuffer(count: 9, type: .float32)
    try device.binaryCrossEntropy(shape, logits: l, targets: x, into: loss)
    expectClose(
      try device.download(loss),
      (0..<9).map { row in
        (0..<213).reduce(0) { sum, column in
          let i = row * 213 + column
          return sum + value(.softplus, Double(logits[i])) - Double(targets[i]) * Double(logits[i])
        }
      }, tolerance: 1e-5)
    for accumulate in [false, true] {
      let gradient = try device.makeBuffer(numbers(shape.count, seed: 4))
      try device.binaryCrossEntropyGradient(
        shape, logits: l, targets: x, lossGradient: .each(device.makeBuffer(weights)),
        into: gradient,
        accumulate: accumulate)
      let old = numbers(shape.count, seed: 4)
      expectClose(
        try device.download(gradient),
        (0..<shape.count).map { i in
          Double(weights[i / 213]) * (value(.sigmoid, Double(logits[i])) - Double(targets[i]))
            + (accumulate ? Double(old[i]) : 0)
        })
    }
  }

  @Test(arguments: TestDevice.all) func gaussians(_ test: TestDevice) throws {
    let device = test.device
    let shape = Rows(11, 21), d = 21
    let p = numbers(2 * shape.count).map { $0 * 3 }, noise = numbers(shape.count, seed: 2)
    let dz = numbers(shape.count, seed: 3), dkl = numbers(11, seed: 4)
    let old = numbers(2 * shape.count, seed: 5)
    let parameters = try device.makeBuffer(p), e = try device.makeBuffer(noise)
    func mean(_ i: Int) -> Double { Double(p[i / d * 2 * d + i % d]) }
    func logVariance(_ i: Int) -> Double { Double(p[i / d * 2 * d + d + i % d]) }

    let z = try device.makeBuffer(count: shape.count, type: .float32)
    try device.reparameterize(shape, parameters: parameters, noise: e, into: z)
    expectClose(
      try device.download(z),
      (0..<shape.count).map { mean($0) + exp(logVariance($0) / 2) * Double(noise[$0]) })

    let kl = try device.makeBuffer(count: 11, type: .float32)
    try device.gaussianDivergence(shape, parameters: parameters, into: kl)
    expectClose(
      try device.download(kl),
      (0..<11).map { row in
        (row * d..<(row + 1) * d).reduce(0) { sum, i in
          sum + (mean(i) * mean(i) + exp(logVariance(i)) - 1 - logVariance(i)) / 2
        }
      })

    for accumulate in [false, true] {
      var sample = accumulate ? old.map(Double.init) : old.map { _ in 0 }
      var divergence = sample
      for i in 0..<shape.count {
        let m = i / d * 2 * d + i % d
        sample[m] += Double(dz[i])
        sample[m + d] += Double(dz[i]) * Double(noise[i]) * exp(logVariance(i) / 2) / 2
        divergence[m] += Double(dkl[i / d]) * mean(i)
        divergence[m + d] += Double(dkl[i / d]) * (exp(logVariance(i)) - 1) / 2
      }
      let gradient = try device.makeBuffer(old)
      try device.reparameterizeGradient(
        shape, parameters: parameters, noise: e, outputGradient: device.makeBuffer(dz),
        into: gradient, accumulate: accumulate)
      expectClose(try device.download(gradient), sample)
      try device.upload(old, to: gradient)
      try device.gaussianDivergenceGradient(
        shape, parameters: parameters, divergenceGradient: .each(device.makeBuffer(dkl)),
        into: gradient,
        accumulate: accumulate)
      expectClose(try device.download(gradient), divergence)
    }
  }

  @Test(arguments: TestDevice.all) func kernelDiscrepancy(_ test: TestDevice) throws {
    let device = test.device
    for (n, d) in [(37, 5), (130, 20)] {
      let shape = KernelDiscrepancy(count: n, dimension: d, width: 3)
      let x = numbers(n * d), y = numbers(n * d, seed: 2)
      let g = numbers(n, seed: 3), old = numbers(n * d, seed: 5)
      func kernel(_ x: [Float], _ i: Int, _ y: [Float], _ j: Int) -> Double {
        exp(
          -(0..<d).reduce(0) { $0 + pow(Double(x[i * d + $1]) - Double(y[j * d + $1]), 2) } / 3)
      }
      let (p, q) = (try device.makeBuffer(x), try device.makeBuffer(y))
      let terms = try device.makeBuffer(count: n, type: .float32)
      try device.kernelDiscrepancy(shape, p, q, into: terms)
      expectClose(
        try device.download(terms),
        (0..<n).map { i in
          (0..<n).reduce(0) {
            $0 + kernel(x, i, x, $1) - 2 * kernel(x, i, y, $1) + kernel(y, i, y, $1)
          }
        }, tolerance: 1e-5)
      for accumulate in [true, false] {
        let gradient = try device.makeBuffer(old)
        try device.kernelDiscrepancyGradient(
          shape, p, q, termGradient: .each(device.makeBuffer(g)), into: gradient,
          accumulate: accumulate)
        var expected = accumulate ? old.map(Double.init) : old.map { _ in 0 }
        for i in 0..<n {
          for j in 0..<n {
            for (points, weight) in [(x, Double(g[i]) + Double(g[j])), (y, -2 * Double(g[i]))] {
              let factor = weight * kernel(x, i, points, j) * -2 / 3
              for c in 0..<d {
                expected[i * d + c] += factor * (Double(x[i * d + c]) - Double(points[j * d + c]))
              }
            }
          }
        }
        expectClose(try device.download(gradient), expected, tolerance: 1e-5)
      }
    }
  }

  @Test(arguments: TestDevice.all) func adamSteps(_ test: TestDevice) throws {
    let device = test.device
    let n = 2051
    let initial = [numbers(n), numbers(n, seed: 2), numbers(n, seed: 3), numbers(n, seed: 4)]
    var (p, g, m, v) = (initial[0], initial[1], initial[2], initial[3].map { abs($0) })
    g[0] = 0
    let (P, G) = (try device.makeBuffer(p), try device.makeBuffer(g))
    let (M, V) = (try device.makeBuffer(m), try device.makeBuffer(v))
    for step in 1...3 {
      let adam = AdamStep(step: step)
      try device.adamStep(adam, parameters: P, gradients: G, firstMoments: M, secondMoments: V)
      for i in 0..<n {
        m[i] = 0.9 * m[i] + 0.1 * g[i]
        v[i] = 0.999 * v[i] + 0.001 * g[i] * g[i]
        p[i] -=
          0.001 * m[i] * adam.firstCorrection
          / ((v[i] * adam.secondCorrection).squareRoot() + 1e-8)
      }
    }
    expectClose(try device.download(P), p.map(Double.init))
    expectClose(try device.download(M), m.map(Double.init))
    expectClose(try device.download(V), v.map(Double.init))
  }
}
