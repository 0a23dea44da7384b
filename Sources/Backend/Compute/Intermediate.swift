/// An intermediate result of a composition, or of a gradient: a buffer, its shape, and its device. Each
/// function returns a new one.
package struct Intermediate {
  package let device: any Device
  package let buffer: Buffer
  package let shape: Shape

  package init(_ buffer: Buffer, _ shape: Shape, on device: any Device) {
    self.device = device
    self.buffer = buffer
    self.shape = shape
  }

  package init(_ buffer: Buffer, _ rows: Rows, on device: any Device) {
    self.init(buffer, Shape(rows), on: device)
  }

  /// One number.
  package init(_ number: Float, on device: any Device) throws(DeviceError) {
    self.init(try device.makeBuffer([number]), [], on: device)
  }

  /// A new one that `body` fills.
  private func made(
    _ shape: Shape, _ type: ElementType = .float32,
    _ body: (_ result: Buffer) throws(DeviceError) -> Void
  ) throws(DeviceError) -> Intermediate {
    let result = try device.makeBuffer(count: shape.count, type: type)
    try body(result)
    return Intermediate(result, shape, on: device)
  }

  /// `f(x)`.
  package func map(_ function: UnaryFunction) throws(DeviceError) -> Intermediate {
    try made(shape) { result throws(DeviceError) in
      try device.map(function, buffer, into: result)
    }
  }

  /// `f(x, other)`, with broadcasting.
  package func zip(_ function: BinaryFunction, _ other: Intermediate) throws(DeviceError)
    -> Intermediate
  {
    try made(shape.broadcast(with: other.shape)) { result throws(DeviceError) in
      try device.zip(function, buffer, shape, other.buffer, other.shape, into: result)
    }
  }

  /// `f(x, number)`.
  package func zip(_ function: BinaryFunction, _ number: Float) throws(DeviceError) -> Intermediate
  {
    try zip(function, try Intermediate(number, on: device))
  }

  /// `−x`.
  package func negated() throws(DeviceError) -> Intermediate { try zip(.multiply, -1) }

  /// `x ≠ 0 ? a : b`, with broadcasting.
  package func select(_ a: Intermediate, _ b: Intermediate) throws(DeviceError) -> Intermediate {
    let whole = shape.broadcast(with: a.shape).broadcast(with: b.shape)
    let (c, a, b) = (try repeated(whole), try a.repeated(whole), try b.repeated(whole))
    return try made(whole) { result throws(DeviceError) in
      try device.select(c.buffer, a.buffer, b.buffer, into: result)
    }
  }

  /// The sum, maximum or minimum along a dimension, which is kept with size 1.
  package func reduced(_ function: Reduction.Function, axis: Int) throws(DeviceError)
    -> Intermediate
  {
    try made(shape.replacing(axis, with: 1)) { result throws(DeviceError) in
      try device.reduce(function, buffer, shape, axes: [axis], into: result)
    }
  }

  /// Broadcast to `whole`; int32 too.
  package func repeated(_ whole: Shape) throws(DeviceError) -> Intermediate {
    if shape.count == whole.count { return reshaped(whole) }
    return try made(whole, buffer.elementType) { result throws(DeviceError) in
      try device.broadcast(buffer, shape, into: result, whole)
    }
  }

  /// Some columns of a matrix.
  package func columns(_ range: Range<Int>) throws(DeviceError) -> Intermediate {
    let part = shape.replacing(-1, with: range.count)
    return try made(part, buffer.elementType) { result throws(DeviceError) in
      try device.stridedCopy(
        part, buffer, from: Layout(offset: range.lowerBound, strides: shape.strides), into: result,
        at: Layout(part))
    }
  }

  /// The same elements with another shape.
  package func reshaped(_ shape: Shape) -> Intermediate { Intermediate(buffer, shape, on: device) }

  /// Ends a composition: writes to its result, or adds to it.
  package func give(to result: Buffer, accumulate: Bool = false) throws(DeviceError) {
    if accumulate {
      try device.zip(.add, result, buffer, into: result)
    } else {
      try device.copy(buffer, to: result)
    }
  }

  /// Ends a composition: writes some columns of its result, a matrix, or adds to them.
  package func give(
    toColumn first: Int, of columns: Int, _ result: Buffer, accumulate: Bool = false
  )
    throws(DeviceError)
  {
    try device.stridedCopy(
      shape, buffer, from: Layout(shape), into: result,
      at: Layout(offset: first, strides: [columns, 1]), accumulate: accumulate)
  }
}
