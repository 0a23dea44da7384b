import Compute

extension Tensor {
  /// The same elements with another shape: the buffer is shared.
  /// - Throws: `DeviceError` when the device fails.
  public func reshaped(_ shape: Shape) throws(DeviceError) -> Tensor {
    stopUnless(
      shape.count == self.shape.count, "\(self.shape) has not as many elements as \(shape)")
    let y = Tensor(shape, holding: buffer, from: [self])
    Tape.record(y) { [device] (dy) throws(DeviceError) in
      try self.addGradient { (gradient, accumulate) throws(DeviceError) in
        try device.scaledAdd(1, dy, accumulate ? 1 : 0, into: gradient)
      }
    }
    return y
  }

  /// The dimensions in another order: dimension k of the result is dimension `axes[k]`.
  /// - Throws: `DeviceError` when the device fails.
  public func permuted(_ axes: [Int]) throws(DeviceError) -> Tensor {
    let axes = axes.map(shape.axis)
    let y = try Tensor(Shape(axes.map { shape.extents[$0] }), from: [self])
    try device.permute(buffer, shape, axes: axes, into: y.buffer)
    Tape.record(y) { [device] (dy) throws(DeviceError) in
      let back = axes.indices.map { axis in axes.firstIndex(of: axis)! }
      try self.addGradient { (gradient, accumulate) throws(DeviceError) in
        try device.permute(dy, y.shape, axes: back, into: gradient, accumulate: accumulate)
      }
    }
    return y
  }

  /// The last two dimensions swapped.
  /// - Throws: `DeviceError` when the device fails.
  public func transposed() throws(DeviceError) -> Tensor {
    stopUnless(shape.rank >= 2, "\(shape) is no matrix")
    var axes = Array(0..<shape.rank)
    axes.swapAt(shape.rank - 1, shape.rank - 2)
    return try permuted(axes)
  }

  /// A slice along a dimension: every element of `range`, or every `step`-th.
  /// - Throws: `DeviceError` when the device fails.
  public func sliced(_ axis: Int, _ range: Range<Int>, by step: Int = 1) throws(DeviceError)
    -> Tensor
  {
    let axis = shape.axis(axis)
    stopUnless(step > 0, "a slice can't go by a step of \(step)")
    stopUnless(
      !range.isEmpty && range.lowerBound >= 0 && range.upperBound <= shape[axis],
      "\(range) is no part of dimension \(axis) of \(shape)")
    var layout = Layout(offset: range.lowerBound * shape.strides[axis], strides: shape.strides)
    layout.strides[axis] *= step
    return try moved(shape.replacing(axis, with: (range.count + step - 1) / step), layout)
  }

  /// The elements along a dimension in reverse order.
  /// - Throws: `DeviceError` when the device fails.
  public func flipped(_ axis: Int) throws(DeviceError) -> Tensor {
    let axis = shape.axis(axis)
    var layout = Layout(shape)
    layout.offset = (shape[axis] - 1) * layout.strides[axis]
    layout.strides[axis] *= -1
    return try moved(shape, layout)
  }

  /// Broadcast to a shape.
  /// - Throws: `DeviceError` when the device fails.
  public func broadcast(to shape: Shape) throws(DeviceError) -> Tensor {
    let y = try Tensor(shape, from: [self])
    try device.broadcast(buffer, self.shape, into: y.buffer, shape)
    Tape.record(y) { [device] (dy) throws(DeviceError) in
      try self.addGradient(Intermediate(dy, shape, on: device))
    }
    return y
  }

  /// Repeated `count` times along a dimension.
  /// - Throws: `DeviceError` when the device fails.
  public func repeated(_ axis: Int, count: Int) throws(DeviceError) -> Tensor {
    stopUnless(count > 0, "\(count) repetitions are none")
    let axis = shape.axis(axis)
    let inner = shape.extents[axis...].reduce(1, *)
    let blocks = Shape([shape.count / inner, count, inner])
    let y = try Tensor(shape.replacing(axis, with: count * shape[axis]), from: [self])
    try device.broadcast(buffer, [blocks[0], 1, inner], into: y.buffer, blocks)
    Tape.record(y) { [device] (dy) throws(DeviceError) in
      try self.addGradient { (gradient, accumulate) throws(DeviceError) in
        try device.reduce(
          .sum, dy, blocks, axes: [1], accumulate: accumulate, into: gradient)
      }
    }
    return y
  }

  /// Padded with zeros: for each dimension, the number before and after.
  /// - Throws: `DeviceError` when the device fails.
  public func padded(_ margins: [(before: Int, after: Int)]) throws(DeviceError) -> Tensor {
    stopUnless(
      margins.count == shape.rank && margins.allSatisfy { $0.before >= 0 && $0.after >= 0 },
      "margins of \(margins) do not fit \(shape)")
    let extents = Swift.zip(shape.extents, margins).map { $0 + $1.before + $1.after }
    let y = try Tensor(Shape(extents), from: [self])
    let strides = y.shape.strides
    let place = Layout(
      offset: Swift.zip(strides, margins).reduce(0) { $0 + $1.0 * $1.1.before }, strides: strides)
    try device.fill(y.buffer, with: 0)
    try device.stridedCopy(shape, buffer, from: Layout(shape), into: y.buffer, at: place)
    Tape.record(y) { [device, shape] (dy) throws(DeviceError) in
      try self.addGradient { (gradient, accumulate) throws(DeviceError) in
        try device.stridedCopy(
          shape, dy, from: place, into: gradient, at: Layout(shape), accumulate: accumulate)
      }
    }
    return y
  }

  /// Tensors concatenated along a dimension; their other dimensions are equal.
  /// - Throws: `DeviceError` when the device fails.
  public static func concatenated(_ tensors: [Tensor], _ axis: Int) throws(DeviceError) -> Tensor {
    stopUnless(!tensors.isEmpty, "nothing to concatenate")
    let first = tensors[0].shape
    let axis = first.axis(axis)
    for tensor in tensors {
      stopUnless(
        tensor.shape.rank == first.rank
          && tensor.shape.replacing(axis, with: first[axis]) == first,
        "\(tensor.shape) does not continue \(first) along dimension \(axis)")
    }
    let extent = tensors.reduce(0) { $0 + $1.shape[axis] }
    let y = try Tensor(first.replacing(axis, with: extent), from: tensors)
    let strides = y.shape.strides
    var places: [Layout] = []
    for tensor in tensors {
      let start = places.last.map { $0.offset } ?? 0
      let before = places.isEmpty ? 0 : tensors[places.count - 1].shape[axis] * strides[axis]
      places.append(Layout(offset: start + before, strides: strides))
      try tensor.device.stridedCopy(
        tensor.shape, tensor.buffer, from: Layout(tensor.shape), into: y.buffer,
        at: places[places.count - 1])
    }
    Tape.record(y) { (dy) throws(DeviceError) in
      for (tensor, place) in Swift.zip(tensors, places) {
        try tensor.addGradient { (gradient, accumulate) throws(DeviceError) in
          try tensor.device.stridedCopy(
            tensor.shape, dy, from: place, into: gradient, at: Layout(tensor.shape),
            accumulate: accumulate)
        }
      }
    }
    return y
  }

  /// The rows of this table at `indices` (`int32`): the vectors of an embedding. An index out of range
  /// gives NaN, and passes no gradient back.
  ///
  /// - Returns: indices × columns.
  /// - Throws: `DeviceError` when the device fails.
  public func rows(at indices: Buffer) throws(DeviceError) -> Tensor {
    let gather = Gather(width: shape.columns, scale: 1)
    let y = try Tensor(Rows(indices.count, shape.columns), from: [self])
    try device.gather(gather, buffer, at: indices, into: y.buffer)
    Tape.record(y) { [device] (dy) throws(DeviceError) in
      try self.addGradient { (gradient, accumulate) throws(DeviceError) in
        try device.gatherGradient(
          gather, at: indices, outputGradient: dy, into: gradient, accumulate: accumulate)
      }
    }
    return y
  }

  /// The elements that a layout visits, each at most once.
  private func moved(_ shape: Shape, _ layout: Layout) throws(DeviceError) -> Tensor {
    let y = try Tensor(shape, from: [self])
    try device.stridedCopy(shape, buffer, from: layout, into: y.buffer, at: Layout(shape))
    Tape.record(y) { [device] (dy) throws(DeviceError) in
      try self.addGradient { (gradient, accumulate) throws(DeviceError) in
        if !accumulate { try device.fill(gradient, with: 0) }
        let whole = Intermediate(dy, shape, on: device)
        try whole.add(to: gradient, at: layout)
      }
    }
    return y
  }
}

extension Intermediate {
  /// Adds each element at its position in a layout, in any direction.
  fileprivate func add(to result: Buffer, at layout: Layout) throws(DeviceError) {
    // Written forwards, read in the direction of the layout.
    var (source, target) = (Layout(shape), layout)
    for axis in 0..<shape.rank where layout.strides[axis] < 0 {
      let last = shape.extents[axis] - 1
      source.offset += last * source.strides[axis]
      source.strides[axis] *= -1
      target.offset += last * target.strides[axis]
      target.strides[axis] *= -1
    }
    try device.stridedCopy(
      shape, buffer, from: source, into: result, at: target, accumulate: true)
  }
}
