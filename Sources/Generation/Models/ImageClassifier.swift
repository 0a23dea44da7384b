import Autograd
import Compute

/// What tells the class of images: a network of this library, or a program of the user's.
public protocol ImageClassifier: AnyObject {
  /// The number of classes.
  var classCount: Int { get }

  /// How probable each class is.
  ///
  /// - Parameter images: rows × pixels, values in [0, 1].
  /// - Returns: rows × classes, on the device of the images.
  /// - Throws: `DeviceError` when the device fails, or a classifier's own reason.
  func probabilities(_ images: Tensor) throws -> Tensor

  /// Counts the images whose most probable class is that of their label.
  ///
  /// - Parameters:
  ///   - labels: `int32`, one for each image.
  ///   - hits: A `float32` buffer of one element, to which the number of such images is added.
  /// - Throws: As ``probabilities(_:)``.
  func countHits(_ images: Tensor, labels: Buffer, into hits: Buffer) throws
}

extension ImageClassifier {
  /// Counts hits by ``probabilities(_:)``.
  public func countHits(_ images: Tensor, labels: Buffer, into hits: Buffer) throws {
    try images.device.countHits(try probabilities(images), labels: labels, into: hits)
  }
}

extension Classifier: ImageClassifier {
  /// The softmax of the logits, without dropout.
  ///
  /// - Parameter images: rows × pixels, values in [0, 1].
  /// - Returns: rows × classes.
  /// - Throws: `DeviceError` when the device fails.
  public func probabilities(_ images: Tensor) throws(DeviceError) -> Tensor {
    let logits = try logits(images)
    try images.device.softmax(logits.shape.matrix, logits.buffer, into: logits.buffer)
    return logits
  }
}

extension Device {
  /// Adds the number of rows whose greatest value is at their label to `hits`.
  func countHits(_ rows: Tensor, labels: Buffer, into hits: Buffer) throws(DeviceError) {
    let count = rows.shape.rows
    let predictions = try makeBuffer(count: count, type: .int32)
    let isHit = try makeBuffer(count: count, type: .float32)
    try argmax(rows.shape.matrix, rows.buffer, into: predictions)
    try equal(predictions, labels, into: isHit)
    try reduce(Reduction(.sum, .perRow, Rows(1, count), accumulate: true), isHit, into: hits)
  }
}
