/// A number in double precision with the size of its terms.
///
/// A rounding error is relative to the terms of a sum, not to its result, which may be much
/// smaller. So the scale of a sum or a difference is the sum of the scales, and that of a product
/// the product.
package struct Measured: Sendable, Hashable {
  package var value: Double
  /// The sum of the absolute values of the terms.
  package var scale: Double

  package init(value: Double, scale: Double) {
    self.value = value
    self.scale = scale
  }

  /// A number whose error is relative to itself: an input, or a function of an input.
  package init(_ value: Double) { self.init(value: value, scale: abs(value)) }
  package init(_ value: Float) { self.init(Double(value)) }

  package static let zero = Measured(0.0)

  package static func + (a: Self, b: Self) -> Self {
    Self(value: a.value + b.value, scale: a.scale + b.scale)
  }
  package static func - (a: Self, b: Self) -> Self {
    Self(value: a.value - b.value, scale: a.scale + b.scale)
  }
  package static func * (a: Self, b: Self) -> Self {
    Self(value: a.value * b.value, scale: a.scale * b.scale)
  }
  package static func * (a: Double, b: Self) -> Self {
    Self(value: a * b.value, scale: abs(a) * b.scale)
  }
  package static func / (a: Self, b: Double) -> Self {
    Self(value: a.value / b, scale: a.scale / abs(b))
  }
  /// A relative error of the divisor is one of the quotient.
  package static func / (a: Self, b: Self) -> Self {
    Self(
      value: a.value / b.value,
      scale: (a.scale + abs(a.value / b.value) * b.scale) / abs(b.value))
  }
  package static prefix func - (a: Self) -> Self { Self(value: -a.value, scale: a.scale) }
  package static func += (a: inout Self, b: Self) { a = a + b }
}

/// Every operation as its textbook formula in double precision: an executable specification,
/// which shares no code with any device.
package enum Oracle {}
