import Compute
import Foundation

extension Oracle {
  /// `f(x)`.
  package static func value(_ function: UnaryFunction, _ x: Double) -> Double {
    switch function {
    case .identity: x
    case .relu: max(x, 0)
    case .sigmoid: 1 / (1 + exp(-x))
    case .softplus: max(x, 0) + log1p(exp(-abs(x)))  // log(1 + exp(x)) where exp(x) may overflow
    case .exp: exp(x)
    }
  }

  /// `f′(x)` from `y = f(x)`.
  package static func derivative(_ function: UnaryFunction, output y: Double) -> Double {
    switch function {
    case .identity: 1
    case .relu: y > 0 ? 1 : 0
    case .sigmoid: y * (1 - y)
    case .softplus: -expm1(-y)  // 1 − exp(−y)
    case .exp: y
    }
  }

  /// `f` of a result that carries rounding errors already, which the slope passes on.
  package static func apply(_ function: UnaryFunction, _ x: Measured) -> Measured {
    let y = value(function, x.value)
    return switch function {
    // Exact; and beside its kink relu may take its slope from the other side.
    case .identity, .relu: Measured(value: y, scale: x.scale)
    default: Measured(value: y, scale: abs(derivative(function, output: y)) * x.scale + abs(y))
    }
  }

  package static func map(_ function: UnaryFunction, _ x: [Float]) -> [Measured] {
    x.map { Measured(value(function, Double($0))) }
  }

  package static func mapGradient(
    _ function: UnaryFunction, output y: [Float], outputGradient dy: [Float], old: [Float]?
  ) -> [Measured] {
    y.indices.map { i in
      let gradient = Measured(derivative(function, output: Double(y[i]))) * Measured(dy[i])
      return old.map { Measured($0[i]) + gradient } ?? gradient
    }
  }

  package static func zip(_ function: BinaryFunction, _ a: [Float], _ b: [Float]) -> [Measured] {
    a.indices.map { i in
      let (a, b) = (Measured(a[i]), Measured(b[i]))
      return switch function {
      case .add: a + b
      case .subtract: a - b
      case .multiply: a * b
      }
    }
  }

  /// `αx + βy`, where a `y` of nil stands for β = 0.
  package static func scaledAdd(
    _ alpha: Float, _ x: [Float], _ beta: Float, _ y: [Float]?
  ) -> [Measured] {
    x.indices.map { i in
      let scaled = Double(alpha) * Measured(x[i])
      return y.map { scaled + Double(beta) * Measured($0[i]) } ?? scaled
    }
  }
}
