import Autograd
import Compute

/// The classes of a batch, on a device.
public struct Labels {
  /// `int32`, one for each row of the batch.
  public let buffer: Buffer
  /// The number of classes; each label is below it.
  public let classCount: Int

  /// Wraps a buffer.
  public init(_ buffer: Buffer, classCount: Int) {
    self.buffer = buffer
    self.classCount = classCount
  }

  /// Copies labels to a device.
  /// - Throws: ``ParameterError`` when one is negative or not below the number of classes; `DeviceError`.
  public init(_ labels: [Int], classCount: Int, on device: any Device) throws {
    if let bad = labels.first(where: { !(0..<classCount ~= $0) }) {
      throw ParameterError("a label of \(bad) is not in 0..<\(classCount)")
    }
    self.init(try device.makeBuffer(labels.map { Int32($0) }), classCount: classCount)
  }

  /// Refuses logits with fewer outputs than classes, or with another number of rows.
  package func check(_ logits: Tensor) throws(ParameterError) {
    guard classCount <= logits.shape.columns else {
      throw ParameterError(
        "labels of \(classCount) classes, up to \(classCount - 1), are above the "
          + "\(logits.shape.columns) outputs of the network")
    }
    guard buffer.count == logits.shape.rows else {
      throw ParameterError("\(buffer.count) labels for \(logits.shape.rows) rows of outputs")
    }
  }
}

/// `−log softmax(logits)[label]` of each row, in nats.
///
/// - Parameters:
///   - logits: rows × at least the number of classes.
///   - labels: The class of each row.
/// - Returns: rows × 1; its mean is the usual loss.
/// - Throws: ``ParameterError`` when there are fewer outputs than classes; `DeviceError`.
public func crossEntropy(_ logits: Tensor, _ labels: Labels) throws -> Tensor {
  try labels.check(logits)
  return try logits.softmaxCrossEntropy(labels: labels.buffer)
}

/// The cross-entropy of Bernoulli variables with these logits, in nats, summed over each row.
///
/// - Parameters:
///   - logits: rows × columns; their sigmoid is the probabilities.
///   - targets: In [0, 1], of the same shape as the logits.
/// - Returns: rows × 1.
/// - Throws: `DeviceError` when the device fails.
public func binaryCrossEntropy(_ logits: Tensor, _ targets: Tensor) throws(DeviceError) -> Tensor {
  try logits.binaryCrossEntropy(targets: targets)
}

/// The mean of the squared differences.
///
/// - Parameters:
///   - x: The outputs of a network.
///   - targets: Of the same shape as x.
/// - Returns: One element.
/// - Throws: `DeviceError` when the device fails.
public func meanSquaredError(_ x: Tensor, _ targets: Tensor) throws(DeviceError) -> Tensor {
  try (x - targets).map(.square).mean()
}

/// The fraction of rows whose greatest logit is that of their label.
///
/// - Throws: ``ParameterError`` when there are fewer outputs than classes; `DeviceError`.
public func accuracy(_ logits: Tensor, _ labels: Labels) throws -> Double {
  try labels.check(logits)
  let device = logits.device
  let hits = try device.makeBuffer([Float(0)])
  try device.countHits(logits, labels: labels.buffer, into: hits)
  return Double(try device.download(hits)[0]) / Double(logits.shape.rows)
}

extension Device {
  /// Adds the number of rows whose greatest value is at their label to `hits`.
  package func countHits(_ rows: Tensor, labels: Buffer, into hits: Buffer) throws(DeviceError) {
    let count = rows.shape.rows
    let predictions = try makeBuffer(count: count, type: .int32)
    let isHit = try makeBuffer(count: count, type: .float32)
    try argmax(rows.shape.matrix, rows.buffer, into: predictions)
    try equal(predictions, labels, into: isHit)
    try reduce(Reduction(.sum, .perRow, Rows(1, count), accumulate: true), isHit, into: hits)
  }
}
