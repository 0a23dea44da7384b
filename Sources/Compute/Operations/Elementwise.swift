/// An elementwise function of one argument, whose derivative follows from its output.
public enum UnaryFunction: String, Sendable, CaseIterable {
  /// `x`
  case identity
  /// `max(x, 0)`, derivative `y > 0 ? 1 : 0`
  case relu
  /// `1 / (1 + exp(−x))`, derivative `y(1 − y)`
  case sigmoid
  /// `log(1 + exp(x))`, derivative `1 − exp(−y)`
  case softplus
  /// `exp(x)`, derivative `y`
  case exp
}

/// An elementwise function of two arguments.
public enum BinaryFunction: String, Sendable, CaseIterable {
  case add
  case subtract
  case multiply
}

/// See ``Device/map(_:_:into:)``.
public struct MapOperation: DeviceOperation {
  public static let name = "map"
  public let function: UnaryFunction
  public let x: Buffer
  public let y: Buffer

  public var results: [Buffer] { [y] }
  public var cost: Cost { Cost(operations: Double(y.count), [x, y]) }

  public func check() {
    x.require(y.count, "the input of map")
    y.require(y.count, "the result of map")
  }
}

/// See ``Device/mapGradient(_:output:outputGradient:into:accumulate:)``.
public struct MapGradientOperation: DeviceOperation {
  public static let name = "mapGradient"
  public let function: UnaryFunction
  public let output: Buffer
  public let outputGradient: Buffer
  public let inputGradient: Buffer
  public let accumulate: Bool

  public var results: [Buffer] { [inputGradient] }
  public var cost: Cost {
    Cost(operations: 2 * Double(output.count), [output, outputGradient, inputGradient])
  }

  public func check() {
    let count = inputGradient.count
    output.require(count, "the output of map")
    outputGradient.require(count, "the output gradient of map")
    inputGradient.require(count, "the input gradient of map")
  }
}

/// See ``Device/zip(_:_:_:into:)``.
public struct ZipOperation: DeviceOperation {
  public static let name = "zip"
  public let function: BinaryFunction
  public let a: Buffer
  public let b: Buffer
  public let c: Buffer

  public var results: [Buffer] { [c] }
  public var cost: Cost { Cost(operations: Double(c.count), [a, b, c]) }

  public func check() {
    a.require(c.count, "the first input of zip")
    b.require(c.count, "the second input of zip")
    c.require(c.count, "the result of zip")
  }
}

/// See ``Device/scaledAdd(_:_:_:into:)``.
public struct ScaledAddOperation: DeviceOperation {
  public static let name = "scaledAdd"
  public let alpha: Float
  public let x: Buffer
  public let beta: Float
  public let y: Buffer

  public var results: [Buffer] { [y] }
  public var cost: Cost { Cost(operations: 3 * Double(y.count), [x, y]) }

  public func check() {
    x.require(y.count, "the input of scaledAdd")
    y.require(y.count, "the result of scaledAdd")
  }
}

extension Device {
  /// `y[i] = f(x[i])`. `y` may be `x`.
  public func map(_ function: UnaryFunction, _ x: Buffer, into y: Buffer) throws(DeviceError) {
    try perform(MapOperation(function: function, x: x, y: y))
  }

  /// `dx[i] (+)= dy[i]·f′`, with the derivative taken from the *output* `y = f(x)`, so that no
  /// input need be kept. Adds to `dx` when `accumulate` is set. `dx` may be `dy`.
  public func mapGradient(
    _ function: UnaryFunction, output y: Buffer, outputGradient dy: Buffer, into dx: Buffer,
    accumulate: Bool
  ) throws(DeviceError) {
    try perform(
      MapGradientOperation(
        function: function, output: y, outputGradient: dy, inputGradient: dx,
        accumulate: accumulate))
  }

  /// `c[i] = f(a[i], b[i])`. `c` may be `a` or `b`.
  public func zip(_ function: BinaryFunction, _ a: Buffer, _ b: Buffer, into c: Buffer)
    throws(DeviceError)
  {
    try perform(ZipOperation(function: function, a: a, b: b, c: c))
  }

  /// `y[i] = α·x[i] + β·y[i]`; with β = 0 the old `y` is not read.
  public func scaledAdd(_ alpha: Float, _ x: Buffer, _ beta: Float, into y: Buffer)
    throws(DeviceError)
  {
    try perform(ScaledAddOperation(alpha: alpha, x: x, beta: beta, y: y))
  }
}
