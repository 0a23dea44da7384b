/// The gradients of a dense layer y = x·w + b in its weights, its bias and its input.
public struct DenseGradients: Sendable, Hashable {
  /// The rows of x and y.
  public var batch: Int
  /// The columns of x.
  public var inputs: Int
  /// The columns of y.
  public var outputs: Int
  /// Add to the gradients of the weights and of the bias rather than replace them.
  public var accumulate: Bool
  /// Add to the gradient of the input rather than replace it.
  public var accumulateInput: Bool
  /// The function f whose output x is: the gradient is that of its input. `.identity` for that of x itself.
  public var activation: UnaryFunction

  /// Describes the gradients.
  public init(
    batch: Int, inputs: Int, outputs: Int, accumulate: Bool = false, accumulateInput: Bool = false,
    activation: UnaryFunction = .identity
  ) {
    self.batch = batch
    self.inputs = inputs
    self.outputs = outputs
    self.accumulate = accumulate
    self.accumulateInput = accumulateInput
    self.activation = activation
  }

  /// The product xᵀ·dy.
  package var weightProduct: Matmul {
    Matmul(m: inputs, n: outputs, k: batch, transposeA: true, accumulate: accumulate)
  }

  /// The product dy·wᵀ.
  package var inputProduct: Matmul {
    Matmul(m: batch, n: inputs, k: outputs, transposeB: true, accumulate: accumulateInput)
  }
}

/// See ``Device/denseGradients(_:_:weights:outputGradient:into:bias:input:)``.
public struct DenseGradientsOperation: DeviceOperation {
  public static let name = "denseGradients"
  /// The extents, and what else is done.
  public let shape: DenseGradients
  /// The input of the layer, batch × inputs.
  public let x: Buffer
  /// w, inputs × outputs.
  public let weights: Buffer
  /// dy, batch × outputs.
  public let outputGradient: Buffer
  /// dw, inputs × outputs.
  public let weightGradient: Buffer
  /// db, one value for each output.
  public let biasGradient: Buffer
  /// dx, batch × inputs.
  public let inputGradient: Buffer

  public var results: [Buffer] { [weightGradient, biasGradient, inputGradient] }
  public var cost: Cost {
    Cost(
      operations: 2 * shape.weightProduct.operations + Double(outputGradient.count + x.count),
      [x, weights, outputGradient, weightGradient, biasGradient, inputGradient])
  }

  public func check() {
    stopUnless(
      !shape.activation.derivesFromInput,
      "the slope of \(shape.activation) does not follow from its output")
    x.require(shape.batch * shape.inputs, "the input of a dense layer")
    weights.require(shape.inputs * shape.outputs, "the weights of a dense layer")
    outputGradient.require(shape.batch * shape.outputs, "the output gradient of a dense layer")
    weightGradient.require(shape.inputs * shape.outputs, "the weight gradient of a dense layer")
    biasGradient.require(shape.outputs, "the bias gradient of a dense layer")
    inputGradient.require(shape.batch * shape.inputs, "the input gradient of a dense layer")
  }

  /// The gradients of weights and bias, that of the input, and its way through the activation.
  public func compose(on device: any Device) throws(DeviceError) {
    try device.denseGradient(
      shape.weightProduct, x, outputGradient: outputGradient, into: weightGradient,
      bias: biasGradient)
    try device.matmul(shape.inputProduct, outputGradient, weights, bias: nil, into: inputGradient)
    if shape.activation != .identity {
      try device.mapGradient(
        shape.activation, at: x, outputGradient: inputGradient, into: inputGradient,
        accumulate: false)
    }
  }
}

extension Device {
  /// `dw (+)= xᵀ·dy`, `db (+)= Σ_r dy[r, :]` and `dx = f′·((dx +) dy·wᵀ)`: the gradients of a dense layer whose
  /// input x is the output of the function f; see ``DenseGradients``.
  ///
  /// - Parameters:
  ///   - shape: The extents, what is added to, and f.
  ///   - x: The input of the layer, batch × inputs.
  ///   - weights: w, inputs × outputs.
  ///   - dy: The gradient of its output before its own activation, batch × outputs.
  ///   - weightGradient: dw, inputs × outputs.
  ///   - biasGradient: db, one value for each output.
  ///   - inputGradient: dx, batch × inputs.
  public func denseGradients(
    _ shape: DenseGradients, _ x: Buffer, weights: Buffer, outputGradient dy: Buffer,
    into weightGradient: Buffer, bias biasGradient: Buffer, input inputGradient: Buffer
  ) throws(DeviceError) {
    try perform(
      DenseGradientsOperation(
        shape: shape, x: x, weights: weights, outputGradient: dy, weightGradient: weightGradient,
        biasGradient: biasGradient, inputGradient: inputGradient))
  }
}
