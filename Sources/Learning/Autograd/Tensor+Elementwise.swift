import Compute

extension Tensor {
  /// `y = f(x)`, element by element.
  /// - Throws: `DeviceError` when the device fails.
  public func map(_ function: UnaryFunction) throws(DeviceError) -> Tensor {
    let y = try Tensor(shape, from: [self])
    try device.map(function, buffer, into: y.buffer)
    Tape.record(y) { [device] (dy) throws(DeviceError) in
      try self.addGradient { (gradient, accumulate) throws(DeviceError) in
        try device.mapGradient(
          function, at: function.derivesFromInput ? self.buffer : y.buffer, outputGradient: dy,
          into: gradient, accumulate: accumulate)
      }
    }
    return y
  }

  /// `y = f(x, other)`, element by element, with NumPy's broadcasting (``/Compute/Shape/broadcast(with:)``).
  /// Comparisons pass no gradient back; of two equal numbers the first counts as the maximum or the
  /// minimum.
  /// - Throws: `DeviceError` when the device fails.
  public func zip(_ function: BinaryFunction, _ other: Tensor) throws(DeviceError) -> Tensor {
    let y = try Tensor(shape.broadcast(with: other.shape), from: [self, other])
    try device.zip(function, buffer, shape, other.buffer, other.shape, into: y.buffer)
    Tape.record(y) { [device] (dy) throws(DeviceError) in
      let dy = Intermediate(dy, y.shape, on: device)
      switch function {
      case .add:
        try self.addGradient(dy)
        try other.addGradient(dy)
      case .subtract:
        try self.addGradient(dy)
        if other.requiresGradient { try other.addGradient(try dy.negated()) }
      case .multiply:
        try self.addGradient(.multiply, dy, other.intermediate)
        try other.addGradient(.multiply, dy, self.intermediate)
      case .divide:
        try self.addGradient(.divide, dy, other.intermediate)
        if other.requiresGradient {
          let quotient = try y.intermediate.zip(.divide, other.intermediate)
          try other.addGradient(.multiply, dy, try quotient.negated())
        }
      case .maximum, .minimum:
        let isFirst =
          function == .maximum
          ? try self.intermediate.zip(.greaterOrEqual, other.intermediate)
          : try other.intermediate.zip(.greaterOrEqual, self.intermediate)
        let zero = try Intermediate(0, on: device)
        if self.requiresGradient { try self.addGradient(try isFirst.select(dy, zero)) }
        if other.requiresGradient { try other.addGradient(try isFirst.select(zero, dy)) }
      case .greater, .greaterOrEqual, .equal: break
      }
    }
    return y
  }

  /// `x + other`; see ``zip(_:_:)``.
  /// - Throws: `DeviceError` when the device fails.
  public func adding(_ other: Tensor) throws(DeviceError) -> Tensor { try zip(.add, other) }

  /// `x · other`; see ``zip(_:_:)``.
  /// - Throws: `DeviceError` when the device fails.
  public func multiplied(by other: Tensor) throws(DeviceError) -> Tensor {
    try zip(.multiply, other)
  }

  /// `α·x`.
  /// - Throws: `DeviceError` when the device fails.
  public func scaled(by factor: Float) throws(DeviceError) -> Tensor {
    let y = try Tensor(shape, from: [self])
    try device.scaledAdd(factor, buffer, 0, into: y.buffer)
    Tape.record(y) { [device] (dy) throws(DeviceError) in
      try self.addGradient { (gradient, accumulate) throws(DeviceError) in
        try device.scaledAdd(factor, dy, accumulate ? 1 : 0, into: gradient)
      }
    }
    return y
  }

  /// `x ≠ 0 ? a : b`, element by element, with broadcasting. No gradient flows into x.
  /// - Throws: `DeviceError` when the device fails.
  public func select(_ a: Tensor, _ b: Tensor) throws(DeviceError) -> Tensor {
    let condition = intermediate
    let chosen = try condition.select(a.intermediate, b.intermediate)
    let y = Tensor(chosen.shape, holding: chosen.buffer, from: [a, b])
    Tape.record(y) { [device] (dy) throws(DeviceError) in
      let (dy, zero) = (
        Intermediate(dy, y.shape, on: device), try Intermediate(0, on: device)
      )
      if a.requiresGradient { try a.addGradient(try condition.select(dy, zero)) }
      if b.requiresGradient { try b.addGradient(try condition.select(zero, dy)) }
    }
    return y
  }

  /// Each element, clamped; beyond a limit it passes no gradient back.
  /// - Throws: `DeviceError` when the device fails.
  public func clamped(to limits: ClosedRange<Float>) throws(DeviceError) -> Tensor {
    let y = try Tensor(shape, from: [self])
    try device.clamp(buffer, limits, into: y.buffer)
    Tape.record(y) { [device] (dy) throws(DeviceError) in
      let isInside = try self.intermediate.zip(.equal, y.intermediate)
      let dy = Intermediate(dy, y.shape, on: device)
      try self.addGradient(try isInside.select(dy, try Intermediate(0, on: device)))
    }
    return y
  }

  /// `x + other`; see ``zip(_:_:)``.
  public static func + (x: Tensor, other: Tensor) throws(DeviceError) -> Tensor {
    try x.zip(.add, other)
  }
  /// `x − other`; see ``zip(_:_:)``.
  public static func - (x: Tensor, other: Tensor) throws(DeviceError) -> Tensor {
    try x.zip(.subtract, other)
  }
  /// `x · other`, element by element; see ``zip(_:_:)``.
  public static func * (x: Tensor, other: Tensor) throws(DeviceError) -> Tensor {
    try x.zip(.multiply, other)
  }
  /// `x / other`; see ``zip(_:_:)``.
  public static func / (x: Tensor, other: Tensor) throws(DeviceError) -> Tensor {
    try x.zip(.divide, other)
  }
  /// `−x`.
  public static prefix func - (x: Tensor) throws(DeviceError) -> Tensor { try x.scaled(by: -1) }
}

extension Tensor {
  /// Adds a contribution to the gradient, summed over the broadcast dimensions.
  func addGradient(_ contribution: Intermediate) throws(DeviceError) {
    try addGradient { (gradient, accumulate) throws(DeviceError) in
      try contribution.add(to: gradient, shape, accumulate: accumulate)
    }
  }

  /// Adds `f(a, b)` to the gradient, summed over the broadcast dimensions.
  fileprivate func addGradient(_ function: BinaryFunction, _ a: Intermediate, _ b: Intermediate)
    throws(DeviceError)
  {
    try addGradient { (gradient, accumulate) throws(DeviceError) in
      if accumulate || shape != a.shape.broadcast(with: b.shape) {
        try a.zip(function, b).add(to: gradient, shape, accumulate: accumulate)
      } else {
        try device.zip(function, a.buffer, a.shape, b.buffer, b.shape, into: gradient)
      }
    }
  }
}

extension Intermediate {
  /// Writes, or adds, to a gradient of this shape, or of a smaller one that broadcasts to it.
  fileprivate func add(to gradient: Buffer, _ target: Shape, accumulate: Bool) throws(DeviceError) {
    let lacking = shape.rank - target.rank
    let repeated = (0..<shape.rank).filter {
      $0 < lacking || (target.extents[$0 - lacking] == 1 && shape.extents[$0] > 1)
    }
    try device.reduce(
      .sum, buffer, shape, axes: repeated, accumulate: accumulate, into: gradient)
  }
}
