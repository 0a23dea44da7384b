import Compute

extension KernelDiscrepancyOperation: OpenCLOperation {
  /// The terms of the discrepancy, each added up in the order of the points.
  public func run(on device: OpenCLDevice) throws(DeviceError) {
    try device.launch(
      "kernel_discrepancy", shape, [.buffer(x), .buffer(y), .buffer(terms)], layouts: 1)
  }
}

extension KernelDiscrepancyGradientOperation: OpenCLOperation {
  /// The gradient of ``/Compute/Device/kernelDiscrepancy(_:_:_:into:)`` with respect to `x`.
  public func run(on device: OpenCLDevice) throws(DeviceError) {
    try device.launch(
      "kernel_discrepancy_gradient", shape,
      [.buffer(x), .buffer(y)] + termGradient.arguments
        + [.buffer(xGradient), .flag(accumulate)],
      layouts: 2)
  }
}

extension OpenCLDevice {
  /// One work-group for each point, or for sixteen in the CPU family, which gets room to lay out
  /// `layouts` × 16 points for its registers.
  fileprivate func launch(
    _ kernel: String, _ shape: KernelDiscrepancy, _ operands: [Argument], layouts: Int
  ) throws(DeviceError) {
    let arguments =
      operands + [.uint(shape.count), .uint(shape.dimension), .float(shape.width)]
    switch tuning.family {
    case .gpu:
      try launch(
        "kernel_discrepancy", kernel, results: shape.count, work: 4 * shape.count * shape.dimension,
        arguments)
    case .cpu:
      let groups = quotient(shape.count, 16)
      let room = try makeBuffer(
        count: groups * layouts * 16 * shape.dimension, type: .float32)
      try launch(
        "kernel_discrepancy", kernel, arguments + [.buffer(room)], groups: [groups], local: [1])
    }
  }
}
