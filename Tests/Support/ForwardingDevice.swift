import Compute

/// A device that passes everything on to another one, for tests to override what they break.
open class ForwardingDevice: Device, @unchecked Sendable {
  /// The device that does the work.
  public let base: any Device

  /// Wraps a device.
  public init(_ base: any Device) { self.base = base }

  /// What a call asks of a device.
  public enum CallKind: Sendable, CaseIterable {
    /// Memory, or a view of some.
    case allocate
    /// Work for the queue.
    case launch
    /// To wait for the queue.
    case wait
  }

  /// Comes before each call that is passed on; an error that it throws comes in its place.
  open func willCall(_ kind: CallKind, _ name: String) throws(DeviceError) {}

  /// Comes after each call that has a result.
  open func didCall(_ name: String, _ result: Buffer) throws(DeviceError) {}

  open var description: DeviceDescription { base.description }

  open var variants: [any Device] { [] }

  open func makeBuffer(count: Int, type: ElementType) throws(DeviceError) -> Buffer {
    try willCall(.allocate, "makeBuffer")
    return try base.makeBuffer(count: count, type: type)
  }

  open func slice(_ buffer: Buffer, offset: Int, count: Int) throws(DeviceError) -> Buffer {
    try willCall(.allocate, "slice")
    return try base.slice(buffer, offset: offset, count: count)
  }

  open func write(_ bytes: UnsafeRawBufferPointer, to buffer: Buffer) throws(DeviceError) {
    try willCall(.launch, "write")
    try base.write(bytes, to: buffer)
    try didCall("write", buffer)
  }

  open func read(_ buffer: Buffer, into bytes: UnsafeMutableRawBufferPointer) throws(DeviceError) {
    try willCall(.wait, "read")
    try base.read(buffer, into: bytes)
  }

  open func fill(_ buffer: Buffer, with value: Float) throws(DeviceError) {
    try willCall(.launch, "fill")
    try base.fill(buffer, with: value)
    try didCall("fill", buffer)
  }

  open func copy(_ source: Buffer, to destination: Buffer) throws(DeviceError) {
    try willCall(.launch, "copy")
    try base.copy(source, to: destination)
    try didCall("copy", destination)
  }

  open func synchronize() throws(DeviceError) {
    try willCall(.wait, "synchronize")
    try base.synchronize()
  }

  open func map(_ function: UnaryFunction, _ x: Buffer, into y: Buffer) throws(DeviceError) {
    try willCall(.launch, "map")
    try base.map(function, x, into: y)
    try didCall("map", y)
  }

  open func mapGradient(
    _ function: UnaryFunction, output y: Buffer, outputGradient dy: Buffer, into dx: Buffer,
    accumulate: Bool
  ) throws(DeviceError) {
    try willCall(.launch, "mapGradient")
    try base.mapGradient(function, output: y, outputGradient: dy, into: dx, accumulate: accumulate)
    try didCall("mapGradient", dx)
  }

  open func zip(_ function: BinaryFunction, _ a: Buffer, _ b: Buffer, into c: Buffer)
    throws(DeviceError)
  {
    try willCall(.launch, "zip")
    try base.zip(function, a, b, into: c)
    try didCall("zip", c)
  }

  open func scaledAdd(_ alpha: Float, _ x: Buffer, _ beta: Float, into y: Buffer)
    throws(DeviceError)
  {
    try willCall(.launch, "scaledAdd")
    try base.scaledAdd(alpha, x, beta, into: y)
    try didCall("scaledAdd", y)
  }

  open func matmul(_ shape: Matmul, _ a: Buffer, _ b: Buffer, bias: Buffer?, into c: Buffer)
    throws(DeviceError)
  {
    try willCall(.launch, "matmul")
    try base.matmul(shape, a, b, bias: bias, into: c)
    try didCall("matmul", c)
  }

  open func reduce(_ reduction: Reduction, _ x: Buffer, into y: Buffer) throws(DeviceError) {
    try willCall(.launch, "reduce")
    try base.reduce(reduction, x, into: y)
    try didCall("reduce", y)
  }

  open func gather(_ gather: Gather, _ bytes: Buffer, at indices: Buffer, into y: Buffer)
    throws(DeviceError)
  {
    try willCall(.launch, "gather")
    try base.gather(gather, bytes, at: indices, into: y)
    try didCall("gather", y)
  }

  open func random(_ distribution: Distribution, _ stream: RandomStream, into y: Buffer)
    throws(DeviceError)
  {
    try willCall(.launch, "random")
    try base.random(distribution, stream, into: y)
    try didCall("random", y)
  }

  open func permutation(_ stream: RandomStream, into y: Buffer) throws(DeviceError) {
    try willCall(.launch, "permutation")
    try base.permutation(stream, into: y)
    try didCall("permutation", y)
  }

  open func binaryCrossEntropy(_ shape: Rows, logits: Buffer, targets: Buffer, into loss: Buffer)
    throws(DeviceError)
  {
    try willCall(.launch, "binaryCrossEntropy")
    try base.binaryCrossEntropy(shape, logits: logits, targets: targets, into: loss)
    try didCall("binaryCrossEntropy", loss)
  }

  open func binaryCrossEntropyGradient(
    _ shape: Rows, logits: Buffer, targets: Buffer, lossGradient: Buffer,
    into logitsGradient: Buffer, accumulate: Bool
  ) throws(DeviceError) {
    try willCall(.launch, "binaryCrossEntropyGradient")
    try base.binaryCrossEntropyGradient(
      shape, logits: logits, targets: targets, lossGradient: lossGradient, into: logitsGradient,
      accumulate: accumulate)
    try didCall("binaryCrossEntropyGradient", logitsGradient)
  }

  open func reparameterize(_ shape: Rows, parameters: Buffer, noise: Buffer, into z: Buffer)
    throws(DeviceError)
  {
    try willCall(.launch, "reparameterize")
    try base.reparameterize(shape, parameters: parameters, noise: noise, into: z)
    try didCall("reparameterize", z)
  }

  open func reparameterizeGradient(
    _ shape: Rows, parameters: Buffer, noise: Buffer, outputGradient: Buffer,
    into parametersGradient: Buffer, accumulate: Bool
  ) throws(DeviceError) {
    try willCall(.launch, "reparameterizeGradient")
    try base.reparameterizeGradient(
      shape, parameters: parameters, noise: noise, outputGradient: outputGradient,
      into: parametersGradient, accumulate: accumulate)
    try didCall("reparameterizeGradient", parametersGradient)
  }

  open func gaussianDivergence(_ shape: Rows, parameters: Buffer, into divergence: Buffer)
    throws(DeviceError)
  {
    try willCall(.launch, "gaussianDivergence")
    try base.gaussianDivergence(shape, parameters: parameters, into: divergence)
    try didCall("gaussianDivergence", divergence)
  }

  open func gaussianDivergenceGradient(
    _ shape: Rows, parameters: Buffer, divergenceGradient: Buffer, into parametersGradient: Buffer,
    accumulate: Bool
  ) throws(DeviceError) {
    try willCall(.launch, "gaussianDivergenceGradient")
    try base.gaussianDivergenceGradient(
      shape, parameters: parameters, divergenceGradient: divergenceGradient,
      into: parametersGradient, accumulate: accumulate)
    try didCall("gaussianDivergenceGradient", parametersGradient)
  }

  open func kernelDiscrepancy(
    _ shape: KernelDiscrepancy, _ x: Buffer, _ y: Buffer, into terms: Buffer
  ) throws(DeviceError) {
    try willCall(.launch, "kernelDiscrepancy")
    try base.kernelDiscrepancy(shape, x, y, into: terms)
    try didCall("kernelDiscrepancy", terms)
  }

  open func kernelDiscrepancyGradient(
    _ shape: KernelDiscrepancy, _ x: Buffer, _ y: Buffer, termGradient: Buffer,
    into xGradient: Buffer, accumulate: Bool
  ) throws(DeviceError) {
    try willCall(.launch, "kernelDiscrepancyGradient")
    try base.kernelDiscrepancyGradient(
      shape, x, y, termGradient: termGradient, into: xGradient, accumulate: accumulate)
    try didCall("kernelDiscrepancyGradient", xGradient)
  }

  open func adamStep(
    _ adam: Adam, parameters: Buffer, gradients: Buffer, firstMoments: Buffer, secondMoments: Buffer
  ) throws(DeviceError) {
    try willCall(.launch, "adamStep")
    try base.adamStep(
      adam, parameters: parameters, gradients: gradients, firstMoments: firstMoments,
      secondMoments: secondMoments)
    try didCall("adamStep", parameters)
  }

  open func conv2d(
    _ shape: Convolution, _ x: Buffer, weights: Buffer, bias: Buffer?, into y: Buffer
  ) throws(DeviceError) {
    try willCall(.launch, "conv2d")
    try base.conv2d(shape, x, weights: weights, bias: bias, into: y)
    try didCall("conv2d", y)
  }

  open func conv2dMaxPool(
    _ shape: Convolution, _ x: Buffer, weights: Buffer, bias: Buffer?, into y: Buffer
  ) throws(DeviceError) {
    try willCall(.launch, "conv2dMaxPool")
    try base.conv2dMaxPool(shape, x, weights: weights, bias: bias, into: y)
    try didCall("conv2dMaxPool", y)
  }

  open func conv2dInputGradient(
    _ shape: Convolution, weights: Buffer, outputGradient: Buffer, into xGradient: Buffer,
    accumulate: Bool
  ) throws(DeviceError) {
    try willCall(.launch, "conv2dInputGradient")
    try base.conv2dInputGradient(
      shape, weights: weights, outputGradient: outputGradient, into: xGradient,
      accumulate: accumulate)
    try didCall("conv2dInputGradient", xGradient)
  }

  open func conv2dWeightGradient(
    _ shape: Convolution, _ x: Buffer, outputGradient: Buffer, into weightsGradient: Buffer,
    accumulate: Bool
  ) throws(DeviceError) {
    try willCall(.launch, "conv2dWeightGradient")
    try base.conv2dWeightGradient(
      shape, x, outputGradient: outputGradient, into: weightsGradient, accumulate: accumulate)
    try didCall("conv2dWeightGradient", weightsGradient)
  }

  open func maxPool(_ shape: Pooling, _ x: Buffer, into y: Buffer) throws(DeviceError) {
    try willCall(.launch, "maxPool")
    try base.maxPool(shape, x, into: y)
    try didCall("maxPool", y)
  }

  open func maxPoolGradient(
    _ shape: Pooling, _ x: Buffer, outputGradient: Buffer, into xGradient: Buffer,
    accumulate: Bool
  ) throws(DeviceError) {
    try willCall(.launch, "maxPoolGradient")
    try base.maxPoolGradient(
      shape, x, outputGradient: outputGradient, into: xGradient, accumulate: accumulate)
    try didCall("maxPoolGradient", xGradient)
  }

  open func dropout(_ rate: Float, _ stream: RandomStream, _ x: Buffer, into y: Buffer)
    throws(DeviceError)
  {
    try willCall(.launch, "dropout")
    try base.dropout(rate, stream, x, into: y)
    try didCall("dropout", y)
  }

  open func softmax(_ shape: Rows, _ x: Buffer, into y: Buffer) throws(DeviceError) {
    try willCall(.launch, "softmax")
    try base.softmax(shape, x, into: y)
    try didCall("softmax", y)
  }

  open func softmaxCrossEntropy(_ shape: Rows, logits: Buffer, labels: Buffer, into loss: Buffer)
    throws(DeviceError)
  {
    try willCall(.launch, "softmaxCrossEntropy")
    try base.softmaxCrossEntropy(shape, logits: logits, labels: labels, into: loss)
    try didCall("softmaxCrossEntropy", loss)
  }

  open func softmaxCrossEntropyGradient(
    _ shape: Rows, logits: Buffer, labels: Buffer, lossGradient: Buffer,
    into logitsGradient: Buffer, accumulate: Bool
  ) throws(DeviceError) {
    try willCall(.launch, "softmaxCrossEntropyGradient")
    try base.softmaxCrossEntropyGradient(
      shape, logits: logits, labels: labels, lossGradient: lossGradient, into: logitsGradient,
      accumulate: accumulate)
    try didCall("softmaxCrossEntropyGradient", logitsGradient)
  }

  open func argmax(_ shape: Rows, _ x: Buffer, into y: Buffer) throws(DeviceError) {
    try willCall(.launch, "argmax")
    try base.argmax(shape, x, into: y)
    try didCall("argmax", y)
  }

  open func equal(_ a: Buffer, _ b: Buffer, into y: Buffer) throws(DeviceError) {
    try willCall(.launch, "equal")
    try base.equal(a, b, into: y)
    try didCall("equal", y)
  }

  open func scaleColumns(
    _ shape: Rows, _ x: Buffer, by scale: Buffer, adding shift: Buffer, into y: Buffer
  ) throws(DeviceError) {
    try willCall(.launch, "scaleColumns")
    try base.scaleColumns(shape, x, by: scale, adding: shift, into: y)
    try didCall("scaleColumns", y)
  }

  open func normalizeRows(_ shape: Rows, _ x: Buffer, into y: Buffer) throws(DeviceError) {
    try willCall(.launch, "normalizeRows")
    try base.normalizeRows(shape, x, into: y)
    try didCall("normalizeRows", y)
  }
}
