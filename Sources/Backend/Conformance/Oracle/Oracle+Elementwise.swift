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
    case .tanh: tanh(x)
    case .leakyRelu: x < 0 ? x / 100 : x
    case .squareRoot: x.squareRoot()
    case .reciprocal: 1 / x
    case .log: log(x)
    case .square: x * x
    case .absolute: abs(x)
    case .gelu: x * erfc(-x / 2.0.squareRoot()) / 2
    case .silu: x / (1 + exp(-x))
    }
  }

  /// `f(x)` of an input, with the size of the terms that a device may add up for it.
  package static func measured(_ function: UnaryFunction, _ x: Double) -> Measured {
    let y = value(function, x)
    return switch function {
    // 1 + erf cancels; and sigmoid may be subnormal where its product with x is not.
    case .gelu: Measured(value: y, scale: abs(x))
    case .silu: Measured(value: y, scale: abs(y) + abs(x) * 0x1p-100)
    default: Measured(y)
    }
  }

  /// `f′` from `y = f(x)`, or from x if it ``UnaryFunction/derivesFromInput``.
  package static func derivative(_ function: UnaryFunction, at y: Double) -> Double {
    switch function {
    case .identity: 1
    case .relu: y > 0 ? 1 : 0
    case .sigmoid: y * (1 - y)
    case .softplus: -expm1(-y)  // 1 − exp(−y)
    case .exp: y
    case .tanh: 1 - y * y
    case .leakyRelu: y > 0 ? 1 : 0.01
    case .squareRoot: 1 / (2 * y)
    case .reciprocal: -y * y
    case .log: 1 / y
    case .square: 2 * y
    case .absolute: y > 0 ? 1 : y < 0 ? -1 : 0
    case .gelu:
      erfc(-y / 2.0.squareRoot()) / 2 + y * exp(-y * y / 2) / (2 * Double.pi).squareRoot()
    case .silu: (1 + y / (1 + exp(y))) / (1 + exp(-y))
    }
  }

  /// A bound on the size of the terms of a derivative that is a sum.
  private static func slopeScale(_ function: UnaryFunction, at y: Double) -> Double {
    switch function {
    case .sigmoid, .tanh: abs(derivative(function, at: y)) + y * y
    case .gelu, .silu: 1 + abs(y)
    default: abs(derivative(function, at: y))
    }
  }

  /// `f` of a result with rounding errors, which the derivative propagates.
  package static func apply(_ function: UnaryFunction, _ x: Measured) -> Measured {
    let y = value(function, x.value)
    return switch function {
    // Exact; and near its kink relu may take its slope from the other side.
    case .identity, .relu, .leakyRelu: Measured(value: y, scale: x.scale)
    default:
      Measured(
        value: y,
        scale: abs(derivative(function, at: function.derivesFromInput ? x.value : y)) * x.scale
          + measured(function, x.value).scale)
    }
  }

  package static func map(_ function: UnaryFunction, _ x: [Float]) -> [Measured] {
    x.map { measured(function, Double($0)) }
  }

  package static func mapGradient(
    _ function: UnaryFunction, at point: [Float], outputGradient dy: [Float], old: [Float]?
  ) -> [Measured] {
    point.indices.map { i in
      let slope = Measured(
        value: derivative(function, at: Double(point[i])),
        scale: slopeScale(function, at: Double(point[i])))
      let gradient = slope * Measured(dy[i])
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
      case .divide: a / b
      case .maximum: a.value.isNaN || a.value > b.value ? a : b
      case .minimum: a.value.isNaN || a.value < b.value ? a : b
      case .greater: a.value > b.value ? Measured(1.0) : .zero
      case .greaterOrEqual: a.value >= b.value ? Measured(1.0) : .zero
      case .equal: a.value == b.value ? Measured(1.0) : .zero
      }
    }
  }

  /// The elements of `x` of shape `from`, broadcast to `to`.
  package static func broadcast<Element>(_ x: [Element], _ from: Shape, to: Shape) -> [Element] {
    indices(of: to).map { index in
      var place = 0
      for (extent, i) in Swift.zip(from.extents, index.suffix(from.rank)) {
        place = place * extent + (extent == 1 ? 0 : i)
      }
      return x[place]
    }
  }

  /// All indices of a tensor, row by row.
  package static func indices(of shape: Shape) -> [[Int]] {
    shape.extents.reduce([[]]) { indices, extent in
      indices.flatMap { index in (0..<extent).map { index + [$0] } }
    }
  }

  package static func select(_ condition: [Float], _ a: [Float], _ b: [Float]) -> [Float] {
    condition.indices.map { condition[$0] != 0 ? a[$0] : b[$0] }
  }

  package static func clamp(_ x: [Float], _ limits: ClosedRange<Float>) -> [Measured] {
    x.map { Measured($0 < limits.lowerBound ? limits.lowerBound : min($0, limits.upperBound)) }
  }

  /// `y[target(i)] (+)= x[source(i)]`.
  package static func stridedCopy(
    _ shape: Shape, _ x: [Float], from source: Layout, into y: [Float], at target: Layout,
    accumulate: Bool
  ) -> [Measured] {
    func place(_ layout: Layout, _ index: [Int]) -> Int {
      layout.offset + Swift.zip(layout.strides, index).reduce(0) { $0 + $1.0 * $1.1 }
    }
    var result = y.map { Measured($0) }
    for index in indices(of: shape) {
      let value = Measured(x[place(source, index)])
      let to = place(target, index)
      result[to] = accumulate ? result[to] + value : value
    }
    return result
  }

  /// `αx + βy`, where nil for `y` means β = 0.
  package static func scaledAdd(
    _ alpha: Float, _ x: [Float], _ beta: Float, _ y: [Float]?
  ) -> [Measured] {
    x.indices.map { i in
      let scaled = Double(alpha) * Measured(x[i])
      return y.map { scaled + Double(beta) * Measured($0[i]) } ?? scaled
    }
  }
}
