/// How far a result in single precision may lie from the exact one.
///
/// The bound on an element is
///
///     u · (roundings + √length) · scale + 2⁻¹²⁶,    u = 2⁻²⁴,
///
/// where `scale` is the sum of the absolute values of the element's terms: it is at
/// least the size of the result, which makes the bound relative, and more where terms cancel, which makes
/// it absolute. `roundings` allows for the arithmetic and the library functions of one term. Rounding
/// errors of a sum of `length` terms grow like a random walk, hence the root; the worst case, `length`,
/// would hide a missing term. 2⁻¹²⁶ lets devices flush subnormal numbers to zero.
///
/// One term of a sum of k is about scale / k: with k = 784 the bound is some 500 times smaller.
public struct Tolerance: Sendable, Hashable {
  /// The roundings of one term, in units of u.
  public var roundings: Double
  /// The number of terms that are added up.
  public var length: Int

  /// Describes a tolerance.
  public init(roundings: Double, length: Int = 1) {
    self.roundings = roundings
    self.length = length
  }

  /// For additions and multiplications only.
  public static func arithmetic(_ length: Int = 1) -> Tolerance {
    Tolerance(roundings: 4, length: length)
  }

  /// For exponentials, logarithms, quotients, roots, sines: OpenCL allows each up to 4 ulp, which
  /// is 8 u, and an expression may hold two of them.
  public static func transcendental(_ length: Int = 1) -> Tolerance {
    Tolerance(roundings: 16, length: length)
  }

  /// The greatest error allowed for an element of this scale.
  public func bound(scale: Double) -> Double {
    0x1p-24 * (roundings + Double(length).squareRoot()) * scale
      + Double(Float.leastNormalMagnitude)
  }
}
