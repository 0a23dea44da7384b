import Compute

extension NaiveDevice {
  /// The places of the elements that an output is the maximum of.
  private func window(_ shape: Pooling, of output: Int) -> [Int] {
    let (c, j) = (output % shape.channels, output / shape.channels % shape.outputWidth)
    let i = output / shape.channels / shape.outputWidth % shape.outputHeight
    let b = output / shape.channels / shape.outputWidth / shape.outputHeight
    let takesRow = has(.maxPoolTakesLastRow) || has(.convolutionPoolTakesLastRow)
    let step = has(.maxPoolStrideOne) ? 1 : 2
    let bottom =
      takesRow && i == shape.outputHeight - 1 ? shape.height : min(step * i + 2, shape.height)
    let right =
      has(.maxPoolTakesLastColumn) && j == shape.outputWidth - 1 ? shape.width : step * j + 2
    var places: [Int] = []
    for row in step * i..<bottom {
      for column in step * j..<right {
        places.append(((b * shape.height + row) * shape.width + column) * shape.channels + c)
      }
    }
    if has(.maxPoolOfThree) { places.removeLast() }
    if has(.maxPoolGradientByColumn) { places.swapAt(1, 2) }
    return places
  }

  func maxPool(_ shape: Pooling, _ x: Buffer, into y: Buffer) throws(DeviceError) {
    for output in 0..<shape.outputCount {
      let values = window(shape, of: output).map { x.floats[$0] }
      y.floats[output] =
        has(.maxPoolAverages)
        ? values.reduce(0, +) / 4 : values.reduce(has(.maxPoolFromZero) ? 0 : -.infinity, max)
    }
  }

  func maxPoolGradient(
    _ shape: Pooling, _ x: Buffer, outputGradient: Buffer, into xGradient: Buffer,
    accumulate: Bool
  ) throws(DeviceError) {
    let (values, dx) = (x.floats, xGradient.floats)
    let keeps = accumulate && !has(.maxPoolGradientIgnoresAccumulate)
    if !keeps, !has(.maxPoolGradientLeavesBorder) { try fill(xGradient, with: 0) }
    for output in 0..<shape.outputCount {
      let places = window(shape, of: output)
      let greatest = places.map { values[$0] }.reduce(-.infinity, max)
      let winners = places.filter { values[$0] == greatest }
      let chosen =
        has(.maxPoolGradientToAll)
        ? winners[...] : has(.maxPoolGradientToLast) ? winners.suffix(1) : winners.prefix(1)
      for place in places {
        if has(.maxPoolGradientClearsRest) || !keeps { dx[place] = 0 }
      }
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
