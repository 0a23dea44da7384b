import Compute

extension OpenCLDevice {
  /// Sums of the Gaussian kernel over pairs of points, in the order of `y`.
  public func kernelSums(_ shape: KernelSums, _ x: Buffer, _ y: Buffer, into sums: Buffer)
    throws(DeviceError)
  {
    shape.check(x, y)
    sums.require(shape.xCount, "the result of kernelSums")
    let extent: [Argument] = [.uint(shape.yCount), .uint(shape.dimension), .float(shape.width)]
    let operands: [Argument] = [.buffer(x), .buffer(y), .buffer(sums)]
    switch tuning.family {
    case .gpu:
      try launch("kernel_sums", "kernel_sums", results: shape.xCount, operands + extent)
    case .cpu:
      try launch(
        "kernel_sums", "kernel_sums",
        operands + [.uint(shape.xCount)] + extent + [try scratch(shape, copies: 1)],
        groups: [quotient(shape.xCount, 16)], local: [1])
    }
  }

  /// The gradient of ``kernelSums(_:_:_:into:)`` in `x`.
  public func kernelSumsGradient(
    _ shape: KernelSums, _ x: Buffer, _ y: Buffer, xWeights: Buffer, yWeights: Buffer?,
    into xGradient: Buffer, accumulate: Bool
  ) throws(DeviceError) {
    shape.check(x, y)
    xWeights.require(shape.xCount, "the x weights of kernelSums")
    yWeights?.require(shape.yCount, "the y weights of kernelSums")
    xGradient.require(shape.xCount * shape.dimension, "the x gradient of kernelSums")
    let arguments: [Argument] = [
      .buffer(x), .buffer(y), .buffer(xWeights), .optional(yWeights), .buffer(xGradient),
      .uint(shape.xCount), .uint(shape.yCount), .uint(shape.dimension), .float(shape.width),
      .flag(accumulate),
    ]
    switch tuning.family {
    case .gpu:
      try launch("kernel_sums", "kernel_sums_gradient", results: shape.xCount, arguments)
    case .cpu:
      try launch(
        "kernel_sums", "kernel_sums_gradient",
        arguments + [try scratch(shape, copies: 2)],
        groups: [quotient(shape.xCount, 16)], local: [1])
    }
  }

  /// Room for each work-group of the CPU family to lay out `copies` × 16 points for its registers.
  private func scratch(_ shape: KernelSums, copies: Int) throws(DeviceError) -> Argument {
    let groups = quotient(shape.xCount, 16)
    return .buffer(
      try makeBuffer(count: groups * copies * 16 * shape.dimension, type: .float32))
  }
}
