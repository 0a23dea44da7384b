import Compute

/// A device that passes everything on to another one, for tests to override what they break.
open class ForwardingDevice: Device, @unchecked Sendable {
  /// The device that does the work.
  public let base: any Device

  /// Wraps a device.
  public init(_ base: any Device) { self.base = base }

  open var description: DeviceDescription { base.description }

  open var variants: [any Device] { [] }

  open func makeBuffer(count: Int, type: ElementType) throws(DeviceError) -> Buffer {
    try base.makeBuffer(count: count, type: type)
  }

  open func slice(_ buffer: Buffer, offset: Int, count: Int) throws(DeviceError) -> Buffer {
    try base.slice(buffer, offset: offset, count: count)
  }

  open func write(_ bytes: UnsafeRawBufferPointer, to buffer: Buffer) throws(DeviceError) {
    try base.write(bytes, to: buffer)
  }

  open func read(_ buffer: Buffer, into bytes: UnsafeMutableRawBufferPointer) throws(DeviceError) {
    try base.read(buffer, into: bytes)
  }

  open func fill(_ buffer: Buffer, with value: Float) throws(DeviceError) {
    try base.fill(buffer, with: value)
  }

  open func copy(_ source: Buffer, to destination: Buffer) throws(DeviceError) {
    try base.copy(source, to: destination)
  }

  open func synchronize() throws(DeviceError) {
    try base.synchronize()
  }

  open func map(_ function: UnaryFunction, _ x: Buffer, into y: Buffer) throws(DeviceError) {
    try base.map(function, x, into: y)
  }

  open func mapGradient(
    _ function: UnaryFunction, output y: Buffer, outputGradient dy: Buffer, into dx: Buffer,
    accumulate: Bool
  ) throws(DeviceError) {
    try base.mapGradient(function, output: y, outputGradient: dy, into: dx, accumulate: accumulate)
  }

  open func zip(_ function: BinaryFunction, _ a: Buffer, _ b: Buffer, into c: Buffer)
    throws(DeviceError)
  {
    try base.zip(function, a, b, into: c)
  }

  open func scaledAdd(_ alpha: Float, _ x: Buffer, _ beta: Float, into y: Buffer)
    throws(DeviceError)
  {
    try base.scaledAdd(alpha, x, beta, into: y)
  }

  open func matmul(_ shape: Matmul, _ a: Buffer, _ b: Buffer, bias: Buffer?, into c: Buffer)
    throws(DeviceError)
  {
    try base.matmul(shape, a, b, bias: bias, into: c)
  }

  open func reduce(_ reduction: Reduction, _ x: Buffer, into y: Buffer) throws(DeviceError) {
    try base.reduce(reduction, x, into: y)
  }

  open func gather(_ gather: Gather, _ bytes: Buffer, at indices: Buffer, into y: Buffer)
    throws(DeviceError)
  {
    try base.gather(gather, bytes, at: indices, into: y)
  }

  open func random(_ distribution: Distribution, _ stream: RandomStream, into y: Buffer)
    throws(DeviceError)
  {
    try base.random(distribution, stream, into: y)
  }

  open func permutation(_ stream: RandomStream, into y: Buffer) throws(DeviceError) {
    try base.permutation(stream, into: y)
  }

  open func binaryCrossEntropy(_ shape: Rows, logits: Buffer, targets: Buffer, into loss: Buffer)
    throws(DeviceError)
  {
    try base.binaryCrossEntropy(shape, logits: logits, targets: targets, into: loss)
  }

  open func binaryCrossEntropyGradient(
    _ shape: Rows, logits: Buffer, targets: Buffer, lossGradient: Buffer,
    into logitsGradient: Buffer, accumulate: Bool
  ) throws(DeviceError) {
    try base.binaryCrossEntropyGradient(
      shape, logits: logits, targets: targets, lossGradient: lossGradient, into: logitsGradient,
      accumulate: accumulate)
  }

  open func reparameterize(_ shape: Rows, parameters: Buffer, noise: Buffer, into z: Buffer)
    throws(DeviceError)
  {
    try base.reparameterize(shape, parameters: parameters, noise: noise, into: z)
  }

  open func reparameterizeGradient(
    _ shape: Rows, parameters: Buffer, noise: Buffer, outputGradient: Buffer,
    into parametersGradient: Buffer, accumulate: Bool
  ) throws(DeviceError) {
    try base.reparameterizeGradient(
      shape, parameters: parameters, noise: noise, outputGradient: outputGradient,
      into: parametersGradient, accumulate: accumulate)
  }

  open func gaussianDivergence(_ shape: Rows, parameters: Buffer, into divergence: Buffer)
    throws(DeviceError)
  {
    try base.gaussianDivergence(shape, parameters: parameters, into: divergence)
  }

  open func gaussianDivergenceGradient(
    _ shape: Rows, parameters: Buffer, divergenceGradient: Buffer, into parametersGradient: Buffer,
    accumulate: Bool
  ) throws(DeviceError) {
    try base.gaussianDivergenceGradient(
      shape, parameters: parameters, divergenceGradient: divergenceGradient,
      into: parametersGradient, accumulate: accumulate)
  }

  open func kernelSums(_ shape: KernelSums, _ x: Buffer, _ y: Buffer, into sums: Buffer)
    throws(DeviceError)
  {
    try base.kernelSums(shape, x, y, into: sums)
  }

  open func kernelSumsGradient(
    _ shape: KernelSums, _ x: Buffer, _ y: Buffer, xWeights: Buffer, yWeights: Buffer?,
    into xGradient: Buffer, accumulate: Bool
  ) throws(DeviceError) {
    try base.kernelSumsGradient(
      shape, x, y, xWeights: xWeights, yWeights: yWeights, into: xGradient, accumulate: accumulate)
  }

  open func adamStep(
    _ adam: Adam, parameters: Buffer, gradients: Buffer, firstMoments: Buffer, secondMoments: Buffer
  ) throws(DeviceError) {
    try base.adamStep(
      adam, parameters: parameters, gradients: gradients, firstMoments: firstMoments,
      secondMoments: secondMoments)
  }

  open func conv2d(
    _ shape: Convolution, _ x: Buffer, weights: Buffer, bias: Buffer?, into y: Buffer
  ) throws(DeviceError) {
    try base.conv2d(shape, x, weights: weights, bias: bias, into: y)
  }

  open func conv2dMaxPool(
    _ shape: Convolution, _ x: Buffer, weights: Buffer, bias: Buffer?, into y: Buffer
  ) throws(DeviceError) {
    try base.conv2dMaxPool(shape, x, weights: weights, bias: bias, into: y)
  }

  open func conv2dInputGradient(
    _ shape: Convolution, weights: Buffer, outputGradient: Buffer, into xGradient: Buffer,
    accumulate: Bool
  ) throws(DeviceError) {
    try base.conv2dInputGradient(
      shape, weights: weights, outputGradient: outputGradient, into: xGradient,
      accumulate: accumulate)
  }

  open func conv2dWeightGradient(
    _ shape: Convolution, _ x: Buffer, outputGradient: Buffer, into weightsGradient: Buffer,
    accumulate: Bool
  ) throws(DeviceError) {
    try base.conv2dWeightGradient(
      shape, x, outputGradient: outputGradient, into: weightsGradient, accumulate: accumulate)
  }

  open func maxPool(_ shape: Pooling, _ x: Buffer, into y: Buffer) throws(DeviceError) {
    try base.maxPool(shape, x, into: y)
  }

  open func maxPoolGradient(
    _ shape: Pooling, _ x: Buffer, outputGradient: Buffer, into xGradient: Buffer,
    accumulate: Bool
  ) throws(DeviceError) {
    try base.maxPoolGradient(
      shape, x, outputGradient: outputGradient, into: xGradient, accumulate: accumulate)
  }

  open func dropout(_ rate: Float, _ stream: RandomStream, _ x: Buffer, into y: Buffer)
    throws(DeviceError)
  {
    try base.dropout(rate, stream, x, into: y)
  }

  open func softmax(_ shape: Rows, _ x: Buffer, into y: Buffer) throws(DeviceError) {
    try base.softmax(shape, x, into: y)
  }

  open func softmaxCrossEntropy(_ shape: Rows, logits: Buffer, labels: Buffer, into loss: Buffer)
    throws(DeviceError)
  {
    try base.softmaxCrossEntropy(shape, logits: logits, labels: labels, into: loss)
  }

  open func softmaxCrossEntropyGradient(
    _ shape: Rows, logits: Buffer, labels: Buffer, lossGradient: Buffer,
    into logitsGradient: Buffer, accumulate: Bool
  ) throws(DeviceError) {
    try base.softmaxCrossEntropyGradient(
      shape, logits: logits, labels: labels, lossGradient: lossGradient, into: logitsGradient,
      accumulate: accumulate)
  }

  open func argmax(_ shape: Rows, _ x: Buffer, into y: Buffer) throws(DeviceError) {
    try base.argmax(shape, x, into: y)
  }

  open func equal(_ a: Buffer, _ b: Buffer, into y: Buffer) throws(DeviceError) {
    try base.equal(a, b, into: y)
  }

  open func scaleColumns(
    _ shape: Rows, _ x: Buffer, by scale: Buffer, adding shift: Buffer, into y: Buffer
  ) throws(DeviceError) {
    try base.scaleColumns(shape, x, by: scale, adding: shift, into: y)
  }

  open func normalizeRows(_ shape: Rows, _ x: Buffer, into y: Buffer) throws(DeviceError) {
    try base.normalizeRows(shape, x, into: y)
  }
}
