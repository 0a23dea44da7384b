/// See ``Device/binaryCrossEntropy(_:logits:targets:into:)``.
public struct BinaryCrossEntropyOperation: DeviceOperation {
  public static let name = "binaryCrossEntropy"
  /// The extents of the logits.
  public let shape: Rows
  /// l, rows × columns.
  public let logits: Buffer
  /// x in [0, 1], rows × columns.
  public let targets: Buffer
  /// One number for each row.
  public let loss: Buffer

  public var results: [Buffer] { [loss] }
  public var cost: Cost { Cost(operations: 5 * Double(shape.count), [logits, targets, loss]) }
  public var extents: [Int] { [shape.rows, shape.columns] }

  public func check() {
    logits.require(shape.count, "the logits of a cross-entropy")
    targets.require(shape.count, "the targets of a cross-entropy")
    loss.require(shape.rows, "the result of a cross-entropy")
  }

  /// The formula.
  public func compose(on device: any Device) throws(DeviceError) {
    let l = Intermediate(logits, shape, on: device)
    let x = Intermediate(targets, shape, on: device)
    try l.map(.softplus).zip(.subtract, x.zip(.multiply, l)).reduced(.sum, axis: 1).give(to: loss)
  }
}

/// See ``Device/binaryCrossEntropyGradient(_:logits:targets:lossGradient:into:accumulate:)``.
public struct BinaryCrossEntropyGradientOperation: DeviceOperation {
  public static let name = "binaryCrossEntropyGradient"
  /// The extents of the logits.
  public let shape: Rows
  /// l, rows × columns.
  public let logits: Buffer
  /// x in [0, 1], rows × columns.
  public let targets: Buffer
  /// dloss.
  public let lossGradient: RowGradient
  /// dl, rows × columns.
  public let logitsGradient: Buffer
  /// Whether dl is added to rather than replaced.
  public let accumulate: Bool

  public var results: [Buffer] { [logitsGradient] }
  public var cost: Cost {
    Cost(
      operations: 4 * Double(shape.count), [logits, targets, lossGradient.buffer, logitsGradient])
  }
  public var extents: [Int] { [shape.rows, shape.columns] }

  public func check() {
    logits.require(shape.count, "the logits of a cross-entropy")
    targets.require(shape.count, "the targets of a cross-entropy")
    lossGradient.require(shape.rows, "the gradient of a cross-entropy's result")
    logitsGradient.require(shape.count, "the gradient of a cross-entropy's logits")
  }

  /// The formula.
  public func compose(on device: any Device) throws(DeviceError) {
    try Intermediate(logits, shape, on: device).map(.sigmoid)
      .zip(.subtract, Intermediate(targets, shape, on: device))
      .zip(.multiply, lossGradient.intermediate(shape.rows, on: device))
      .give(to: logitsGradient, accumulate: accumulate)
  }
}

/// See ``Device/softmaxCrossEntropy(_:logits:labels:into:)``.
public struct SoftmaxCrossEntropyOperation: DeviceOperation {
  public static let name = "softmaxCrossEntropy"
  /// The extents of the logits.
  public let shape: Rows
  /// rows × classes.
  public let logits: Buffer
  /// `int32`, one for each row.
  public let labels: Buffer
  /// One number for each row.
  public let loss: Buffer

  public var results: [Buffer] { [loss] }
  public var cost: Cost { Cost(operations: 3 * Double(shape.count), [logits, labels, loss]) }
  public var extents: [Int] { [shape.rows, shape.columns] }

  public func check() {
    logits.require(shape.count, "the logits of a cross-entropy")
    labels.require(shape.rows, "the labels of a cross-entropy", type: .int32)
    loss.require(shape.rows, "the result of a cross-entropy")
  }

  /// The log-sum-exp minus the label's logit; NaN without one.
  public func compose(on device: any Device) throws(DeviceError) {
    let l = Intermediate(logits, shape, on: device)
    let isLabel = try Intermediate.oneHot(labels, shape, on: device)
    // Relative to the maximum, so that no digits are lost.
    let below = try l.zip(.subtract, l.reduced(.maximum, axis: 1))
    let own = try isLabel.select(below, Intermediate(0, on: device)).reduced(.sum, axis: 1)
    try isLabel.reduced(.sum, axis: 1).select(
      below.logSumExp().zip(.subtract, own), Intermediate(.nan, on: device)
    ).give(to: loss)
  }
}

/// See ``Device/softmaxCrossEntropyGradient(_:logits:labels:lossGradient:into:accumulate:)``.
public struct SoftmaxCrossEntropyGradientOperation: DeviceOperation {
  public static let name = "softmaxCrossEntropyGradient"
  /// The extents of the logits.
  public let shape: Rows
  /// rows × classes.
  public let logits: Buffer
  /// `int32`, one for each row.
  public let labels: Buffer
  /// dloss.
  public let lossGradient: RowGradient
  /// dl, rows × classes.
  public let logitsGradient: Buffer
  /// Whether dl is added to rather than replaced.
  public let accumulate: Bool

  public var results: [Buffer] { [logitsGradient] }
  public var cost: Cost {
    Cost(
      operations: 5 * Double(shape.count), [logits, labels, lossGradient.buffer, logitsGradient])
  }
  public var extents: [Int] { [shape.rows, shape.columns] }

  public func check() {
    logits.require(shape.count, "the logits of a cross-entropy")
    labels.require(shape.rows, "the labels of a cross-entropy", type: .int32)
    lossGradient.require(shape.rows, "the gradient of a cross-entropy's result")
    logitsGradient.require(shape.count, "the gradient of a cross-entropy's logits")
  }

  /// The formula.
  public func compose(on device: any Device) throws(DeviceError) {
    try Intermediate(logits, shape, on: device).softmax()
      .zip(.subtract, Intermediate.oneHot(labels, shape, on: device))
      .zip(.multiply, lossGradient.intermediate(shape.rows, on: device))
      .give(to: logitsGradient, accumulate: accumulate)
  }
}

extension Device {
  /// `loss[r] = Σ_c softplus(l) − x·l`: the cross-entropy of Bernoulli pixels from logits, in nats
  /// per row.
  public func binaryCrossEntropy(
    _ shape: Rows, logits: Buffer, targets: Buffer, into loss: Buffer
  ) throws(DeviceError) {
    try perform(
      BinaryCrossEntropyOperation(shape: shape, logits: logits, targets: targets, loss: loss))
  }

  /// `dl[r, c] (+)= dloss[r]·(sigmoid(l) − x)`: the gradient of
  /// ``binaryCrossEntropy(_:logits:targets:into:)``.
  public func binaryCrossEntropyGradient(
    _ shape: Rows, logits: Buffer, targets: Buffer, lossGradient: RowGradient,
    into logitsGradient: Buffer, accumulate: Bool
  ) throws(DeviceError) {
    try perform(
      BinaryCrossEntropyGradientOperation(
        shape: shape, logits: logits, targets: targets, lossGradient: lossGradient,
        logitsGradient: logitsGradient, accumulate: accumulate))
  }

  /// `loss[r] = −log softmax(logits[r, :])[labels[r]]` in nats. A label outside the columns gives
  /// NaN.
  public func softmaxCrossEntropy(
    _ shape: Rows, logits: Buffer, labels: Buffer, into loss: Buffer
  ) throws(DeviceError) {
    try perform(
      SoftmaxCrossEntropyOperation(shape: shape, logits: logits, labels: labels, loss: loss))
  }

  /// `dl[r, c] (+)= dloss[r]·(softmax(logits[r, :])[c] − (c = labels[r]))`.
  public func softmaxCrossEntropyGradient(
    _ shape: Rows, logits: Buffer, labels: Buffer, lossGradient: RowGradient,
    into logitsGradient: Buffer, accumulate: Bool
  ) throws(DeviceError) {
    try perform(
      SoftmaxCrossEntropyGradientOperation(
        shape: shape, logits: logits, labels: labels, lossGradient: lossGradient,
        logitsGradient: logitsGradient, accumulate: accumulate))
  }
}
