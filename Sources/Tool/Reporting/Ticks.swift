import Foundation

/// The marks of an axis: round numbers within a range, with their labels.
struct Ticks: Sendable, Equatable {
  let values: [Double]
  let labels: [String]

  private init(values: [Double], labels: [String]) {
    self.values = values
    self.labels = labels
  }

  /// Marks at multiples of 1, 2 or 5 times a power of ten.
  /// - Parameters:
  ///   - range: finite and not empty.
  ///   - count: the approximate number of marks; there may be half or twice as many.
  init(in range: ClosedRange<Double>, count: Int) {
    let span = range.upperBound - range.lowerBound
    guard span > 1e-95, span.isFinite, count > 0 else {
      values = [range.lowerBound]
      labels = [Ticks.label(range.lowerBound, step: abs(range.lowerBound))]
      return
    }
    let step = Ticks.niceStep(span / Double(count))
    // A mark that rounding moved just outside belongs to the range.
    let first = (range.lowerBound / step - 1e-6).rounded(.up)
    let last = (range.upperBound / step + 1e-6).rounded(.down)
    // So far from zero that the steps vanish in rounding: use the bounds.
    guard last >= first, last - first < 1000, abs(first) < 1e12, abs(last) < 1e12 else {
      values = [range.lowerBound, range.upperBound]
      labels = values.map { Ticks.label($0, step: span) }
      return
    }
    // Dividing by 1/step, if that is an integer, gives 0.3, not 0.30000000000000004.
    let inverse = (1 / step).rounded()
    values = (0...Int(last - first)).map {
      let multiple = first + Double($0)
      return step < 1 ? multiple / inverse : multiple * step
    }
    labels = values.map { Ticks.label($0, step: step) }
  }

  /// Marks at powers of ten, and at 2 and 5 times those where there are few.
  /// - Parameter range: finite, above zero.
  init(logarithmicIn range: ClosedRange<Double>) {
    let first = Int(log10(range.lowerBound).rounded(.down))
    let last = Int(log10(range.upperBound).rounded(.up))
    let factors: [Double] = last - first <= 3 ? [1, 2, 5] : [1]
    let stride = max(1, (last - first + 7) / 8)
    var values: [Double] = []
    for power in Swift.stride(from: first, through: last, by: stride) {
      for factor in factors {
        let value = factor * pow(10, Double(power))
        let isInside =
          value >= range.lowerBound * (1 - 1e-9) && value <= range.upperBound * (1 + 1e-9)
        if isInside { values.append(value) }
      }
    }
    guard values.count > 1 else {
      self = Ticks(in: range, count: 4)
      return
    }
    self = Ticks(values: values, labels: values.map { Ticks.label($0, step: $0) })
  }

  /// The smallest of 1, 2 and 5 times a power of ten that is at least `step`.
  static func niceStep(_ step: Double) -> Double {
    let power = pow(10, log10(step).rounded(.down))
    let factor = step / power
    return (factor <= 1 + 1e-9 ? 1 : factor <= 2 + 1e-9 ? 2 : factor <= 5 + 1e-9 ? 5 : 10) * power
  }

  /// A number with as many decimals as the step needs: `0.25`, `10,000`, `2e-7`.
  static func label(_ value: Double, step: Double) -> String {
    let magnitude = max(abs(value), step)
    guard magnitude > 0 else { return "0" }
    if value != 0, magnitude >= 1e7 || step < 1e-6 { return String(format: "%g", value) }
    let decimals = step > 0 ? max(0, Int((-log10(step) - 1e-9).rounded(.up))) : 0
    return minus(grouped(fixed(value, decimals: min(decimals, 7))))
  }
}

/// The number with a true minus sign instead of a hyphen.
func minus(_ number: String) -> String {
  number.first == "-" ? "−" + number.dropFirst() : number
}
