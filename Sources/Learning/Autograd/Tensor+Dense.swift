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

    Tape.record(y, activation: activation) { [weak tape = Tape.current] (dy) throws(DeviceError) in
      try self.addDenseGradients(weight, bias, dy, tape)
    }
    return y
  }

  /// Adds the gradients of a dense layer of this tensor, together where all are wanted; `dy` is the gradient
  /// before the layer's activation.
  private func addDenseGradients(
    _ weight: Tensor, _ bias: Tensor, _ dy: Buffer, _ tape: Tape?
  ) throws(DeviceError) {
    var shape = DenseGradients(
      batch: self.shape.rows, inputs: self.shape.columns, outputs: weight.shape.columns)
    let isLearning = weight.requiresGradient || bias.requiresGradient
    // The weights may be the input too.
    let isTogether = isLearning && requiresGradient && weight !== self && bias !== self
    if isTogether { shape.activation = passableActivation(tape) }
    try weight.addGradients(with: bias) {
      (weightGradient, biasGradient, accumulate) throws(DeviceError) in
      shape.accumulate = accumulate
      guard isTogether else {
        return try device.denseGradient(
          shape.weightProduct, buffer, outputGradient: dy, into: weightGradient,
          bias: biasGradient)
      }
      try addGradient(through: shape.activation) {
        (gradient, accumulateInput) throws(DeviceError) in
        shape.accumulateInput = accumulateInput
        try device.denseGradients(
          shape, buffer, weights: weight.buffer, outputGradient: dy, into: weightGradient,
          bias: biasGradient, input: gradient)
      }
    }
    if isTogether { return }
    try addGradient { (gradient, accumulate) throws(DeviceError) in
      shape.accumulateInput = accumulate
      try device.matmul(
        shape.inputProduct, dy, weight.buffer, bias: nil, into: gradient)
    }
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
