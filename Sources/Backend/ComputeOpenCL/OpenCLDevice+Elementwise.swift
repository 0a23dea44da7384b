import Compute

extension MapOperation: OpenCLOperation {
  /// `y[i] = f(x[i])`.
  public func run(on device: OpenCLDevice) throws(DeviceError) {
    try device.launch(
      "elementwise", "map", elements: y.count,
      [.int(function.number), .buffer(x), .buffer(y), .uint(y.count)])
  }
}

extension MapGradientOperation: OpenCLOperation {
  /// `dx[i] (+)= dy[i]·f′`, from the output of `f`.
  public func run(on device: OpenCLDevice) throws(DeviceError) {
    try device.launch(
      "elementwise", "map_gradient", elements: inputGradient.count,
      [
        .int(function.number), .buffer(point), .buffer(outputGradient), .buffer(inputGradient),
        .uint(inputGradient.count),
        .flag(accumulate),
      ])
  }
}

extension ZipOperation: OpenCLOperation {
  /// `c[i] = f(a[i], b[i])`.
  public func run(on device: OpenCLDevice) throws(DeviceError) {
    try device.launch(
      "elementwise", "zip", elements: c.count,
      [.int(function.number), .buffer(a), .buffer(b), .buffer(c), .uint(c.count)])
  }
}

extension ScaledAddOperation: OpenCLOperation {
  /// `y[i] = α·x[i] + β·y[i]`.
  public func run(on device: OpenCLDevice) throws(DeviceError) {
    try device.launch(
      "elementwise", "scaled_add", elements: y.count,
      [.float(alpha), .buffer(x), .float(beta), .buffer(y), .uint(y.count)])
  }
}

extension UnaryFunction {
  /// The number of a function in `prelude.cl` and `elementwise.cl`.
  var number: Int {
    switch self {
    case .identity: 0
    case .relu: 1
    case .sigmoid: 2
    case .softplus: 3
    case .exp: 4
    case .tanh: 5
    case .leakyRelu: 6
    case .squareRoot: 7
    case .reciprocal: 8
    case .log: 9
    case .square: 10
    case .absolute: 11
    case .gelu: 12
    case .silu: 13
    }
  }

  /// Whether products and convolutions apply it in their own launch; the others would make every one of
  /// their kernels longer.
  var isEpilogue: Bool { number <= UnaryFunction.exp.number }
}

extension BinaryFunction {
  /// The number of a function in `elementwise.cl`.
  var number: Int {
    switch self {
    case .add: 0
    case .subtract: 1
    case .multiply: 2
    case .divide: 3
    case .maximum: 4
    case .minimum: 5
    case .greater: 6
    }
  }
}
