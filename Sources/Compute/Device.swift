/// A processor that runs the operations of this library: the contract of every backend.
///
/// Operations are destination-passing: they write into buffers that the caller gives, which must
/// belong to this device and must not overlap the inputs unless an operation says so. Buffers are
/// contiguous and row-major. Everything is enqueued in order; only ``read(_:into:)`` and
/// ``synchronize()`` wait. A wrong extent stops the program (a programmer's error); what the world
/// can get wrong is thrown.
///
/// The same calls with the same inputs give the same bytes on the same device. Devices may be
/// called from several threads: each call is one unit, and the order is that of the calls.
public protocol Device: AnyObject, Sendable {
  /// What the device says of itself.
  var description: DeviceDescription { get }

  /// Where shapes choose between forms of one kernel: this device, with its buffers, limited to each
  /// of them, so that small shapes can check them all. Empty unless a device has such.
  var variants: [any Device] { get }

  // MARK: Memory

  /// Makes a buffer of `count` elements with undefined contents.
  func makeBuffer(count: Int, type: ElementType) throws(DeviceError) -> Buffer

  /// A view of `count` elements from `offset` that shares the storage of `buffer` and keeps it
  /// alive. The offset must be a multiple of ``sliceAlignment``.
  func slice(_ buffer: Buffer, offset: Int, count: Int) throws(DeviceError) -> Buffer

  /// Copies host bytes, exactly as many as `buffer` holds, to the device. The bytes may be reused
  /// as soon as the call returns.
  func write(_ bytes: UnsafeRawBufferPointer, to buffer: Buffer) throws(DeviceError)

  /// Waits for the queue, then copies all of `buffer` to the host.
  func read(_ buffer: Buffer, into bytes: UnsafeMutableRawBufferPointer) throws(DeviceError)

  /// Sets every element of a `float32` buffer to `value`.
  func fill(_ buffer: Buffer, with value: Float) throws(DeviceError)

  /// Copies all of `source` to `destination`, of the same extent and type.
  func copy(_ source: Buffer, to destination: Buffer) throws(DeviceError)

  /// Waits until everything that was enqueued is done, and throws what went wrong in it.
  func synchronize() throws(DeviceError)

  // MARK: Elementwise

  /// `y[i] = f(x[i])`. `y` may be `x`.
  func map(_ function: UnaryFunction, _ x: Buffer, into y: Buffer) throws(DeviceError)

  /// `dx[i] (+)= dy[i]·f′`, with the derivative taken from the *output* `y = f(x)`, so that no
  /// input need be kept. Adds to `dx` when `accumulate` is set. `dx` may be `dy`.
  func mapGradient(
    _ function: UnaryFunction, output y: Buffer, outputGradient dy: Buffer, into dx: Buffer,
    accumulate: Bool
  ) throws(DeviceError)

  /// `c[i] = f(a[i], b[i])`. `c` may be `a` or `b`.
  func zip(_ function: BinaryFunction, _ a: Buffer, _ b: Buffer, into c: Buffer)
    throws(DeviceError)

  /// `y[i] = α·x[i] + β·y[i]`; with β = 0 the old `y` is not read.
  func scaledAdd(_ alpha: Float, _ x: Buffer, _ beta: Float, into y: Buffer) throws(DeviceError)

  // MARK: Linear algebra and reductions

  /// `c = f(op(a)·op(b) + (accumulate ? c : 0) + bias)`; see ``Matmul``.
  ///
  /// - Parameter bias: One value for each column of `c`, or nil.
  func matmul(_ shape: Matmul, _ a: Buffer, _ b: Buffer, bias: Buffer?, into c: Buffer)
    throws(DeviceError)

  /// `dw (+)= xᵀ·dy` and `db (+)= Σ_r dy[r, :]`: the gradients of a dense layer in its weights and its
  /// bias. Composed of ``matmul(_:_:_:bias:into:)`` and ``reduce(_:_:into:)`` unless a device does
  /// better.
  ///
  /// - Parameters:
  ///   - shape: The product xᵀ·dy, of inputs × outputs; `accumulate` is for both results.
  ///   - x: The input of the layer, batch × inputs.
  ///   - dy: The gradient of its output before the activation, batch × outputs.
  func denseGradient(
    _ shape: Matmul, _ x: Buffer, outputGradient dy: Buffer, into weightGradient: Buffer,
    bias biasGradient: Buffer
  ) throws(DeviceError)

  /// Reduces the rows or the columns of a matrix; see ``Reduction``.
  func reduce(_ reduction: Reduction, _ x: Buffer, into y: Buffer) throws(DeviceError)

  // MARK: Data

  /// `y[r, :] = scale · bytes[indices[first + r], :]`: a batch from a data set of bytes; see
  /// ``Gather``.
  func gather(_ gather: Gather, _ bytes: Buffer, at indices: Buffer, into y: Buffer)
    throws(DeviceError)

  // MARK: Random numbers

  /// Fills `y` with random numbers of a distribution; see ``RandomStream`` for the numbering.
  /// `.bits` needs an `int32` buffer, the others `float32`.
  func random(_ distribution: Distribution, _ stream: RandomStream, into y: Buffer)
    throws(DeviceError)

  /// Fills the `int32` buffer `y` with a random permutation of `0..<y.count`; see
  /// ``Permutation``.
  func permutation(_ stream: RandomStream, into y: Buffer) throws(DeviceError)

  // MARK: Losses and distributions

  /// `loss[r] = Σ_c softplus(l) − x·l`: the cross-entropy of Bernoulli pixels from logits, in nats
  /// per row.
  func binaryCrossEntropy(_ shape: Rows, logits: Buffer, targets: Buffer, into loss: Buffer)
    throws(DeviceError)

  /// `dl[r, c] (+)= dloss[r]·(sigmoid(l) − x)`: the gradient of
  /// ``binaryCrossEntropy(_:logits:targets:into:)``.
  func binaryCrossEntropyGradient(
    _ shape: Rows, logits: Buffer, targets: Buffer, lossGradient: Buffer,
    into logitsGradient: Buffer, accumulate: Bool
  ) throws(DeviceError)

  /// `z = μ + exp(½ log σ²)·ε`: a sample of q(z|x).
  ///
  /// - Parameters:
  ///   - shape: The batch and the latent dimension D.
  ///   - parameters: rows × 2D, means before log variances.
  ///   - noise: rows × D.
  ///   - z: rows × D.
  func reparameterize(_ shape: Rows, parameters: Buffer, noise: Buffer, into z: Buffer)
    throws(DeviceError)

  /// The gradient of ``reparameterize(_:parameters:noise:into:)`` in its parameters:
  /// `dμ (+)= dz`, `d log σ² (+)= ½·dz·ε·exp(½ log σ²)`.
  func reparameterizeGradient(
    _ shape: Rows, parameters: Buffer, noise: Buffer, outputGradient: Buffer,
    into parametersGradient: Buffer, accumulate: Bool
  ) throws(DeviceError)

  /// `kl[r] = ½ Σ_d (μ² + σ² − 1 − log σ²)`: KL(N(μ, σ²) ‖ N(0, 1)) in nats per row (equation 1,
  /// second term). `parameters` as in ``reparameterize(_:parameters:noise:into:)``.
  func gaussianDivergence(_ shape: Rows, parameters: Buffer, into divergence: Buffer)
    throws(DeviceError)

  /// The gradient of ``gaussianDivergence(_:parameters:into:)``: `dμ (+)= dkl·μ`,
  /// `d log σ² (+)= ½·dkl·(σ² − 1)`.
  func gaussianDivergenceGradient(
    _ shape: Rows, parameters: Buffer, divergenceGradient: Buffer,
    into parametersGradient: Buffer, accumulate: Bool
  ) throws(DeviceError)

  /// `terms[i] = Σ_j k(xᵢ, xⱼ) − 2 k(xᵢ, yⱼ) + k(yᵢ, yⱼ)` with k(x, y) = exp(−‖x − y‖² / width):
  /// their sum over i, divided by count², is equation 2. See ``KernelDiscrepancy``.
  func kernelDiscrepancy(_ shape: KernelDiscrepancy, _ x: Buffer, _ y: Buffer, into terms: Buffer)
    throws(DeviceError)

  /// The gradient of ``kernelDiscrepancy(_:_:_:into:)`` in `x`, `g` being that of `terms`:
  /// `dx[i] (+)= Σ_j (g[i] + g[j])·∂k(xᵢ, xⱼ)/∂xᵢ − 2 g[i]·∂k(xᵢ, yⱼ)/∂xᵢ`.
  func kernelDiscrepancyGradient(
    _ shape: KernelDiscrepancy, _ x: Buffer, _ y: Buffer, termGradient: Buffer,
    into xGradient: Buffer, accumulate: Bool
  ) throws(DeviceError)

  // MARK: Convolutional networks

  /// `y = f(x ⋆ w + bias)`; see ``Convolution``. `bias` has one number for each output channel.
  func conv2d(
    _ shape: Convolution, _ x: Buffer, weights: Buffer, bias: Buffer?, into y: Buffer
  ) throws(DeviceError)

  /// ``conv2d(_:_:weights:bias:into:)`` followed by ``maxPool(_:_:into:)``, for inference: what lies
  /// between need not be stored. Composed of the two unless a device does better.
  func conv2dMaxPool(
    _ shape: Convolution, _ x: Buffer, weights: Buffer, bias: Buffer?, into y: Buffer
  ) throws(DeviceError)

  /// `dx (+)= dy ⋆ᵀ w`: the gradient of a convolution (before its activation) in its input.
  func conv2dInputGradient(
    _ shape: Convolution, weights: Buffer, outputGradient: Buffer, into xGradient: Buffer,
    accumulate: Bool
  ) throws(DeviceError)

  /// `dw (+)= x ⋆ dy`: the gradient of a convolution (before its activation) in its weights.
  func conv2dWeightGradient(
    _ shape: Convolution, _ x: Buffer, outputGradient: Buffer, into weightsGradient: Buffer,
    accumulate: Bool
  ) throws(DeviceError)

  /// The maximum of each window of 2 × 2; see ``Pooling``.
  func maxPool(_ shape: Pooling, _ x: Buffer, into y: Buffer) throws(DeviceError)

  /// `dx (+)= dy` at the first maximum of each window (row by row), nothing elsewhere.
  func maxPoolGradient(
    _ shape: Pooling, _ x: Buffer, outputGradient: Buffer, into xGradient: Buffer,
    accumulate: Bool
  ) throws(DeviceError)

  /// `y[i] = uᵢ < rate ? 0 : x[i] / (1 − rate)` with the uniform numbers u of a stream: the same
  /// elements on every device. It is its own gradient. `y` may be `x`.
  func dropout(_ rate: Float, _ stream: RandomStream, _ x: Buffer, into y: Buffer)
    throws(DeviceError)

  // MARK: Classification

  /// `y[r, c] = exp(x[r, c]) / Σ exp(x[r, :])` without overflow. `y` may be `x`.
  func softmax(_ shape: Rows, _ x: Buffer, into y: Buffer) throws(DeviceError)

  /// `loss[r] = −log softmax(logits[r, :])[labels[r]]` in nats. A label outside the columns gives
  /// NaN.
  func softmaxCrossEntropy(_ shape: Rows, logits: Buffer, labels: Buffer, into loss: Buffer)
    throws(DeviceError)

  /// `dl[r, c] (+)= dloss[r]·(softmax(logits[r, :])[c] − (c = labels[r]))`.
  func softmaxCrossEntropyGradient(
    _ shape: Rows, logits: Buffer, labels: Buffer, lossGradient: Buffer,
    into logitsGradient: Buffer, accumulate: Bool
  ) throws(DeviceError)

  /// The first column of the greatest element of each row, as `int32`. A NaN counts as greatest.
  func argmax(_ shape: Rows, _ x: Buffer, into y: Buffer) throws(DeviceError)

  /// `y[i] = a[i] = b[i] ? 1 : 0` for `int32` inputs.
  func equal(_ a: Buffer, _ b: Buffer, into y: Buffer) throws(DeviceError)

  // MARK: Rows

  /// `y[r, c] = x[r, c]·scale[c] + shift[c]`. `y` may be `x`.
  func scaleColumns(
    _ shape: Rows, _ x: Buffer, by scale: Buffer, adding shift: Buffer, into y: Buffer)
    throws(DeviceError)

  /// `y[r, :] = x[r, :] / ‖x[r, :]‖`; a row of zeros stays zeros. `y` may be `x`.
  func normalizeRows(_ shape: Rows, _ x: Buffer, into y: Buffer) throws(DeviceError)

  // MARK: Optimisation

  /// One step of Adam over a whole arena; see ``Adam``.
  func adamStep(
    _ adam: Adam, parameters: Buffer, gradients: Buffer, firstMoments: Buffer,
    secondMoments: Buffer
  ) throws(DeviceError)
}

/// Slices start at multiples of this many elements (1024 bytes of `float32`), which satisfies the
/// alignment that OpenCL devices ask of sub-buffers.
public let sliceAlignment = 256

extension Device {
  /// None.
  public var variants: [any Device] { [] }

  /// The two operations one after the other.
  public func denseGradient(
    _ shape: Matmul, _ x: Buffer, outputGradient dy: Buffer, into weightGradient: Buffer,
    bias biasGradient: Buffer
  ) throws(DeviceError) {
    shape.checkGradient()
    try matmul(shape, x, dy, bias: nil, into: weightGradient)
    try reduce(shape.biasGradient, dy, into: biasGradient)
  }

  /// The two operations one after the other.
  public func conv2dMaxPool(
    _ shape: Convolution, _ x: Buffer, weights: Buffer, bias: Buffer?, into y: Buffer
  ) throws(DeviceError) {
    let between = try makeBuffer(count: shape.outputCount, type: .float32)
    try conv2d(shape, x, weights: weights, bias: bias, into: between)
    try maxPool(shape.pooling, between, into: y)
  }

  /// Makes a buffer that holds `values`.
  public func makeBuffer<Element: BufferElement>(_ values: [Element]) throws(DeviceError) -> Buffer
  {
    let buffer = try makeBuffer(count: values.count, type: Element.elementType)
    try upload(values, to: buffer)
    return buffer
  }

  /// Copies `values` to a buffer of the same extent and type.
  public func upload<Element: BufferElement>(_ values: [Element], to buffer: Buffer)
    throws(DeviceError)
  {
    buffer.require(values.count, "the destination of an upload", type: Element.elementType)
    try values.withUnsafeBufferPointer { values throws(DeviceError) in
      try write(UnsafeRawBufferPointer(values), to: buffer)
    }
  }

  /// Waits for the queue and returns the contents of a buffer.
  public func download<Element: BufferElement>(_ buffer: Buffer, as: Element.Type = Float.self)
    throws(DeviceError) -> [Element]
  {
    buffer.require(buffer.count, "the source of a download", type: Element.elementType)
    var failure: DeviceError?
    let values = [Element](unsafeUninitializedCapacity: buffer.count) { storage, count in
      do throws(DeviceError) {
        try read(buffer, into: UnsafeMutableRawBufferPointer(storage))
        count = buffer.count
      } catch {
        failure = error
        count = 0
      }
    }
    if let failure { throw failure }
    return values
  }
}
