import Compute

extension CPUDevice {
  public func softmax(_ shape: Rows, _ x: Buffer, into y: Buffer) throws(DeviceError) {
    x.require(shape.count, "the input of softmax")
    y.require(shape.count, "the output of softmax")
    let (input, output, width) = (x.floats, y.floats, shape.columns)
    forEachRow(shape) { row in
      let x = input + row * width
      kernels.scaledExponential(
        x, kernels.logSumExp(x, 0, width), 1, output + row * width, width, false)
    }
  }

  public func softmaxCrossEntropy(_ shape: Rows, logits: Buffer, labels: Buffer, into loss: Buffer)
    throws(DeviceError)
  {
    logits.require(shape.count, "the logits of a cross-entropy")
    labels.require(shape.rows, "the labels of a cross-entropy", type: .int32)
    loss.require(shape.rows, "the result of a cross-entropy")
    let (logits, labels, results) = (logits.floats, labels.integers, loss.floats)
    forEachRow(shape) { row in
      let x = logits + row * shape.columns
      let label = Int(labels[row])
      results[row] =
        (0..<shape.columns).contains(label)
        ? kernels.logSumExp(x, x[label], shape.columns) : .nan
    }
  }

  public func softmaxCrossEntropyGradient(
    _ shape: Rows, logits: Buffer, labels: Buffer, lossGradient: Buffer,
    into logitsGradient: Buffer, accumulate: Bool
  ) throws(DeviceError) {
    logits.require(shape.count, "the logits of a cross-entropy")
    labels.require(shape.rows, "the labels of a cross-entropy", type: .int32)
    lossGradient.require(shape.rows, "the gradient of a cross-entropy's result")
    logitsGradient.require(shape.count, "the gradient of a cross-entropy's logits")
    let (logits, labels, width) = (logits.floats, labels.integers, shape.columns)
    let (scales, gradient) = (lossGradient.floats, logitsGradient.floats)
    forEachRow(shape) { row in
      let x = logits + row * width
      let dx = gradient + row * width
      kernels.scaledExponential(
        x, kernels.logSumExp(x, 0, width), scales[row], dx, width, accumulate)
      let label = Int(labels[row])
      if (0..<width).contains(label) { dx[label] -= scales[row] }
    }
  }

  public func argmax(_ shape: Rows, _ x: Buffer, into y: Buffer) throws(DeviceError) {
    x.require(shape.count, "the input of argmax")
    y.require(shape.rows, "the output of argmax", type: .int32)
    let (input, indices) = (x.floats, y.integers)
    forEachRow(shape) { row in
      let x = input + row * shape.columns
      var best = 0
      for i in 0..<shape.columns where x[i] > x[best] || (x[i].isNaN && !x[best].isNaN) { best = i }
      indices[row] = Int32(best)
    }
  }

  public func equal(_ a: Buffer, _ b: Buffer, into y: Buffer) throws(DeviceError) {
    a.require(y.count, "the first input of equal", type: .int32)
    b.require(y.count, "the second input of equal", type: .int32)
    y.require(y.count, "the output of equal")
    for i in 0..<y.count { y.floats[i] = a.integers[i] == b.integers[i] ? 1 : 0 }
  }

  public func dropout(_ rate: Float, _ stream: RandomStream, _ x: Buffer, into y: Buffer)
    throws(DeviceError)
  {
    precondition(rate >= 0 && rate < 1, "a dropout rate lies in 0..<1, not \(rate)")
    x.require(y.count, "the input of dropout")
    y.require(y.count, "the output of dropout")
    let (input, output) = (x.floats, y.floats)
    forEachRange(y.count) { first, count in
      kernels.dropout(rate, stream, first / 4, input + first, output + first, count)
    }
  }

  public func scaleColumns(
    _ shape: Rows, _ x: Buffer, by scale: Buffer, adding shift: Buffer, into y: Buffer
  ) throws(DeviceError) {
    x.require(shape.count, "the input of scaleColumns")
    scale.require(shape.columns, "the scale of scaleColumns")
    shift.require(shape.columns, "the shift of scaleColumns")
    y.require(shape.count, "the output of scaleColumns")
    let (input, output, width) = (x.floats, y.floats, shape.columns)
    let (scale, shift) = (scale.floats, shift.floats)
    forEachRow(shape) { row in
      kernels.scaleRow(input + row * width, scale, shift, output + row * width, width)
    }
  }

  public func normalizeRows(_ shape: Rows, _ x: Buffer, into y: Buffer) throws(DeviceError) {
    x.require(shape.count, "the input of normalizeRows")
    y.require(shape.count, "the output of normalizeRows")
    let (input, output, width) = (x.floats, y.floats, shape.columns)
    forEachRow(shape) { row in
      kernels.normalizeRow(input + row * width, output + row * width, width)
    }
  }
}
