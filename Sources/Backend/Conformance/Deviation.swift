/// The errors of the results of one case.
public struct Deviation: Sendable, Hashable {
  /// The greatest error in units of its tolerance: at most 1 passes, infinity is beyond measure (a NaN, a
  /// wrong integer, a byte outside the destination).
  public private(set) var worst: Double = 0
  /// The greatest error among the finite results: absolute where the terms are below 1, relative
  /// to them above.
  public private(set) var worstError: Double = 0
  /// The first thing that was wrong, in one line.
  public private(set) var fault: String?

  /// No deviation.
  public init() {}

  /// Whether every result is within its tolerance.
  public var passed: Bool { worst <= 1 }

  /// Records a single result.
  mutating func record(
    _ actual: Float, expected: Measured, within tolerance: Tolerance,
    _ place: @autoclosure () -> String
  ) {
    let bound = tolerance.bound(scale: expected.scale)
    let error = abs(Double(actual) - expected.value)
    let ratio: Double
    if expected.value.isNaN {
      ratio = actual.isNaN ? 0 : .infinity
    } else if abs(expected.value) > Double(Float.greatestFiniteMagnitude) {
      ratio = actual == Float(expected.value) ? 0 : .infinity
    } else if actual.isFinite {
      worstError = max(worstError, error / max(1, expected.scale))
      ratio = error / bound
    } else {
      ratio = .infinity
    }
    if ratio > 1, fault == nil { fault = "\(place()) is \(actual), not \(Float(expected.value))" }
    worst = max(worst, ratio)
  }

  /// Records something wrong beyond measure.
  mutating func record(fault text: String) {
    worst = .infinity
    if fault == nil { fault = text }
  }
}
