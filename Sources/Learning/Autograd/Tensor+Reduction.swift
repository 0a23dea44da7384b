import Compute

extension Tensor {
  /// The sum over some dimensions, by default over all.
  ///
  /// - Parameters:
  ///   - axes: Their indices, from the end if negative.
  ///   - keepingDimensions: Keep them, with size 1.
  /// - Throws: `DeviceError` when the device fails.
  public func sum(_ axes: [Int]? = nil, keepingDimensions: Bool = false) throws(DeviceError)
    -> Tensor
  {
    try total(axes, scale: 1, keepingDimensions)
  }

  /// The mean over some dimensions; see ``sum(_:keepingDimensions:)``.
  /// - Throws: `DeviceError` when the device fails.
  public func mean(_ axes: [Int]? = nil, keepingDimensions: Bool = false) throws(DeviceError)
    -> Tensor
  {
    let count = (axes ?? Array(0..<shape.rank)).reduce(1) { $0 * shape[$1] }
    return try total(axes, scale: 1 / Float(count), keepingDimensions)
  }

  /// The mean squared deviation from the mean; see ``sum(_:keepingDimensions:)``.
  /// - Throws: `DeviceError` when the device fails.
  public func variance(_ axes: [Int]? = nil, keepingDimensions: Bool = false) throws(DeviceError)
    -> Tensor
  {
    try (self - mean(axes, keepingDimensions: true)).map(.square)
      .mean(axes, keepingDimensions: keepingDimensions)
  }

  /// The maximum over some dimensions; equal elements share the gradient. See
  /// ``sum(_:keepingDimensions:)``.
  /// - Throws: `DeviceError` when the device fails.
  public func maximum(_ axes: [Int]? = nil, keepingDimensions: Bool = false) throws(DeviceError)
    -> Tensor
  {
    try extreme(.maximum, axes, keepingDimensions)
  }

  /// The minimum over some dimensions; equal elements share the gradient. See
  /// ``sum(_:keepingDimensions:)``.
  /// - Throws: `DeviceError` when the device fails.
  public func minimum(_ axes: [Int]? = nil, keepingDimensions: Bool = false) throws(DeviceError)
    -> Tensor
  {
    try extreme(.minimum, axes, keepingDimensions)
  }

  /// The index of the maximum along a dimension, the first of equal ones: `int32`, one for each
  /// index of the other dimensions. A NaN counts as greatest.
  /// - Throws: `DeviceError` when the device fails.
  public func argmax(_ axis: Int) throws(DeviceError) -> Buffer {
    let rows = try movedToEnd(axis)
    let places = try device.makeBuffer(count: rows.shape.rows, type: .int32)
    try device.argmax(rows.shape.matrix, rows.buffer, into: places)
    return places
  }

  /// `log Σ exp(x)` over some dimensions, without overflow; see ``sum(_:keepingDimensions:)``.
  /// - Throws: `DeviceError` when the device fails.
  public func logSumExp(_ axes: [Int]? = nil, keepingDimensions: Bool = false)
    throws(DeviceError) -> Tensor
  {
    // The subtracted constant changes nothing, so no gradient flows into it; an infinite one would give
    // NaN.
    let constant = Tensor(buffer, shape, on: device)
    let greatest = try constant.maximum(axes, keepingDimensions: true)
    let infinite = try greatest.map(.absolute).zip(.equal, Tensor(.infinity, on: device))
    let shift = try infinite.select(Tensor(0, on: device), greatest)
    let result = try (self - shift).map(.exp).sum(axes, keepingDimensions: true).map(.log) + shift
    return keepingDimensions ? result : try result.reshaped(reduced(axes))
  }

  /// `exp(x) / Σ exp(x)` along a dimension, without overflow.
  /// - Throws: `DeviceError` when the device fails.
  public func softmax(_ axis: Int = -1) throws(DeviceError) -> Tensor {
    let axis = shape.axis(axis)
    guard axis == shape.rank - 1 else {
      return try movedToEnd(axis).softmax().movedFromEnd(axis)
    }
    let y = try Tensor(shape, from: [self])
    try device.softmax(shape.matrix, buffer, into: y.buffer)
    Tape.record(y) { [device] (dy) throws(DeviceError) in
      let (dy, y) = (Intermediate(dy, y.shape, on: device), y.intermediate)
      let along = try dy.zip(.multiply, y).reduced(.sum, axis: axis)
      try self.addGradient(try dy.zip(.subtract, along).zip(.multiply, y))
    }
    return y
  }

  /// `x − log Σ exp(x)` along a dimension.
  /// - Throws: `DeviceError` when the device fails.
  public func logSoftmax(_ axis: Int = -1) throws(DeviceError) -> Tensor {
    try self - logSumExp([axis], keepingDimensions: true)
  }
}

extension Tensor {
  /// The shape without some dimensions, or with size 1 there.
  private func reduced(_ axes: [Int]?, keeping: Bool = false) -> Shape {
    let axes = Set((axes ?? Array(0..<shape.rank)).map(shape.axis))
    return Shape(
      shape.extents.indices.compactMap {
        axes.contains($0) ? keeping ? 1 : nil : shape.extents[$0]
      })
  }

  private func total(_ axes: [Int]?, scale: Float, _ keeping: Bool) throws(DeviceError) -> Tensor {
    let y = try Tensor(reduced(axes, keeping: keeping), from: [self])
    try device.reduce(
      .sum, buffer, shape, axes: axes ?? Array(0..<shape.rank), scale: scale, into: y.buffer)
    let isUsedUp = tape != nil && tape === Tape.current
    Tape.recordRows(y) { [device, shape] (gradient) throws(DeviceError) in
      guard case .each(let dy) = gradient else {
        return try self.addGradient(ofAll: scale * gradient.number, isUsedUp: isUsedUp)
      }
      if scale != 1 { try device.scaledAdd(scale, dy, 0, into: dy) }
      let kept = self.reduced(axes, keeping: true)
      try self.addGradient { (gradient, accumulate) throws(DeviceError) in
        try device.stridedCopy(
          shape, dy, from: Layout(strides: kept.strides(fillingIn: shape)), into: gradient,
          at: Layout(shape), accumulate: accumulate)
      }
    }
    return y
  }

  private func extreme(_ function: Reduction.Function, _ axes: [Int]?, _ keeping: Bool)
    throws(DeviceError) -> Tensor
  {
    let y = try Tensor(reduced(axes, keeping: keeping), from: [self])
    let all = axes ?? Array(0..<shape.rank)
    try device.reduce(function, buffer, shape, axes: all, into: y.buffer)
    Tape.record(y) { [device, shape] (dy) throws(DeviceError) in
      let kept = self.reduced(axes, keeping: true)
      let isExtreme = try self.intermediate.zip(.equal, y.intermediate.reshaped(kept))
      let counts = try device.makeBuffer(count: kept.count, type: .float32)
      try device.reduce(.sum, isExtreme.buffer, shape, axes: all, into: counts)
      let share = try Intermediate(dy, kept, on: device)
        .zip(.divide, Intermediate(counts, kept, on: device))
      try self.addGradient(try isExtreme.zip(.multiply, share))
    }
    return y
  }

  private func movedToEnd(_ axis: Int) throws(DeviceError) -> Tensor {
    let axis = shape.axis(axis)
    return try permuted((0..<shape.rank).filter { $0 != axis } + [axis])
  }

  private func movedFromEnd(_ axis: Int) throws(DeviceError) -> Tensor {
    var order = Array(0..<shape.rank - 1)
    order.insert(shape.rank - 1, at: axis)
    return try permuted(order)
  }
}
