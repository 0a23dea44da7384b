import Compute
import Models

extension BenchmarkCase {
  /// The operations of the classifier: forward as in scoring, and forward and backward as in
  /// training. A convolution counts the operations of the direct algorithm, whatever the device does.
  static func convolutions(_ settings: BenchmarkSettings) -> [BenchmarkCase] {
    let training = ClassifierLayers(batch: settings.batch)
    let scoring = ClassifierLayers(batch: settings.chunk)
    return [
      forward(scoring.first), pooled(scoring.second), forward(training.first),
      weightGradient(training.first), forward(training.second),
      inputGradient(training.second), weightGradient(training.second),
    ] + others(settings.batch) + pooling(training.second.pooling)
      + [
        dropout(Rows(settings.batch, training.dense[0].inputs))
      ] + losses(Rows(settings.batch, training.dense[1].outputs))
  }

  /// Convolutions with strides, padding and kernels other than 3 × 3, forward and backward.
  private static func others(_ batch: Int) -> [BenchmarkCase] {
    [(32, 64, 4, 2, 1), (16, 32, 5, 1, 2), (32, 64, 1, 1, 0)].flatMap {
      side, filters, size, stride, padding in
      let shape = Convolution(
        batch: batch, height: side, width: side, inputChannels: 32, outputChannels: filters,
        size: size, stride: stride, padding: padding)
      return [forward(shape), inputGradient(shape), weightGradient(shape)]
    }
  }

  private static func forward(_ shape: Convolution) -> BenchmarkCase {
    operation("conv2d \(shape.label)", shape.work, shape.extents) {
      try $0.conv2d(shape, $1[0], weights: $1[1], bias: $1[2], into: $1[3])
    }
  }

  private static func pooled(_ shape: Convolution) -> BenchmarkCase {
    var extents = shape.extents
    extents[3] = shape.pooling.outputCount
    var work = Work.floats(extents.reduce(0, +))
    work.operations = shape.operations
    return operation("conv2d and max-pool \(shape.label)", work, extents) {
      try $0.conv2dMaxPool(shape, $1[0], weights: $1[1], bias: $1[2], into: $1[3])
    }
  }

  private static func inputGradient(_ shape: Convolution) -> BenchmarkCase {
    operation("conv2d input gradient \(shape.label)", shape.work, shape.extents) {
      try $0.conv2dInputGradient(
        shape, weights: $1[1], outputGradient: $1[3], into: $1[0], accumulate: false)
    }
  }

  private static func weightGradient(_ shape: Convolution) -> BenchmarkCase {
    operation("conv2d weight gradient \(shape.label)", shape.work, shape.extents) {
      try $0.conv2dWeightGradient(
        shape, $1[0], outputGradient: $1[3], into: $1[1], accumulate: false)
    }
  }

  private static func pooling(_ shape: Pooling) -> [BenchmarkCase] {
    let (inputs, outputs) = (shape.inputCount, shape.outputCount)
    return [
      operation("max-pool \(shape.label)", .floats(inputs + outputs), [inputs, outputs]) {
        try $0.pool(shape, $1[0], into: $1[1])
      },
      operation(
        "max-pool gradient \(shape.label)", .floats(2 * inputs + outputs),
        [inputs, outputs, inputs]
      ) {
        try $0.poolGradient(
          shape, $1[0], outputGradient: $1[1], into: $1[2], accumulate: false)
      },
    ]
  }

  private static func dropout(_ shape: Rows) -> BenchmarkCase {
    let stream = RandomStream(seed: 1, purpose: 1)
    let count = shape.count
    return operation("dropout \(shape.label)", .floats(2 * count), [count, count]) {
      try $0.dropout(0.5, stream, $1[0], into: $1[1])
    }
  }

  private static func losses(_ shape: Rows) -> [BenchmarkCase] {
    let (count, rows) = (shape.count, shape.rows)
    let labels = (0..<rows).map { Int32($0 % shape.columns) }
    return [
      BenchmarkCase(
        .operations, "softmax cross-entropy \(shape.label)", .floats(count + 2 * rows)
      ) { device in
        let logits = try normal(count, on: device)
        let labels = try device.makeBuffer(labels)
        let loss = try device.makeBuffer(count: rows, type: .float32)
        return { try device.softmaxCrossEntropy(shape, logits: logits, labels: labels, into: loss) }
      },
      BenchmarkCase(
        .operations, "softmax cross-entropy gradient \(shape.label)", .floats(2 * (count + rows))
      ) { device in
        let logits = try normal(count, on: device)
        let labels = try device.makeBuffer(labels)
        let lossGradient = try normal(rows, on: device)
        let gradient = try device.makeBuffer(count: count, type: .float32)
        return {
          try device.softmaxCrossEntropyGradient(
            shape, logits: logits, labels: labels, lossGradient: .each(lossGradient),
            into: gradient,
            accumulate: false)
        }
      },
    ]
  }
}

extension Convolution {
  /// Batch, height, width and channels of the input, and the channels of the output.
  fileprivate var label: String {
    let extents = "\(batch)x\(height)x\(width)x\(inputChannels) to \(outputChannels)"
    if rows == Window(3) { return extents }
    return extents + ", \(rows.size)x\(columns.size) by \(rows.stride), padded \(rows.before)"
  }

  /// The element counts of the input, the weights, the bias and the output.
  fileprivate var extents: [Int] { [inputCount, weightCount, outputChannels, outputCount] }

  fileprivate var work: Work {
    var work = Work.floats(extents.reduce(0, +))
    work.operations = operations
    return work
  }
}

extension Pooling {
  fileprivate var label: String { "\(batch)x\(height)x\(width)x\(channels)" }
}
