import Compute

extension NaiveDevice {
  /// The places of the elements that an output is the maximum of.
  private func window(_ shape: Pooling, of output: Int) -> [Int] {
    let (c, j) = (output % shape.channels, output / shape.channels % shape.outputWidth)
    let i = output / shape.channels / shape.outputWidth % shape.outputHeight
    let b = output / shape.channels / shape.outputWidth / shape.outputHeight
    let takesRow = has(.maxPoolTakesLastRow) || has(.convolutionPoolTakesLastRow)
    func range(_ window: Window, _ index: Int, _ extent: Int, isLast: Bool) -> Range<Int> {
      let start = (has(.maxPoolStrideOne) ? 1 : window.stride) * index - window.before
      let end = isLast ? extent : min(start + window.size, extent)
      let first = has(.poolMovesOverEdge) ? max(0, -start) : max(0, start)
      return min(first, end)..<end
    }
    let rows = range(
      shape.rows, i, shape.height, isLast: takesRow && i == shape.outputHeight - 1)
    let columns = range(
      shape.columns, j, shape.width,
      isLast: has(.maxPoolTakesLastColumn) && j == shape.outputWidth - 1)
    var places: [Int] = []
    for row in rows {
      for column in columns {
        places.append(((b * shape.height + row) * shape.width + column) * shape.channels + c)
      }
    }
    if has(.maxPoolOfThree) { _ = places.popLast() }
    if has(.maxPoolGradientByColumn), places.count > 2 { places.swapAt(1, 2) }
    return places
  }

  func pool(_ shape: Pooling, _ x: Buffer, into y: Buffer) throws(DeviceError) {
    for output in 0..<shape.outputCount {
      let values = window(shape, of: output).map { x.floats[$0] }
      let count = has(.averageCountsMargin) ? shape.rows.size * shape.columns.size : values.count
      y.floats[output] =
        shape.function == .average || has(.maxPoolAverages)
        ? values.reduce(0, +) / Float(count)
        : values.first { $0.isNaN && !has(.poolDropsNaN) }
          ?? values.reduce(has(.maxPoolFromZero) ? 0 : -.infinity, max)
    }
  }

  func poolGradient(
    _ shape: Pooling, _ x: Buffer, outputGradient: Buffer, into xGradient: Buffer,
    accumulate: Bool
  ) throws(DeviceError) {
    let (values, dx) = (x.floats, xGradient.floats)
    let keeps = accumulate && !has(.maxPoolGradientIgnoresAccumulate)
    if !keeps {
      // The border is what no window covers.
      let kept = has(.maxPoolGradientLeavesBorder)
      let covered = kept ? Set((0..<shape.outputCount).flatMap { window(shape, of: $0) }) : []
      for i in 0..<shape.inputCount where !kept || covered.contains(i) { dx[i] = 0 }
    }
    for output in 0..<shape.outputCount {
      let places = window(shape, of: output)
      if shape.function == .average {
        for place in places {
          dx[place] +=
            outputGradient.floats[output] / (has(.averageGradientWhole) ? 1 : Float(places.count))
        }
        continue
      }
      let greatest = places.map { values[$0] }.reduce(-.infinity, max)
      let winners = places.filter { values[$0] == greatest }
      let chosen =
        has(.maxPoolGradientToAll)
        ? winners[...] : has(.maxPoolGradientToLast) ? winners.suffix(1) : winners.prefix(1)
      for place in places where has(.maxPoolGradientClearsRest) { dx[place] = 0 }
      for place in chosen { dx[place] += outputGradient.floats[output] }
    }
  }

  func dropout(_ rate: Float, _ stream: RandomStream, _ x: Buffer, into y: Buffer)
    throws(DeviceError)
  {
    let uniform = try makeBuffer(count: y.count + 1, type: .float32)
    try random(.uniform, stream, into: uniform)
    for i in 0..<y.count {
      let u = uniform.floats[has(.dropoutMaskShifted) ? i + 1 : i]
      var drops = has(.dropoutDropsEqual) ? u <= rate : u < rate
      if has(.dropoutInverted) { drops.toggle() }
      if has(.dropoutTailKept), i >= y.count / 4 * 4 { drops = false }
      let factor: Float =
        has(.dropoutNoScale) ? 1 : 1 / (has(.dropoutScalesByRate) ? rate : 1 - rate)
      y.floats[i] = drops ? 0 : x.floats[i] * factor
    }
  }
}
