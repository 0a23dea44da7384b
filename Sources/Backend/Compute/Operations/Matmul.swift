/// A matrix product `c = f(op(a)·op(b) + (accumulate ? c : 0) + bias)`.
///
/// `op(a)` is m × k, `op(b)` is k × n and `c` is m × n, all row-major and dense.
public struct Matmul: Sendable, Hashable {
  /// The rows of `c`.
  public var m: Int
  /// The columns of `c`.
  public var n: Int
  /// The length of the inner products.
  public var k: Int
  /// `a` is stored as k × m.
  public var transposeA: Bool
  /// `b` is stored as n × k.
  public var transposeB: Bool
  /// Add to `c` rather than replace it.
  public var accumulate: Bool
  /// The function applied last.
  public var activation: UnaryFunction

  /// Describes a product.
  public init(
    m: Int, n: Int, k: Int, transposeA: Bool = false, transposeB: Bool = false,
    accumulate: Bool = false, activation: UnaryFunction = .identity
  ) {
    self.m = m
    self.n = n
    self.k = k
    self.transposeA = transposeA
    self.transposeB = transposeB
    self.accumulate = accumulate
    self.activation = activation
  }

  /// The reduction of the right factor that accompanies the product.
  public var biasGradient: Reduction {
    Reduction(.sum, .perColumn, Rows(k, n), accumulate: accumulate)
  }

  /// The floating point operations of the product: two for each multiply-add.
  public var operations: Double { 2 * Double(m) * Double(n) * Double(k) }

  /// M×K×N, for M×K · K×N.
  package var extents: [Int] { [m, k, n] }
  /// For each factor, T if it is stored transposed, otherwise N.
  package var layout: String {
    transposeA ? (transposeB ? "TT" : "TN") : (transposeB ? "NT" : "NN")
  }
}

/// See ``Device/matmul(_:_:_:bias:into:)``.
public struct MatmulOperation: DeviceOperation {
  public static let name = "matmul"
  /// The extents, and what else the product does.
  public let shape: Matmul
  /// m × k, or k × m when transposed.
  public let a: Buffer
  /// k × n, or n × k when transposed.
  public let b: Buffer
  /// One value for each column of `c`; nil for none.
  public let bias: Buffer?
  /// m × n.
  public let c: Buffer

  public var results: [Buffer] { [c] }
  public var cost: Cost { Cost(operations: shape.operations, [a, b, bias, c]) }
  public var extents: [Int] { shape.extents }
  public var detail: String { shape.layout }

  public func check() {
    a.require(shape.m * shape.k, "the left factor of matmul")
    b.require(shape.k * shape.n, "the right factor of matmul")
    bias?.require(shape.n, "the bias of matmul")
    c.require(shape.m * shape.n, "the product of matmul")
  }
}

/// See ``Device/matmul(_:count:_:_:into:)``.
public struct BatchedMatmulOperation: DeviceOperation {
  public static let name = "batchedMatmul"
  /// The extents of one product.
  public let shape: Matmul
  /// The number of products.
  public let count: Int
  /// The left factors, or one for all.
  public let a: Buffer
  /// The right factors, or one for all.
  public let b: Buffer
  /// The products, one after the other.
  public let c: Buffer

  /// The stride from one left factor to the next: 0 if there is only one.
  package var aStep: Int { a.count == shape.m * shape.k ? 0 : shape.m * shape.k }
  /// The stride from one right factor to the next.
  package var bStep: Int { b.count == shape.k * shape.n ? 0 : shape.k * shape.n }
  /// The stride from one product to the next.
  package var cStep: Int { shape.m * shape.n }

  public var results: [Buffer] { [c] }
  public var cost: Cost { Cost(operations: Double(count) * shape.operations, [a, b, c]) }
  public var extents: [Int] { [count] + shape.extents }
  public var detail: String { shape.layout }

  public func check() {
    stopUnless(count > 0, "\(count) products are none")
    a.require((aStep == 0 ? 1 : count) * shape.m * shape.k, "the left factors of matmul")
    b.require((bStep == 0 ? 1 : count) * shape.k * shape.n, "the right factors of matmul")
    c.require(count * cStep, "the products of matmul")
  }

  /// One product after another, on copies.
  public func compose(on device: any Device) throws(DeviceError) {
    func part(_ x: Buffer, _ first: Int, _ length: Int) throws(DeviceError) -> Buffer {
      try Intermediate(x, [1, x.count], on: device).columns(first..<first + length).buffer
    }
    for i in 0..<count {
      let product = try part(c, i * cStep, cStep)
      try device.matmul(
        shape, part(a, i * aStep, shape.m * shape.k), part(b, i * bStep, shape.k * shape.n),
        bias: nil, into: product)
      try device.stridedCopy(
        [cStep], product, from: Layout(strides: [1]), into: c,
        at: Layout(offset: i * cStep, strides: [1]))
    }
  }
}

/// See ``Device/denseGradient(_:_:outputGradient:into:bias:)``.
public struct DenseGradientOperation: DeviceOperation {
  public static let name = "denseGradient"
  /// The product xᵀ·dy, of inputs × outputs.
  public let shape: Matmul
  /// The input of the layer, batch × inputs.
  public let x: Buffer
  /// dy, batch × outputs.
  public let outputGradient: Buffer
  /// dw, inputs × outputs.
  public let weightGradient: Buffer
  /// db, one value for each output.
  public let biasGradient: Buffer

  public var results: [Buffer] { [weightGradient, biasGradient] }
  public var cost: Cost {
    Cost(
      operations: shape.operations + Double(outputGradient.count),
      [x, outputGradient, weightGradient, biasGradient])
  }
  public var extents: [Int] { shape.extents }
  public var detail: String { shape.layout }

  public func check() {
    stopUnless(
      shape.transposeA && !shape.transposeB && shape.activation == .identity,
      "\(shape) is not the product xᵀ·dy")
    x.require(shape.m * shape.k, "the input of a dense layer")
    outputGradient.require(shape.k * shape.n, "the output gradient of a dense layer")
    weightGradient.require(shape.m * shape.n, "the weight gradient of a dense layer")
    biasGradient.require(shape.n, "the bias gradient of a dense layer")
  }

  /// The product, and the column sums.
  public func compose(on device: any Device) throws(DeviceError) {
    try device.matmul(shape, x, outputGradient, bias: nil, into: weightGradient)
    try device.reduce(shape.biasGradient, outputGradient, into: biasGradient)
  }
}

extension Device {
  /// `c = f(op(a)·op(b) + (accumulate ? c : 0) + bias)`; see ``Matmul``.
  ///
  /// - Parameters:
  ///   - shape: The extents, and what else the product does.
  ///   - a: m × k, or k × m when transposed.
  ///   - b: k × n, or n × k when transposed.
  ///   - bias: One value for each column of `c`, or nil.
  ///   - c: m × n.
  public func matmul(_ shape: Matmul, _ a: Buffer, _ b: Buffer, bias: Buffer?, into c: Buffer)
    throws(DeviceError)
  {
    try perform(MatmulOperation(shape: shape, a: a, b: b, bias: bias, c: c))
  }

  /// `count` products at once, consecutive in `c`. Each factor is one per product, or one for all.
  public func matmul(_ shape: Matmul, count: Int, _ a: Buffer, _ b: Buffer, into c: Buffer)
    throws(DeviceError)
  {
    if count == 1 { return try matmul(shape, a, b, bias: nil, into: c) }
    try perform(BatchedMatmulOperation(shape: shape, count: count, a: a, b: b, c: c))
  }

  /// `dw (+)= xᵀ·dy` and `db (+)= Σ_r dy[r, :]`: the gradients of a dense layer with respect to its weights
  /// and its bias.
  ///
  /// - Parameters:
  ///   - shape: The product xᵀ·dy, of inputs × outputs; `accumulate` is for both results.
  ///   - x: The input of the layer, batch × inputs.
  ///   - dy: The gradient of its output before the activation, batch × outputs.
  ///   - weightGradient: dw, inputs × outputs.
  ///   - biasGradient: db, one value for each output.
  public func denseGradient(
    _ shape: Matmul, _ x: Buffer, outputGradient dy: Buffer, into weightGradient: Buffer,
    bias biasGradient: Buffer
  ) throws(DeviceError) {
    try perform(
      DenseGradientOperation(
        shape: shape, x: x, outputGradient: dy, weightGradient: weightGradient,
        biasGradient: biasGradient))
  }
}
