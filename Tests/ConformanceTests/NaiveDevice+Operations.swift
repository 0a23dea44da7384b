import Compute

extension NaiveDevice {
  func enqueue<Call: DeviceOperation>(_ operation: Call) throws(DeviceError) {
    switch operation {
    case let o as FillOperation: try fill(o.buffer, with: o.value)
    case let o as CopyOperation: try copy(o.source, to: o.destination)
    case let o as MapOperation: try map(o.function, o.x, into: o.y)
    case let o as MapGradientOperation:
      try mapGradient(
        o.function, at: o.point, outputGradient: o.outputGradient, into: o.inputGradient,
        accumulate: o.accumulate)
    case let o as ZipOperation: try zip(o.function, o.a, o.b, into: o.c)
    case let o as BroadcastOperation: try broadcast(o)
    case let o as SelectOperation: try select(o.condition, o.a, o.b, into: o.y)
    case let o as ClampOperation: try clamp(o.x, o.limits, into: o.y)
    case let o as StridedCopyOperation: try stridedCopy(o)
    case let o as ScaledAddOperation: try scaledAdd(o.alpha, o.x, o.beta, into: o.y)
    case let o as MatmulOperation: try matmul(o.shape, o.a, o.b, bias: o.bias, into: o.c)
    case let o as DenseGradientOperation:
      try denseGradient(
        o.shape, o.x, outputGradient: o.outputGradient, into: o.weightGradient,
        bias: o.biasGradient)
    case let o as DenseGradientsOperation: try denseGradients(o)
    case let o as ReduceOperation: try reduce(o.reduction, o.x, into: o.y)
    case let o as SumsOperation: try sums(o)
    case let o as GatherOperation: try gather(o)
    case let o as GatherGradientOperation: try gatherGradient(o)
    case let o as BatchedMatmulOperation: try batchedMatmul(o)
    case let o as RandomOperation: try random(o.distribution, o.stream, into: o.y)
    case let o as PermutationOperation: try permutation(o.stream, into: o.y)
    case let o as DropoutOperation: try dropout(o.rate, o.stream, o.x, into: o.y)
    case let o as AdamOperation:
      try adamStep(
        o.adam, parameters: o.parameters, gradients: o.gradients, firstMoments: o.firstMoments,
        secondMoments: o.secondMoments)
    case let o as GradientDescentOperation:
      try gradientDescentStep(
        o.descent, parameters: o.parameters, gradients: o.gradients, velocities: o.velocities)
    default: try enqueueLayer(operation)
    }
  }

  private func enqueueLayer(_ operation: any DeviceOperation) throws(DeviceError) {
    switch operation {
    case let o as Conv2DOperation:
      try conv2d(o.shape, o.x, weights: o.weights, bias: o.bias, into: o.y)
    case let o as Conv2DMaxPoolOperation:
      try conv2dMaxPool(o.shape, o.x, weights: o.weights, bias: o.bias, into: o.y)
    case let o as Conv2DInputGradientOperation:
      try conv2dInputGradient(
        o.shape, weights: o.weights, outputGradient: o.outputGradient, into: o.xGradient,
        accumulate: o.accumulate)
    case let o as Conv2DWeightGradientOperation:
      try conv2dWeightGradient(
        o.shape, o.x, outputGradient: o.outputGradient, into: o.weightsGradient,
        accumulate: o.accumulate)
    case let o as PoolOperation: try pool(o.shape, o.x, into: o.y)
    case let o as PoolGradientOperation:
      try poolGradient(
        o.shape, o.x, outputGradient: o.outputGradient, into: o.xGradient, accumulate: o.accumulate)
    case let o as SoftmaxOperation: try softmax(o.shape, o.x, into: o.y)
    case let o as ArgmaxOperation: try argmax(o.shape, o.x, into: o.y)
    case let o as EqualOperation: try equal(o.a, o.b, into: o.y)
    case let o as ScaleColumnsOperation:
      try scaleColumns(o.shape, o.x, by: o.scale, adding: o.shift, into: o.y)
    case let o as NormalizeRowsOperation: try normalizeRows(o.shape, o.x, into: o.y)
    default: try enqueueLoss(operation)
    }
  }

  private func enqueueLoss(_ operation: any DeviceOperation) throws(DeviceError) {
    switch operation {
    case let o as BinaryCrossEntropyOperation:
      try binaryCrossEntropy(o.shape, logits: o.logits, targets: o.targets, into: o.loss)
    case let o as BinaryCrossEntropyGradientOperation:
      try binaryCrossEntropyGradient(
        o.shape, logits: o.logits, targets: o.targets,
        lossGradient: try stored(o.lossGradient, o.shape.rows),
        into: o.logitsGradient, accumulate: o.accumulate)
    case let o as SoftmaxCrossEntropyOperation:
      try softmaxCrossEntropy(o.shape, logits: o.logits, labels: o.labels, into: o.loss)
    case let o as SoftmaxCrossEntropyGradientOperation:
      try softmaxCrossEntropyGradient(
        o.shape, logits: o.logits, labels: o.labels,
        lossGradient: try stored(o.lossGradient, o.shape.rows),
        into: o.logitsGradient, accumulate: o.accumulate)
    case let o as ReparameterizeOperation:
      try reparameterize(o.shape, parameters: o.parameters, noise: o.noise, into: o.z)
    case let o as SampleGaussianOperation: try sampleGaussian(o)
    case let o as ReparameterizeGradientOperation:
      try reparameterizeGradient(
        o.shape, parameters: o.parameters, noise: o.noise, outputGradient: o.outputGradient,
        into: o.parametersGradient, accumulate: o.accumulate)
    case let o as GaussianDivergenceOperation:
      try gaussianDivergence(o.shape, parameters: o.parameters, into: o.divergence)
    case let o as GaussianDivergenceGradientOperation:
      try gaussianDivergenceGradient(
        o.shape, parameters: o.parameters,
        divergenceGradient: try stored(o.divergenceGradient, o.shape.rows),
        into: o.parametersGradient, accumulate: o.accumulate)
    case let o as KernelDiscrepancyOperation:
      try kernelDiscrepancy(o.shape, o.x, o.y, into: o.terms)
    case let o as KernelDiscrepancyGradientOperation:
      try kernelDiscrepancyGradient(
        o.shape, o.x, o.y, termGradient: try stored(o.termGradient, o.shape.count),
        into: o.xGradient,
        accumulate: o.accumulate)
    default: try operation.compose(on: self)
    }
  }
}
