import Foundation

/// Where the values of an axis lie in a drawing.
struct Scale: Sendable {
  let range: ClosedRange<Double>
  let isLogarithmic: Bool
  /// The coordinates of the range's bounds.
  let from: Double
  let to: Double

  /// Spans the axis's range, or otherwise the values with a small margin.
  init(_ axis: Chart.Axis, values: [Double], from: Double, to: Double) {
    let isLogarithmic = axis.isLogarithmic
    self.isLogarithmic = isLogarithmic
    self.from = from
    self.to = to
    if let range = axis.range, Scale.canDraw(range.lowerBound, isLogarithmic),
      Scale.canDraw(range.upperBound, isLogarithmic),
      range.upperBound - range.lowerBound > Scale.least
    {
      self.range = range
      return
    }
    let values = values.filter { Scale.canDraw($0, isLogarithmic) }
    guard let least = values.min(), let most = values.max() else {
      range = isLogarithmic ? 1...10 : 0...1
      return
    }
    if isLogarithmic {
      let factor = most > least ? pow(most / least, 0.03) : 2
      range = least / factor...most * factor
    } else {
      // One value, or several that only rounding tells apart, get an axis around them.
      let span = most - least
      let isFlat = span <= max(abs(most) * 1e-9, Scale.least)
      let pad = isFlat ? (abs(most) <= Scale.least ? 0.5 : abs(most) * 0.05) : span * 0.04
      range = least - pad...most + pad
    }
  }

  /// The smallest span that an axis can have.
  private static let least = 1e-90

  /// Whether arithmetic with a value in the axis's range can neither overflow nor underflow.
  private static func canDraw(_ value: Double, _ isLogarithmic: Bool) -> Bool {
    abs(value) < 1e90 && (!isLogarithmic || value > least)
  }

  /// The coordinate of a value; nil if it has none.
  func callAsFunction(_ value: Double) -> Double? {
    guard Scale.canDraw(value, isLogarithmic) else { return nil }
    var (value, low, high) = (value, range.lowerBound, range.upperBound)
    if isLogarithmic { (value, low, high) = (log10(value), log10(low), log10(high)) }
    // Far outside is as good as just outside: the frame clips it.
    let part = min(max((value - low) / (high - low), -10), 10)
    return from + part * (to - from)
  }

  /// The marks of the axis.
  func ticks(count: Int) -> Ticks {
    isLogarithmic ? Ticks(logarithmicIn: range) : Ticks(in: range, count: count)
  }
}
