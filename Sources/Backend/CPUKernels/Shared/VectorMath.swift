/// exp(x), to about one unit in the last place; 0 below −87.3, ∞ above 88.72.
///
/// x = n·log 2 + r with |r| ≤ ½ log 2; exp(r) by its Taylor polynomial, 2ⁿ by adding n to the
/// exponent. Adding 1.5·2²³ rounds to an integer and leaves it in the low bits of the sum.
@inline(__always)
func exponential(_ x: Vector) -> Vector {
  let toInteger = Vector(repeating: 12_582_912)
  let shifted = multiplyAdd(x, Vector(repeating: 1.442_695_04), toInteger)
  let n = shifted - toInteger
  // log 2 in two parts, the first with so few bits that n times it is exact.
  var r = multiplyAdd(n, Vector(repeating: -0.693_145_75), x)
  r = multiplyAdd(n, Vector(repeating: -1.428_606_8e-6), r)
  let power = unsafeBitCast(shifted, to: Integers.self) &<< 23
  var result = multiplyAdd(expMinusOneTaylor(r), r, Vector(repeating: 1))
  result = unsafeBitCast(unsafeBitCast(result, to: Integers.self) &+ power, to: Vector.self)
  result.replace(with: 0, where: x .< -87.3)
  result.replace(with: .infinity, where: x .> 88.722_83)
  return result
}

/// (exp(r) − 1) / r for |r| ≤ ½ log 2: the Taylor polynomial 1 + r/2! + … + r⁶/7!.
@inline(__always)
func expMinusOneTaylor(_ r: Vector) -> Vector {
  var p = Vector(repeating: 1 / 5040)
  p = multiplyAdd(p, r, Vector(repeating: 1 / 720))
  p = multiplyAdd(p, r, Vector(repeating: 1 / 120))
  p = multiplyAdd(p, r, Vector(repeating: 1 / 24))
  p = multiplyAdd(p, r, Vector(repeating: 1 / 6))
  p = multiplyAdd(p, r, Vector(repeating: 1 / 2))
  return multiplyAdd(p, r, Vector(repeating: 1))
}

/// 2·artanh(s) for |s| ≤ ⅓: 2(s + s³/3 + s⁵/5 + …). Both logarithms come from it:
/// log(v) with s = (v − 1)/(v + 1).
@inline(__always)
func doubleArtanh(_ s: Vector) -> Vector {
  let square = s * s
  var p = Vector(repeating: 1 / 15)
  p = multiplyAdd(p, square, Vector(repeating: 1 / 13))
  p = multiplyAdd(p, square, Vector(repeating: 1 / 11))
  p = multiplyAdd(p, square, Vector(repeating: 1 / 9))
  p = multiplyAdd(p, square, Vector(repeating: 1 / 7))
  p = multiplyAdd(p, square, Vector(repeating: 1 / 5))
  p = multiplyAdd(p, square, Vector(repeating: 1 / 3))
  p = multiplyAdd(p, square, Vector(repeating: 1))
  return 2 * s * p
}

/// log(v) for finite normal v > 0.
@inline(__always)
func logarithm(_ v: Vector) -> Vector {
  // Subtracting the bits of √½ puts the mantissa into [√½, √2).
  let bits = unsafeBitCast(v, to: Integers.self)
  let offset = bits &- 0x3F35_04F3
  // The exponent as a number: under the mantissa of 1.5·2²³, biased to stay positive.
  let exponent =
    unsafeBitCast(((offset &+ 0x4000_0000) &>> 23) | 0x4B40_0000, to: Vector.self) - 12_583_040
  let mantissa = unsafeBitCast((offset & 0x007F_FFFF) &+ 0x3F35_04F3, to: Vector.self)
  let s = (mantissa - 1) / (mantissa + 1)
  return multiplyAdd(exponent, Vector(repeating: 0.693_147_18), doubleArtanh(s))
}

/// √v for finite v ≥ 0, to about one unit in the last place.
///
/// Swift's own works element by element. 1/√v starts from half the negated exponent; three
/// steps of Newton's method and one of Heron's on the root itself make it accurate enough.
@inline(__always)
func squareRoot(_ v: Vector) -> Vector {
  let half = v * 0.5
  var inverse = unsafeBitCast(
    0x5F37_5A86 &- (unsafeBitCast(v, to: Integers.self) &>> 1), to: Vector.self)
  for _ in 0..<3 {
    inverse *= multiplyAdd(-(half * inverse), inverse, Vector(repeating: 1.5))
  }
  let root = v * inverse
  return multiplyAdd(multiplyAdd(-root, root, v), inverse * 0.5, root)
}

/// |x|
@inline(__always)
func magnitude(_ x: Vector) -> Vector {
  unsafeBitCast(unsafeBitCast(x, to: Integers.self) & 0x7FFF_FFFF, to: Vector.self)
}

/// max(x, 0); NaN stays NaN.
@inline(__always)
func rectify(_ x: Vector) -> Vector { x.replacing(with: 0, where: x .< 0) }

/// log(1 + exp(−|x|)), accurate also where it is tiny: log1p(t) = 2·artanh(t / (2 + t)).
@inline(__always)
func softplusOfMinusMagnitude(_ x: Vector) -> Vector {
  let t = exponential(-magnitude(x))
  return doubleArtanh(t / (t + 2))
}

/// log(1 + exp(x)) without overflow.
@inline(__always)
func softplus(_ x: Vector) -> Vector { rectify(x) + softplusOfMinusMagnitude(x) }

/// 1 / (1 + exp(−x))
@inline(__always)
func sigmoid(_ x: Vector) -> Vector { 1 / (exponential(-x) + 1) }

/// 1 − exp(−y) for y ≥ 0, accurate also for small y: the derivative of softplus from its output.
@inline(__always)
func oneMinusExponential(_ y: Vector) -> Vector {
  let small = y * expMinusOneTaylor(-y)
  return (1 - exponential(-y)).replacing(with: small, where: y .< 0.34)
}

/// 1 / (1 + exp(−x)), also where it is tiny.
@inline(__always)
func twoSidedSigmoid(_ x: Vector) -> Vector {
  let e = exponential(-magnitude(x))
  return e.replacing(with: 1, where: x .> 0) / (e + 1)
}

/// (1 − exp(−2|x|)) / (1 + exp(−2|x|)) with the sign of x; accurate also for small x.
@inline(__always)
func hyperbolicTangent(_ x: Vector) -> Vector {
  let t = oneMinusExponential(magnitude(x) * 2)
  let tangent = t / (2 - t)
  return tangent.replacing(with: -tangent, where: x .< 0)
}

/// log(x) for any x: −∞ at 0, NaN below.
@inline(__always)
func anyLogarithm(_ x: Vector) -> Vector {
  // A subnormal number has no exponent to extract: 2²⁴ times it has.
  let isSmall = x .< Float.leastNormalMagnitude
  let scaled = x.replacing(with: x * 16_777_216, where: isSmall)
  var result = logarithm(scaled)
  result.replace(with: result - 16.635_532, where: isSmall)
  result.replace(with: x, where: (x .!= x) .| (x .== .infinity))
  result.replace(with: -.infinity, where: x .== 0)
  return result.replacing(with: .nan, where: x .< 0)
}

/// Φ(x) = ½ (1 + erf(x / √2)), to 10⁻⁷ (Abramowitz and Stegun, 1964, 7.1.26).
@inline(__always)
func normalDistribution(_ x: Vector) -> Vector {
  let z = magnitude(x) * 0.707_106_78
  let t = 1 / multiplyAdd(z, Vector(repeating: 0.327_591_1), Vector(repeating: 1))
  var p = multiplyAdd(t, Vector(repeating: 1.061_405_43), Vector(repeating: -1.453_152_03))
  p = multiplyAdd(p, t, Vector(repeating: 1.421_413_74))
  p = multiplyAdd(p, t, Vector(repeating: -0.284_496_74))
  p = multiplyAdd(p, t, Vector(repeating: 0.254_829_59))
  let tail = p * t * exponential(-z * z) * 0.5
  return tail.replacing(with: 1 - tail, where: x .> 0)
}

/// cos(2πu) and sin(2πu) for u in [0, 1).
@inline(__always)
func turn(_ u: Vector) -> (cosine: Vector, sine: Vector) {
  // The nearest quarter turn, and the angle from it, at most π/4.
  let toInteger = Vector(repeating: 12_582_912)
  let shifted = multiplyAdd(u, Vector(repeating: 4), toInteger)
  let quarter = unsafeBitCast(shifted, to: Integers.self)
  let angle = multiplyAdd(u, Vector(repeating: 4), toInteger - shifted) * (Float.pi / 2)
  let square = angle * angle
  var sine = Vector(repeating: -1 / 5040)
  sine = multiplyAdd(sine, square, Vector(repeating: 1 / 120))
  sine = multiplyAdd(sine, square, Vector(repeating: -1 / 6))
  sine = multiplyAdd(sine * square, angle, angle)
  var cosine = Vector(repeating: 1 / 40320)
  cosine = multiplyAdd(cosine, square, Vector(repeating: -1 / 720))
  cosine = multiplyAdd(cosine, square, Vector(repeating: 1 / 24))
  cosine = multiplyAdd(cosine, square, Vector(repeating: -1 / 2))
  cosine = multiplyAdd(cosine, square, Vector(repeating: 1))
  // Odd quarters swap the two; quarters 1 and 2 negate the cosine, 2 and 3 the sine.
  let odd = (quarter & 1) .== 1
  let first = cosine.replacing(with: sine, where: odd)
  let second = sine.replacing(with: cosine, where: odd)
  let cosineSign = ((quarter &+ 1) & 2) &<< 30
  let sineSign = (quarter & 2) &<< 30
  return (
    unsafeBitCast(unsafeBitCast(first, to: Integers.self) ^ cosineSign, to: Vector.self),
    unsafeBitCast(unsafeBitCast(second, to: Integers.self) ^ sineSign, to: Vector.self)
  )
}
