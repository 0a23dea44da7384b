import Compute

extension MapOperation: OpenCLOperation {
  /// `y[i] = f(x[i])`.
  public func run(on device: OpenCLDevice) throws(DeviceError) {
    try device.launch(
      "elementwise", "map_\(function)", elements: y.count,
      [.buffer(x), .buffer(y), .uint(y.count)])
  }
}

extension MapGradientOperation: OpenCLOperation {
  /// `dx[i] (+)= dy[i]·f′`, from the output of `f`.
  public func run(on device: OpenCLDevice) throws(DeviceError) {
    try device.launch(
      "elementwise", "map_gradient_\(function)", elements: inputGradient.count,
      [
        .buffer(point), .buffer(outputGradient), .buffer(inputGradient),
        .uint(inputGradient.count), .flag(accumulate),
      ])
  }
}

extension ZipOperation: OpenCLOperation {
  /// `c[i] = f(a[i], b[i])`.
  public func run(on device: OpenCLDevice) throws(DeviceError) {
    try device.launch(
      "elementwise", "zip_\(function)", elements: c.count,
      [.buffer(a), .buffer(b), .buffer(c), .uint(c.count)])
  }
}

extension BroadcastOperation: OpenCLOperation {
  /// `c = f(a, b)`, row by row of the innermost loop over all three.
  public func run(on device: OpenCLDevice) throws(DeviceError) {
    let visit = visit
    try device.launch(
      "elementwise", "broadcast_\(function)", matrix: Rows(visit.rows, visit.inner),
      [
        .buffer(a), .buffer(b), .buffer(c), .uint(visit.rows), .uint(visit.inner),
        visit.outerExtents, visit.outerSteps(1), visit.outerSteps(2), .int(visit.innerStride(1)),
        .int(visit.innerStride(2)),
      ])
  }
}

extension SelectOperation: OpenCLOperation {
  /// `y[i] = condition[i] ≠ 0 ? a[i] : b[i]`.
  public func run(on device: OpenCLDevice) throws(DeviceError) {
    try device.launch(
      "elementwise", "choose", elements: y.count,
      [.buffer(condition), .buffer(a), .buffer(b), .buffer(y), .uint(y.count)])
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
  /// The number in `prelude.cl` of a function that products and convolutions apply in their own launch. The
  /// others would make every one of their kernels longer.
  private var number: Int? {
    switch self {
    case .identity: 0
    case .relu: 1
    case .sigmoid: 2
    case .softplus: 3
    case .exp: 4
    default: nil
    }
  }

  /// Whether products and convolutions apply it in their own launch.
  var isEpilogue: Bool { number != nil }

  /// Its argument for their kernels.
  var epilogue: Argument {
    guard let number else { fatalError("\(self) is no function of a product's kernel") }
    return .int(number)
  }
}
