import Compute

extension Conformance {
  /// Arguments where careless formulas overflow, cancel, or lose the sign.
  static let extremes: [Float] = [
    0, -0.0, 1e-30, -1e-30, 1e-5, -1e-5, 1, -1, 15, -15, 17, -17, 30, -30, 80, -80, 88, -87, 89,
    100, -100, 1000, -1000, 1e20, -1e20,
    .leastNormalMagnitude / 16, .infinity, -.infinity, .nan,
  ]

  static func mapCases(_ size: Size) -> [ConformanceCase] {
    UnaryFunction.allCases.flatMap { function in
      counts(size).flatMap { count in
        [false, true].map { inPlace in
          let label = "\(function) of \(count)" + inPlace.note("in place")
          return ConformanceCase(.map, label) { bench in
            // A device may flush subnormal numbers to 0, whose logarithm and root are far away.
            let isSteep = function == .log || function == .squareRoot
            let values = bench.random.floats(
              count, in: -6...6, special: extremes.filter { !isSteep || !$0.isSubnormal })
            let x = inPlace ? try bench.updated(values) : try bench.input(values)
            let y = inPlace ? x : try bench.output(count)
            try bench.run { try $0.map(function, x.buffer, into: y.buffer) }
            bench.expect(y, Oracle.map(function, values), within: .transcendental())
          }
        }
      }
    }
  }

  static func mapGradientCases(_ size: Size) -> [ConformanceCase] {
    UnaryFunction.allCases.flatMap { function in
      counts(size).flatMap { count in
        [(false, false), (false, true), (true, false), (true, true)].map { accumulate, inPlace in
          let label =
            "\(function) of \(count)" + accumulate.note("accumulate") + inPlace.note("dx is dy")
          return ConformanceCase(.mapGradient, label) { bench in
            let x = bench.random.floats(
              count, in: -6...6, special: extremes.filter { abs($0) <= 80 })
            let point =
              function.derivesFromInput ? x : x.map { Float(Oracle.value(function, Double($0))) }
            let gradients = bench.random.floats(count)
            let old = inPlace ? gradients : bench.random.floats(count)
            let y = try bench.input(point)
            let dy = inPlace ? try bench.updated(gradients) : try bench.input(gradients)
            let dx = inPlace ? dy : try bench.output(count, old: accumulate ? old : nil)
            try bench.run {
              try $0.mapGradient(
                function, at: y.buffer, outputGradient: dy.buffer, into: dx.buffer,
                accumulate: accumulate)
            }
            let expected = Oracle.mapGradient(
              function, at: point, outputGradient: gradients, old: accumulate ? old : nil)
            bench.expect(dx, expected, within: .transcendental())
          }
        }
      }
    }
  }

  /// Which operands of a binary function share one buffer.
  private enum Alias: String, CaseIterable {
    case none = ""
    case cIsA = ", c is a"
    case cIsB = ", c is b"
    case all = ", all one"
  }

  /// Pairs of arguments at which comparisons, sums, products or quotients behave specially.
  private static let pairs: (left: [Float], right: [Float]) = {
    let numbers: [Float] = [0, 1, -2, 1e-30, 1e30, .infinity, -.infinity, .nan]
    let all = numbers.flatMap { a in numbers.map { (a, $0) } }
    return (all.map(\.0), all.map(\.1))
  }()

  static func zipCases(_ size: Size) -> [ConformanceCase] {
    BinaryFunction.allCases.flatMap { function in
      counts(size).flatMap { count in
        Alias.allCases.map { alias in
          ConformanceCase(.zip, "\(function) of \(count)\(alias.rawValue)") { bench in
            let left = bench.random.floats(count, special: pairs.left)
            let right =
              alias == .all ? left : bench.random.floats(count, special: pairs.right)
            let a = alias == .none || alias == .cIsB ? try bench.input(left) : nil
            let b = alias == .none || alias == .cIsA ? try bench.input(right) : nil
            let c =
              switch alias {
              case .none: try bench.output(count)
              case .cIsA, .all: try bench.updated(left)
              case .cIsB: try bench.updated(right)
              }
            try bench.run {
              try $0.zip(function, (a ?? c).buffer, (b ?? c).buffer, into: c.buffer)
            }
            bench.expect(
              c, Oracle.zip(function, left, right),
              within: function == .divide ? .transcendental() : .arithmetic())
          }
        }
      }
    }
  }

  static func scaledAddCases(_ size: Size) -> [ConformanceCase] {
    let factors: [(Float, Float)] = [(1, 0), (-0.5, 0), (1, 1), (0.3, -0.7), (0, 1), (0, 0)]
    return factors.flatMap { alpha, beta in
      counts(size).map { count in
        ConformanceCase(.scaledAdd, "\(alpha)·x + \(beta)·y of \(count)") { bench in
          let (values, old) = (bench.random.floats(count), bench.random.floats(count))
          let x = try bench.input(values)
          // With β = 0 the destination holds NaN, which must not be read.
          let y = try bench.output(count, old: beta == 0 ? nil : old)
          try bench.run { try $0.scaledAdd(alpha, x.buffer, beta, into: y.buffer) }
          let expected = Oracle.scaledAdd(alpha, values, beta, beta == 0 ? nil : old)
          bench.expect(y, expected, within: .arithmetic())
        }
      }
    }
  }
}
