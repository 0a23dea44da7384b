import Foundation

/// Where the values of an axis lie in a drawing.
struct Scale: Sendable {
  let range: ClosedRange<Double>
  let isLogarithmic: Bool
  /// The coordinates of the range's bounds.
  let from: Double
  let to: Double

  /// Spans an axis' range, or else the values and a little more.
  init(_ axis: Chart.Axis, values: [Double], from: Double, to: Double) {
    let isLogarithmic = axis.isLogarithmic
    self.isLogarithmic = isLogarithmic
    self.from = from
    self.to = to
    if let range = axis.range, range.upperBound > range.lowerBound, range.lowerBound.isFinite,
      range.upperBound.isFinite, !isLogarithmic || range.lowerBound > 0
    {
      self.range = range
      return
    }
    let values = values.filter { $0.isFinite && (!isLogarithmic || $0 > 0) }
    guard let least = values.min(), let most = values.max() else {
      range = isLogarithmic ? 1...10 : 0...1
      return
    }
    if isLogarithmic {
      let factor = most > least ? pow(most / least, 0.03) : 2
      range = least / factor...most * factor
    } else {
      // A span too small for its values (one value, or rounding) would have no ticks.
      let span = most - least
      let isFlat = !(span > abs(most) * 1e-9)
      let pad = isFlat ? (most == 0 ? 0.5 : abs(most) * 0.05) : span * 0.04
      let bounds = (least - pad, most + pad)
      range =
        bounds.0.isFinite && bounds.1.isFinite && (bounds.1 - bounds.0).isFinite
        ? bounds.0...bounds.1 : 0...1
    }
  }

  /// The coordinate of a value; nil for what has none.
  func callAsFunction(_ value: Double) -> Double? {
    guard value.isFinite else { return nil }
    var (value, low, high) = (value, range.lowerBound, range.upperBound)
    if isLogarithmic {
      guard value > 0 else { return nil }
      (value, low, high) = (log10(value), log10(low), log10(high))
    }
    // Far outside is as good as just outside: the frame cuts it off.
    let part = min(max((value - low) / (high - low), -10), 10)
    return from + part * (to - from)
  }

  /// The marks of the axis.
  func ticks(count: Int) -> Ticks {
    isLogarithmic ? Ticks(logarithmicIn: range) : Ticks(in: range, count: count)
  }
}
