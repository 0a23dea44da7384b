import Compute

extension MatmulOperation: OpenCLOperation {
  /// The product by the kernel of this device's family, with bias and activation in the same launch.
  public func run(on device: OpenCLDevice) throws(DeviceError) {
    guard shape.activation.isEpilogue else {
      var product = shape
      product.activation = .identity
      try device.matmul(product, a, b, bias: bias, into: c)
      return try device.map(shape.activation, c, into: c)
    }
    switch device.tuning.family {
    case .gpu: try device.multiplyTiles(shape, a, b, bias: bias, into: c, isDivisible: true)
    case .cpu: try device.multiplyPanels(shape, a, b, bias: bias, into: c)
    }
  }
}

extension BatchedMatmulOperation: OpenCLOperation {
  /// All products in one launch, along its third dimension.
  public func run(on device: OpenCLDevice) throws(DeviceError) {
    guard count <= 65_535 && shape.activation.isEpilogue else { return try compose(on: device) }
    let batch = Batch(count: count, steps: SIMD4(Int32(aStep), Int32(bStep), Int32(cStep), 0))
    switch device.tuning.family {
    case .gpu:
      try device.multiplyTiles(shape, a, b, bias: nil, into: c, batch: batch)
    case .cpu: try device.multiplyPanels(shape, a, b, bias: nil, into: c, batch: batch)
    }
  }
}

/// Products in one launch: their number, and the strides of their factors and results.
private struct Batch {
  var count = 1
  var steps = SIMD4<Int32>(repeating: 0)
}

extension DenseGradientOperation: OpenCLOperation {
  /// The gradients of weights and bias; in one launch unless the product is split.
  public func run(on device: OpenCLDevice) throws(DeviceError) {
    switch device.tuning.family {
    case .gpu:
      try device.multiplyTiles(
        shape, x, outputGradient, bias: nil, into: weightGradient, columnSums: biasGradient,
        isDivisible: true)
    case .cpu:
      try device.multiplyPanels(
        shape, x, outputGradient, bias: nil, into: weightGradient, columnSums: biasGradient)
    }
  }
}

extension OpenCLDevice {
  /// The product in tiles; if it is split, a second launch adds the parts, and a third one the columns of `b`.
  fileprivate func multiplyTiles(
    _ shape: Matmul, _ a: Buffer, _ b: Buffer, bias: Buffer?, into c: Buffer,
    columnSums: Buffer? = nil, batch: Batch = Batch(), isDivisible: Bool = false
  ) throws(DeviceError) {
    try withTiling(
      "matmul", "matmul", rows: shape.m, columns: shape.n, depth: shape.k,
      longestPart: isDivisible ? shape.k : nil, number: batch.count
    ) { tiling throws(DeviceError) in
      guard tiling.parts == 1 else {
        try multiplyParts(shape, tiling, a, b, bias: bias, into: c)
        if let columnSums { try reduce(shape.biasGradient, b, into: columnSums) }
        return
      }
      try launch(
        "matmul", "matmul", tiling,
        operands(shape, a, b, bias: bias, into: c, columnSums)
          + [.int(tiling.part), .int4(batch.steps)], count: batch.count)
    }
  }

  /// The product in parts, which a second launch adds.
  private func multiplyParts(
    _ shape: Matmul, _ tiling: Tiling, _ a: Buffer, _ b: Buffer, bias: Buffer?, into c: Buffer
  ) throws(DeviceError) {
    let partial = try makeBuffer(count: tiling.parts * c.count, type: .float32)
    var part = shape
    part.accumulate = false
    part.activation = .identity
    try launch(
      "matmul", "matmul", tiling,
      operands(part, a, b, bias: nil, into: partial, nil)
        + [.int(tiling.part), .int4(Batch().steps)])
    try launch(
      "reduce", "add_parts", matrix: Rows(shape.m, shape.n),
      [
        .buffer(partial), .uint(tiling.parts), .optional(bias), .buffer(c), .uint(shape.m),
        .uint(shape.n), .flag(shape.accumulate), shape.activation.epilogue,
      ])
  }

  fileprivate func multiplyPanels(
    _ shape: Matmul, _ a: Buffer, _ b: Buffer, bias: Buffer?, into c: Buffer,
    columnSums: Buffer? = nil, batch: Batch = Batch()
  ) throws(DeviceError) {
    let panels = decisions.way("matmul \(shape.m)x\(shape.k)x\(shape.n)", tuning.panels(shape)) {
      tuning.allPanels(shape)
    }
    let columns = panels.tile.columns
    try launch(
      "matmul_cpu", "matmul",
      operands(shape, a, b, bias: bias, into: c, columnSums)
        + [
          .int(panels.rows), .int(panels.depth), .int4(batch.steps),
          .local(panels.depth * columns * 4),
        ],
      groups: [quotient(shape.n, columns), quotient(shape.m, panels.rows), batch.count],
      local: [1, 1, 1],
      defines: panels.tile.define)
  }

  fileprivate func operands(
    _ shape: Matmul, _ a: Buffer, _ b: Buffer, bias: Buffer?, into c: Buffer,
    _ columnSums: Buffer?
  ) -> [Argument] {
    [
      .buffer(a), .buffer(b), .optional(bias), .buffer(c), .optional(columnSums), .int(shape.m),
      .int(shape.n), .int(shape.k), .flag(shape.transposeA), .flag(shape.transposeB),
      .flag(shape.accumulate), shape.activation.epilogue,
    ]
  }
}
