import Compute

extension OpenCLDevice {
  /// The product by the kernel of this device's family, with bias and function in the same launch.
  public func matmul(_ shape: Matmul, _ a: Buffer, _ b: Buffer, bias: Buffer?, into c: Buffer)
    throws(DeviceError)
  {
    shape.check(a, b, bias: bias, into: c)
    switch tuning.family {
    case .gpu: try multiply(shape, tiling(shape), a, b, bias: bias, into: c)
    case .cpu:
      let rows = cpuRowBlock(shape)
      let depth = min(shape.k, tuning.panelDepth)
      try launch(
        "matmul_cpu", "matmul",
        [
          .buffer(a), .buffer(b), .optional(bias), .buffer(c), .int(shape.m), .int(shape.n),
          .int(shape.k), .flag(shape.transposeA), .flag(shape.transposeB),
          .flag(shape.accumulate), .int(shape.activation.number), .int(rows), .int(depth),
          .local(depth * 32 * 4),
        ],
        groups: [quotient(shape.n, 32), quotient(shape.m, rows)], local: [1, 1])
    }
  }

  /// The gradients in weights and bias; in one launch where the product goes in one part on a GPU.
  public func denseGradient(
    _ shape: Matmul, _ x: Buffer, outputGradient dy: Buffer, into weightGradient: Buffer,
    bias biasGradient: Buffer
  ) throws(DeviceError) {
    shape.checkGradient()
    shape.check(x, dy, bias: biasGradient, into: weightGradient)
    let tiling = tiling(shape)
    if tuning.family == .gpu && tiling.parts == 1 {
      try multiply(
        shape, tiling, x, dy, bias: nil, into: weightGradient, columnSums: biasGradient)
    } else {
      try matmul(shape, x, dy, bias: nil, into: weightGradient)
      try reduce(shape.biasGradient, dy, into: biasGradient)
    }
  }

  private func tiling(_ shape: Matmul) -> Tiling {
    tuning.tiling(rows: shape.m, columns: shape.n, depth: shape.k, longestPart: shape.k)
  }

  /// The product in tiles; where it goes in parts, a second launch adds them.
  private func multiply(
    _ shape: Matmul, _ tiling: Tiling, _ a: Buffer, _ b: Buffer, bias: Buffer?, into c: Buffer,
    columnSums: Buffer? = nil
  ) throws(DeviceError) {
    let isWhole = tiling.parts == 1
    let sums = isWhole ? c : try makeBuffer(count: tiling.parts * c.count, type: .float32)
    try launch(
      "matmul", "matmul", tiling,
      [
        .buffer(a), .buffer(b), .optional(isWhole ? bias : nil), .buffer(sums),
        .optional(columnSums), .int(shape.m), .int(shape.n), .int(shape.k), .int(tiling.part),
        .flag(shape.transposeA), .flag(shape.transposeB), .flag(isWhole && shape.accumulate),
        .int(isWhole ? shape.activation.number : UnaryFunction.identity.number),
      ])
    if isWhole { return }
    try launch(
      "reduce", "add_parts", matrix: Rows(shape.m, shape.n),
      [
        .buffer(sums), .uint(tiling.parts), .optional(bias), .buffer(c), .uint(shape.m),
        .uint(shape.n), .flag(shape.accumulate), .int(shape.activation.number),
      ])
  }

  /// Enqueues a kernel that makes a matrix in tiles.
  func launch(_ file: String, _ name: String, _ tiling: Tiling, _ arguments: [Argument])
    throws(DeviceError)
  {
    let side = tiling.tile.side
    try launch(
      file, name, arguments, groups: [tiling.tiles, tiling.parts], local: [side, side],
      defines: tiling.tile.defines)
  }

  /// The rows that a work-group takes with one panel of `b`: many, to pack seldom, but such that
  /// there is work for every compute unit.
  private func cpuRowBlock(_ shape: Matmul) -> Int {
    var rows = 128
    while rows > 32
      && quotient(shape.n, 32) * quotient(shape.m, rows) < 8 * description.computeUnits
    {
      rows /= 2
    }
    return rows
  }
}
