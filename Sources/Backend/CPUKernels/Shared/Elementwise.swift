import CPUKernels
import Compute

@Sendable func map(_ function: UnaryFunction, _ x: Input, _ y: Output, _ count: Int) {
  switch function {
  case .identity: transform(x, y, count) { $0 }
  case .relu: transform(x, y, count, rectify)
  case .sigmoid: transform(x, y, count, sigmoid)
  case .softplus: transform(x, y, count, softplus)
  case .exp: transform(x, y, count, exponential)
  default: mapFurther(function, x, y, count)
  }
}

/// The functions that the networks here don't use. In one function with the others, their loops would lose
/// constants from registers.
@inline(never)
private func mapFurther(_ function: UnaryFunction, _ x: Input, _ y: Output, _ count: Int) {
  switch function {
  case .tanh: transform(x, y, count, hyperbolicTangent)
  case .leakyRelu: transform(x, y, count) { x in x.replacing(with: x * leak, where: x .< 0) }
  case .squareRoot: transform(x, y, count, exactSquareRoot)
  case .reciprocal: transform(x, y, count) { 1 / $0 }
  case .log: transform(x, y, count, anyLogarithm)
  case .square: transform(x, y, count) { $0 * $0 }
  case .absolute: transform(x, y, count, magnitude)
  case .gelu: transform(x, y, count) { $0 * normalDistribution($0) }
  case .silu: transform(x, y, count) { $0 * twoSidedSigmoid($0) }
  default: preconditionFailure("\(function) has a loop of its own")
  }
}

/// The slope of leaky relu below 0.
private var leak: Float { 0.01 }

/// `dx = dy·f′`, at the output y of a function or at its input.
@Sendable func mapGradient(
  _ function: UnaryFunction, _ y: Input, _ dy: Input, _ dx: Output, _ count: Int,
  _ accumulate: Bool
) {
  switch function {
  case .identity: apply(y, dy, dx, count, accumulate) { _, dy in dy }
  case .relu:
    apply(y, dy, dx, count, accumulate) { y, dy in
      Vector.zero.replacing(with: dy, where: y .> 0)
    }
  case .sigmoid: apply(y, dy, dx, count, accumulate) { y, dy in dy * (y * (1 - y)) }
  case .softplus: softplusGradient(y, dy, dx, count, accumulate)
  case .exp: apply(y, dy, dx, count, accumulate) { y, dy in dy * y }
  default: mapFurtherGradient(function, y, dy, dx, count, accumulate)
  }
}

@inline(never)
private func mapFurtherGradient(
  _ function: UnaryFunction, _ y: Input, _ dy: Input, _ dx: Output, _ count: Int,
  _ accumulate: Bool
) {
  switch function {
  case .tanh: apply(y, dy, dx, count, accumulate) { y, dy in dy * ((1 - y) * (1 + y)) }
  case .leakyRelu:
    apply(y, dy, dx, count, accumulate) { y, dy in (dy * leak).replacing(with: dy, where: y .> 0) }
  case .squareRoot: apply(y, dy, dx, count, accumulate) { y, dy in dy * (0.5 / y) }
  case .reciprocal: apply(y, dy, dx, count, accumulate) { y, dy in -dy * (y * y) }
  default: mapGradientAtInput(function, y, dy, dx, count, accumulate)
  }
}

@inline(never)
private func mapGradientAtInput(
  _ function: UnaryFunction, _ x: Input, _ dy: Input, _ dx: Output, _ count: Int,
  _ accumulate: Bool
) {
  switch function {
  case .log: apply(x, dy, dx, count, accumulate) { x, dy in dy / x }
  case .square: apply(x, dy, dx, count, accumulate) { x, dy in dy * (x + x) }
  case .absolute:
    apply(x, dy, dx, count, accumulate) { x, dy in
      Vector.zero.replacing(with: dy, where: x .> 0).replacing(with: -dy, where: x .< 0)
    }
  case .gelu:
    apply(x, dy, dx, count, accumulate) { x, dy in
      let density = exponential(x * x * -0.5) * 0.398_942_28
      return dy * multiplyAdd(x, density, normalDistribution(x))
    }
  case .silu:
    apply(x, dy, dx, count, accumulate) { x, dy in
      // 1 − s of x is s of −x.
      let s = twoSidedSigmoid(x)
      return dy * multiplyAdd(x * s, twoSidedSigmoid(-x), s)
    }
  default: preconditionFailure("the derivative of \(function) follows from its output")
  }
}

/// A separate function, for its many constants.
@inline(never)
private func softplusGradient(
  _ y: Input, _ dy: Input, _ dx: Output, _ count: Int, _ accumulate: Bool
) {
  apply(y, dy, dx, count, accumulate) { y, dy in dy * oneMinusExponential(y) }
}

/// Writes or adds a gradient.
@inline(__always)
private func apply(
  _ y: Input, _ dy: Input, _ dx: Output, _ count: Int, _ accumulate: Bool,
  _ gradient: (Vector, Vector) -> Vector
) {
  if accumulate {
    transform(y, dy, dx, dx, count) { y, dy, dx in dx + gradient(y, dy) }
  } else {
    transform(y, dy, dx, count, gradient)
  }
}

@Sendable func zip(
  _ function: BinaryFunction, _ a: Input, _ b: Input, _ c: Output, _ count: Int
) {
  switch function {
  case .add: transform(a, b, c, count) { $0 + $1 }
  case .subtract: transform(a, b, c, count) { $0 - $1 }
  case .multiply: transform(a, b, c, count) { $0 * $1 }
  case .divide: transform(a, b, c, count) { $0 / $1 }
  // A NaN is unequal to itself, and wins.
  case .maximum:
    transform(a, b, c, count) { a, b in a.replacing(with: b, where: (b .> a) .| (b .!= b)) }
  case .minimum:
    transform(a, b, c, count) { a, b in a.replacing(with: b, where: (b .< a) .| (b .!= b)) }
  case .greater: compare(a, b, c, count) { $0 .> $1 }
  case .greaterOrEqual: compare(a, b, c, count) { $0 .>= $1 }
  case .equal: compare(a, b, c, count) { $0 .== $1 }
  }
}

/// 1 if true, otherwise 0.
@inline(__always)
private func compare(
  _ a: Input, _ b: Input, _ c: Output, _ count: Int,
  _ isSo: (Vector, Vector) -> SIMDMask<Vector.MaskStorage>
) {
  transform(a, b, c, count) { a, b in Vector.zero.replacing(with: 1, where: isSo(a, b)) }
}

/// `y = condition ≠ 0 ? a : b`
@Sendable func select(_ condition: Input, _ a: Input, _ b: Input, _ y: Output, _ count: Int) {
  transform(condition, a, b, y, count) { condition, a, b in
    b.replacing(with: a, where: condition .!= 0)
  }
}

/// `y = αx + βy`
@Sendable func scaledAdd(_ alpha: Float, _ x: Input, _ beta: Float, _ y: Output, _ count: Int) {
  let alpha = Vector(repeating: alpha)
  if beta == 0 {
    transform(x, y, count) { $0 * alpha }
  } else {
    let beta = Vector(repeating: beta)
    transform(x, y, y, count) { x, y in multiplyAdd(x, alpha, y * beta) }
  }
}

/// `y = scale·bytes`
@Sendable func widen(
  _ bytes: UnsafePointer<UInt8>, _ scale: Float, _ y: Output, _ count: Int
) {
  for i in 0..<count { y[i] = Float(bytes[i]) * scale }
}
