/// The source rows, or columns, that contribute to each of a target, with their weights.
///
/// The weights are integers: positions are counted in a unit in which all of them are integers.
struct ResamplingAxis {
  /// The number of positions of the target.
  let count: Int
  /// The sum of the weights of one position.
  let denominator: Int
  /// The first position of the source for each of the target.
  private var first: [Int] = []
  /// The start of each position's weights, and the end of the last one's.
  private var starts = [0]
  private var weights: [Float] = []

  /// Resamples `extent` positions to `count`.
  ///
  /// - Parameter scale: How many positions of the source map to how many of the target, unless all do; then
  ///   those in the middle.
  init(_ extent: Int, to count: Int, scale: (source: Int, target: Int)? = nil) {
    self.count = count
    let scale = scale ?? (extent, count)
    // The size of a position of the source and of one of the target, and the start of the target's first.
    // Doubled, so that halves are integers.
    var (unit, step) = (2 * scale.target, 2 * scale.source)
    var offset = (extent * unit - count * step) / 2
    let divisor = greatestDivisor(greatestDivisor(unit, step), abs(offset))
    (unit, step, offset) = (unit / divisor, step / divisor, offset / divisor)
    denominator = step >= unit ? step : 2 * unit
    for index in 0..<count {
      if step >= unit {
        addArea(from: offset + index * step, step, unit)
      } else {
        addNeighbours(of: 2 * (offset + index * step) + step - unit, 2 * unit, extent)
      }
      starts.append(weights.count)
    }
  }

  /// Passes on the first position of the source and the weights from there on.
  @inline(__always)
  func withTaps(_ index: Int, _ body: (_ first: Int, UnsafeBufferPointer<Float>) -> Void) {
    weights.withUnsafeBufferPointer {
      body(first[index], UnsafeBufferPointer(rebasing: $0[starts[index]..<starts[index + 1]]))
    }
  }

  /// Shrinking: how much of each position lies between `start` and `start + step`.
  private mutating func addArea(from start: Int, _ step: Int, _ unit: Int) {
    first.append(start / unit)
    for position in start / unit...(start + step - 1) / unit {
      let covered = min((position + 1) * unit, start + step) - max(position * unit, start)
      weights.append(Float(covered))
    }
  }

  /// Enlarging: the two positions on either side of a centre, with the edges repeated.
  private mutating func addNeighbours(of centre: Int, _ unit: Int, _ extent: Int) {
    guard centre > 0, centre < (extent - 1) * unit else {
      first.append(centre > 0 ? extent - 1 : 0)
      weights.append(Float(unit))
      return
    }
    let (position, remainder) = centre.quotientAndRemainder(dividingBy: unit)
    first.append(position)
    weights += remainder == 0 ? [Float(unit)] : [Float(unit - remainder), Float(remainder)]
  }
}

private func greatestDivisor(_ one: Int, _ other: Int) -> Int {
  other == 0 ? one : greatestDivisor(other, one % other)
}
