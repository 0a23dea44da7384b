/// See ``Device/map(_:_:into:)``.
public struct MapOperation: DeviceOperation {
  public static let name = "map"
  /// f.
  public let function: UnaryFunction
  /// The arguments.
  public let x: Buffer
  /// The values, as many.
  public let y: Buffer

  public var results: [Buffer] { [y] }
  public var cost: Cost { Cost(operations: Double(y.count), [x, y]) }
  public var detail: String { function.rawValue }

  public func check() {
    x.require(y.count, "the input of map")
    y.require(y.count, "the result of map")
  }
}

/// See ``Device/mapGradient(_:at:outputGradient:into:accumulate:)``.
public struct MapGradientOperation: DeviceOperation {
  public static let name = "mapGradient"
  /// f.
  public let function: UnaryFunction
  /// The values of f, or the arguments of a function that ``UnaryFunction/derivesFromInput``.
  public let point: Buffer
  /// dy, the gradient of the values.
  public let outputGradient: Buffer
  /// dx, the gradient of the arguments.
  public let inputGradient: Buffer
  /// Whether dx is added to rather than replaced.
  public let accumulate: Bool

  public var results: [Buffer] { [inputGradient] }
  public var cost: Cost {
    Cost(operations: 2 * Double(point.count), [point, outputGradient, inputGradient])
  }
  public var detail: String { function.rawValue }

  public func check() {
    let count = inputGradient.count
    point.require(count, "the point of a map's gradient")
    outputGradient.require(count, "the output gradient of map")
    inputGradient.require(count, "the input gradient of map")
  }

  /// The derivative by other functions, times the gradient.
  public func compose(on device: any Device) throws(DeviceError) {
    let y = Intermediate(point, [point.count], on: device)
    let dy = Intermediate(outputGradient, [point.count], on: device)
    try gradient(y, dy).give(to: inputGradient, accumulate: accumulate)
  }

  private func gradient(_ y: Intermediate, _ dy: Intermediate) throws(DeviceError) -> Intermediate {
    let zero = try Intermediate(0, on: y.device)
    switch function {
    case .identity: return dy
    case .relu: return try y.zip(.greater, zero).select(dy, zero)
    case .leakyRelu: return try y.zip(.greater, zero).select(dy, dy.zip(.multiply, 0.01))
    case .sigmoid: return try y.zip(.subtract, y.map(.square)).zip(.multiply, dy)
    case .softplus:
      // 1 − exp(−y), without cancellation, is 2t / (1 + t) with t = tanh(y / 2).
      let t = try y.zip(.multiply, 0.5).map(.tanh)
      return try t.zip(.add, t).zip(.divide, t.zip(.add, 1)).zip(.multiply, dy)
    case .exp: return try y.zip(.multiply, dy)
    case .tanh: return try y.map(.square).negated().zip(.add, 1).zip(.multiply, dy)
    case .squareRoot: return try dy.zip(.multiply, 0.5).zip(.divide, y)
    case .reciprocal: return try y.map(.square).negated().zip(.multiply, dy)
    case .log: return try dy.zip(.divide, y)
    case .square: return try y.zip(.add, y).zip(.multiply, dy)
    case .absolute:
      return try y.zip(.greater, zero).select(dy, zero.zip(.greater, y).select(dy.negated(), zero))
    case .gelu:
      // The cumulative distribution function is gelu(y) / y.
      let distribution = try y.select(y.map(.gelu).zip(.divide, y), Intermediate(0.5, on: y.device))
      let density = try y.map(.square).zip(.multiply, -0.5).map(.exp).zip(.multiply, 0.398_942_28)
      return try density.zip(.multiply, y).zip(.add, distribution).zip(.multiply, dy)
    case .silu:
      let (s, others) = (try y.map(.sigmoid), try y.negated().map(.sigmoid))
      return try others.zip(.multiply, y).zip(.add, 1).zip(.multiply, s).zip(.multiply, dy)
    }
  }
}

/// See ``Device/zip(_:_:_:into:)``.
public struct ZipOperation: DeviceOperation {
  public static let name = "zip"
  /// f.
  public let function: BinaryFunction
  /// The first arguments.
  public let a: Buffer
  /// The second arguments, as many.
  public let b: Buffer
  /// The values, as many.
  public let c: Buffer

  public var results: [Buffer] { [c] }
  public var cost: Cost { Cost(operations: Double(c.count), [a, b, c]) }
  public var detail: String { function.rawValue }

  public func check() {
    a.require(c.count, "the first input of zip")
    b.require(c.count, "the second input of zip")
    c.require(c.count, "the result of zip")
  }
}

/// See ``Device/zip(_:_:_:_:_:into:)``.
public struct BroadcastOperation: DeviceOperation {
  public static let name = "broadcast"
  /// f.
  public let function: BinaryFunction
  /// The first arguments.
  public let a: Buffer
  /// The shape of `a`.
  public let aShape: Shape
  /// The second arguments.
  public let b: Buffer
  /// The shape of `b`.
  public let bShape: Shape
  /// The values, of the shape that both are broadcast to.
  public let c: Buffer

  /// The shape of the result.
  public var shape: Shape { aShape.broadcast(with: bShape) }
  /// The loops over c, a and b.
  package var visit: Traversal {
    let shape = shape
    return Traversal(
      shape,
      [shape.strides, aShape.strides(fillingIn: shape), bShape.strides(fillingIn: shape)])
  }
  public var results: [Buffer] { [c] }
  public var cost: Cost { Cost(operations: Double(c.count), [a, b, c]) }
  public var detail: String { function.rawValue }

  public func check() {
    a.require(aShape.count, "the first input of zip")
    b.require(bShape.count, "the second input of zip")
    c.require(shape.count, "the result of zip")
  }

  /// Each operand that is smaller than the result is broadcast first.
  public func compose(on device: any Device) throws(DeviceError) {
    let shape = shape
    let (a, b) = (
      try Intermediate(a, aShape, on: device).repeated(shape),
      try Intermediate(b, bShape, on: device).repeated(shape)
    )
    try device.zip(function, a.buffer, b.buffer, into: c)
  }
}

/// See ``Device/select(_:_:_:into:)``.
public struct SelectOperation: DeviceOperation {
  public static let name = "select"
  /// Numbers, of which each that is not 0 selects from `a`.
  public let condition: Buffer
  /// What is taken where the condition holds.
  public let a: Buffer
  /// What is taken elsewhere.
  public let b: Buffer
  /// The result.
  public let y: Buffer

  public var results: [Buffer] { [y] }
  public var cost: Cost { Cost([condition, a, b, y]) }

  public func check() {
    condition.require(y.count, "the condition of select")
    a.require(y.count, "the first choice of select")
    b.require(y.count, "the second choice of select")
    y.require(y.count, "the result of select")
  }
}

/// See ``Device/clamp(_:_:into:)``.
public struct ClampOperation: DeviceOperation {
  public static let name = "clamp"
  /// The least and the greatest value.
  public let limits: ClosedRange<Float>
  /// The numbers.
  public let x: Buffer
  /// The result.
  public let y: Buffer

  public var results: [Buffer] { [y] }
  public var cost: Cost { Cost(operations: 2 * Double(y.count), [x, y]) }

  public func check() {
    x.require(y.count, "the input of clamp")
    y.require(y.count, "the result of clamp")
  }

  /// The maximum of x and the lower limit, then the minimum of that and the upper one.
  public func compose(on device: any Device) throws(DeviceError) {
    let least = try device.makeBuffer([limits.lowerBound])
    let most = try device.makeBuffer([limits.upperBound])
    try device.zip(.maximum, x, [x.count], least, [1], into: y)
    try device.zip(.minimum, y, [x.count], most, [1], into: y)
  }
}

/// See ``Device/scaledAdd(_:_:_:into:)``.
public struct ScaledAddOperation: DeviceOperation {
  public static let name = "scaledAdd"
  /// α.
  public let alpha: Float
  /// The numbers that are added.
  public let x: Buffer
  /// β.
  public let beta: Float
  /// The sum, in place.
  public let y: Buffer

  public var results: [Buffer] { [y] }
  public var cost: Cost { Cost(operations: 3 * Double(y.count), [x, y]) }

  public func check() {
    x.require(y.count, "the input of scaledAdd")
    y.require(y.count, "the result of scaledAdd")
  }

  /// Two scalings, and their sum.
  public func compose(on device: any Device) throws(DeviceError) {
    let old = Intermediate(y, [y.count], on: device)
    var sum = try Intermediate(x, [y.count], on: device).zip(.multiply, alpha)
    if beta != 0 { sum = try sum.zip(.add, old.zip(.multiply, beta)) }
    try sum.give(to: y)
  }
}

extension Device {
  /// `y[i] = f(x[i])`. `y` may be `x`.
  public func map(_ function: UnaryFunction, _ x: Buffer, into y: Buffer) throws(DeviceError) {
    try perform(MapOperation(function: function, x: x, y: y))
  }

  /// `dx[i] (+)= dy[i]·f′`. Adds to `dx` when `accumulate` is set. `dx` may be `dy`.
  ///
  /// - Parameters:
  ///   - function: f.
  ///   - point: Where the derivative is evaluated: the *output* `y = f(x)`, or the input x of a function
  ///     that ``UnaryFunction/derivesFromInput``.
  ///   - dy: The gradient of the result.
  ///   - dx: The gradient of x.
  ///   - accumulate: Whether to add to `dx` rather than replace it.
  public func mapGradient(
    _ function: UnaryFunction, at point: Buffer, outputGradient dy: Buffer, into dx: Buffer,
    accumulate: Bool
  ) throws(DeviceError) {
    try perform(
      MapGradientOperation(
        function: function, point: point, outputGradient: dy, inputGradient: dx,
        accumulate: accumulate))
  }

  /// `c[i] = f(a[i], b[i])`. `c` may be `a` or `b`.
  public func zip(_ function: BinaryFunction, _ a: Buffer, _ b: Buffer, into c: Buffer)
    throws(DeviceError)
  {
    try perform(ZipOperation(function: function, a: a, b: b, c: c))
  }

  /// `c = f(a, b)` of two tensors with broadcasting, as in NumPy (``Shape/broadcast(with:)``). `c` may be
  /// an input of its shape.
  public func zip(
    _ function: BinaryFunction, _ a: Buffer, _ aShape: Shape, _ b: Buffer, _ bShape: Shape,
    into c: Buffer
  ) throws(DeviceError) {
    if aShape == bShape { return try zip(function, a, b, into: c) }
    try perform(
      BroadcastOperation(function: function, a: a, aShape: aShape, b: b, bShape: bShape, c: c))
  }

  /// `y[i] = condition[i] ≠ 0 ? a[i] : b[i]`. `y` may be any of them.
  public func select(_ condition: Buffer, _ a: Buffer, _ b: Buffer, into y: Buffer)
    throws(DeviceError)
  {
    try perform(SelectOperation(condition: condition, a: a, b: b, y: y))
  }

  /// `y[i] = x[i]`, or the limit beyond which it lies; NaN stays. `y` may be `x`.
  public func clamp(_ x: Buffer, _ limits: ClosedRange<Float>, into y: Buffer) throws(DeviceError) {
    try perform(ClampOperation(limits: limits, x: x, y: y))
  }

  /// `y[i] = α·x[i] + β·y[i]`; with β = 0 the old `y` is not read.
  public func scaledAdd(_ alpha: Float, _ x: Buffer, _ beta: Float, into y: Buffer)
    throws(DeviceError)
  {
    try perform(ScaledAddOperation(alpha: alpha, x: x, beta: beta, y: y))
  }
}
