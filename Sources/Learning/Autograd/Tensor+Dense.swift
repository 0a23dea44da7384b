import Compute

extension Tensor {
  /// A fully connected layer: `y = f(x·W + b)`.
  ///
  /// - Parameters:
  ///   - weight: inputs × outputs.
  ///   - bias: 1 × outputs.
  ///   - activation: f.
  /// - Returns: rows × outputs.
  /// - Throws: `DeviceError` when the device fails.
  public func dense(
    _ weight: Tensor, _ bias: Tensor, activation: UnaryFunction = .identity
  ) throws(DeviceError) -> Tensor {
    if activation.derivesFromInput {
      return try dense(weight, bias).map(activation)
    }
    let (batch, inputs, outputs) = (shape.rows, shape.columns, weight.shape.columns)
    stopUnless(
      weight.shape.rows == inputs && bias.shape.count == outputs,
      "a layer of \(weight.shape) and \(bias.shape) does not take \(shape)")
    let y = try Tensor(Rows(batch, outputs), from: [self, weight, bias])
    try device.matmul(
      Matmul(m: batch, n: outputs, k: inputs, activation: activation), buffer, weight.buffer,
      bias: bias.buffer, into: y.buffer)

    Tape.record(y) { [device] (dy) throws(DeviceError) in
      // dy is not needed again, so the gradient before the activation overwrites it.
      if activation != .identity {
        try device.mapGradient(
          activation, at: y.buffer, outputGradient: dy, into: dy, accumulate: false)
      }
      try weight.addGradients(with: bias) {
        (weightGradient, biasGradient, accumulate) throws(DeviceError) in
        try device.denseGradient(
          Matmul(m: inputs, n: outputs, k: batch, transposeA: true, accumulate: accumulate),
          self.buffer, outputGradient: dy, into: weightGradient, bias: biasGradient)
      }
      try self.addGradient { (gradient, accumulate) throws(DeviceError) in
        try device.matmul(
          Matmul(m: batch, n: inputs, k: outputs, transposeB: true, accumulate: accumulate), dy,
          weight.buffer, bias: nil, into: gradient)
      }
    }
    return y
  }

  /// Matrix products over the last two dimensions; the dimensions before them broadcast as in NumPy.
  ///
  /// - Parameters:
  ///   - other: … × k × n, where this is … × m × k; swapped if transposed.
  ///   - transposeA: This is … × k × m.
  ///   - transposeB: `other` is … × n × k.
  /// - Returns: … × m × n.
  /// - Throws: `DeviceError` when the device fails.
  public func matmul(_ other: Tensor, transposeA: Bool = false, transposeB: Bool = false)
    throws(DeviceError) -> Tensor
  {
    stopUnless(
      shape.rank >= 2 && other.shape.rank >= 2, "\(shape) and \(other.shape) are no matrices")
    let (m, k) = transposeA ? (shape[-1], shape[-2]) : (shape[-2], shape[-1])
    let (k2, n) =
      transposeB ? (other.shape[-1], other.shape[-2]) : (other.shape[-2], other.shape[-1])
    stopUnless(
      k == k2, "\(shape) and \(other.shape) have inner extents of \(k) and \(k2)")
    let batch = shape.batch.broadcast(with: other.shape.batch)
    // Each factor is one per product, or one for all.
    let a = try filling(batch)
    let b = try other.filling(batch)
    let y = try Tensor(Shape(batch.extents + [m, n]), from: [a, b])
    let product = Matmul(m: m, n: n, k: k, transposeA: transposeA, transposeB: transposeB)
    try device.matmul(product, count: batch.count, a.buffer, b.buffer, into: y.buffer)
    Tape.record(y) { [device] (dy) throws(DeviceError) in
      func add(_ tensor: Tensor, _ shape: Matmul, _ left: Buffer, _ right: Buffer)
        throws(DeviceError)
      {
        try tensor.addGradient { (gradient, accumulate) throws(DeviceError) in
          if tensor.shape.batch.count == batch.count {
            var shape = shape
            shape.accumulate = accumulate
            return try device.matmul(shape, count: batch.count, left, right, into: gradient)
          }
          let each = try device.makeBuffer(
            count: batch.count * shape.m * shape.n, type: .float32)
          try device.matmul(shape, count: batch.count, left, right, into: each)
          try device.reduce(
            .sum, each, [batch.count, shape.m * shape.n], axes: [0], accumulate: accumulate,
            into: gradient)
        }
      }
      // da = dy·bᵀ and db = aᵀ·dy, or their transposes.
      try add(
        a,
        transposeA
          ? Matmul(m: k, n: m, k: n, transposeA: transposeB, transposeB: true)
          : Matmul(m: m, n: k, k: n, transposeB: !transposeB), transposeA ? b.buffer : dy,
        transposeA ? dy : b.buffer)
      try add(
        b,
        transposeB
          ? Matmul(m: n, n: k, k: m, transposeA: true, transposeB: transposeA)
          : Matmul(m: k, n: n, k: m, transposeA: !transposeA), transposeB ? dy : a.buffer,
        transposeB ? a.buffer : dy)
    }
    return y
  }

  /// This tensor if it has one matrix or as many as `batch`, otherwise broadcast.
  private func filling(_ batch: Shape) throws(DeviceError) -> Tensor {
    let own = shape.batch
    if own.count == 1 || own.count == batch.count { return self }
    return try broadcast(to: Shape(batch.extents + shape.extents.suffix(2)))
  }
}

extension Shape {
  /// The dimensions before the last two.
  fileprivate var batch: Shape { Shape(Array(extents.dropLast(2))) }
}
