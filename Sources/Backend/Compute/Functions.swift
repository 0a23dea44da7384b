/// An elementwise function of one argument.
///
/// Most derivatives follow from the output y, so that the input need not be kept; the others need the input
/// x (``derivesFromInput``).
public enum UnaryFunction: String, Sendable, CaseIterable {
  /// `x`
  case identity
  /// `max(x, 0)`, derivative `y > 0 ? 1 : 0`
  case relu
  /// `1 / (1 + exp(−x))`, derivative `y(1 − y)`
  case sigmoid
  /// `log(1 + exp(x))`, derivative `1 − exp(−y)`
  case softplus
  /// `exp(x)`, derivative `y`
  case exp
  /// `tanh(x)`, derivative `1 − y²`
  case tanh
  /// `max(x, x / 100)`, derivative `y > 0 ? 1 : 1/100`
  case leakyRelu
  /// `√x`, derivative `1 / (2y)`
  case squareRoot
  /// `1 / x`, derivative `−y²`
  case reciprocal
  /// `log(x)`, derivative `1 / x`
  case log
  /// `x²`, derivative `2x`
  case square
  /// `|x|`, derivative −1, 0 or 1: the sign of x
  case absolute
  /// `x·Φ(x)` with the cumulative distribution function Φ of N(0, 1) (Hendrycks and Gimpel, 2016),
  /// derivative `Φ(x) + x·φ(x)`
  case gelu
  /// `x·sigmoid(x)` (Elfwing et al., 2017), derivative `s·(1 + x·(1 − s))` with `s = sigmoid(x)`
  case silu

  /// Those with a value and a derivative everywhere, as an activation needs.
  package static let activations: [UnaryFunction] = [
    .identity, .relu, .sigmoid, .softplus, .exp, .tanh, .leakyRelu, .gelu, .silu,
  ]

  /// Whether the derivative needs the input rather than the output.
  public var derivesFromInput: Bool {
    switch self {
    case .log, .square, .absolute, .gelu, .silu: true
    default: false
    }
  }
}

/// An elementwise function of two arguments.
public enum BinaryFunction: String, Sendable, CaseIterable {
  /// `a + b`
  case add
  /// `a − b`
  case subtract
  /// `a·b`
  case multiply
  /// `a / b`
  case divide
  /// The greater one; NaN if either is.
  case maximum
  /// The smaller one; NaN if either is.
  case minimum
  /// `a > b ? 1 : 0`
  case greater
  /// `a ≥ b ? 1 : 0`
  case greaterOrEqual
  /// `a = b ? 1 : 0`
  case equal
}
