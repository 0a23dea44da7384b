import Compute

extension UnaryFunction {
  /// The number of a function in `prelude.cl`.
  var number: Int {
    switch self {
    case .identity: 0
    case .relu: 1
    case .sigmoid: 2
    case .softplus: 3
    case .exp: 4
    }
  }
}

extension BinaryFunction {
  /// The number of a function in `elementwise.cl`.
  var number: Int {
    switch self {
    case .add: 0
    case .subtract: 1
    case .multiply: 2
    }
  }
}

extension OpenCLDevice {
  /// `y[i] = f(x[i])`.
  public func map(_ function: UnaryFunction, _ x: Buffer, into y: Buffer) throws(DeviceError) {
    x.require(y.count, "the input of map")
    y.require(y.count, "the result of map")
    try launch(
      "elementwise", "map", elements: y.count,
      [.int(function.number), .buffer(x), .buffer(y), .uint(y.count)])
  }

  /// `dx[i] (+)= dy[i]·f′`, from the output of `f`.
  public func mapGradient(
    _ function: UnaryFunction, output y: Buffer, outputGradient dy: Buffer, into dx: Buffer,
    accumulate: Bool
  ) throws(DeviceError) {
    y.require(dx.count, "the output of map")
    dy.require(dx.count, "the output gradient of map")
    dx.require(dx.count, "the input gradient of map")
    try launch(
      "elementwise", "map_gradient", elements: dx.count,
      [
        .int(function.number), .buffer(y), .buffer(dy), .buffer(dx), .uint(dx.count),
        .flag(accumulate),
      ])
  }

  /// `c[i] = f(a[i], b[i])`.
  public func zip(_ function: BinaryFunction, _ a: Buffer, _ b: Buffer, into c: Buffer)
    throws(DeviceError)
  {
    a.require(c.count, "the first input of zip")
    b.require(c.count, "the second input of zip")
    c.require(c.count, "the result of zip")
    try launch(
      "elementwise", "zip", elements: c.count,
      [.int(function.number), .buffer(a), .buffer(b), .buffer(c), .uint(c.count)])
  }

  /// `y[i] = α·x[i] + β·y[i]`.
  public func scaledAdd(_ alpha: Float, _ x: Buffer, _ beta: Float, into y: Buffer)
    throws(DeviceError)
  {
    x.require(y.count, "the input of scaledAdd")
    y.require(y.count, "the result of scaledAdd")
    try launch(
      "elementwise", "scaled_add", elements: y.count,
      [.float(alpha), .buffer(x), .float(beta), .buffer(y), .uint(y.count)])
  }
}
