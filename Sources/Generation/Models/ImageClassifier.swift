import Autograd
import Compute

/// Classifies images: a network of this library, or a user's program.
public protocol ImageClassifier: AnyObject {
  /// The number of classes.
  var classCount: Int { get }

  /// How probable each class is.
  ///
  /// - Parameter images: rows × pixels, values in [0, 1].
  /// - Returns: rows × classes, on the device of the images.
  /// - Throws: `DeviceError` when the device fails, or a classifier's own reason.
  func probabilities(_ images: Tensor) throws -> Tensor

  /// Counts the images whose most probable class is their label.
  ///
  /// - Parameters:
  ///   - images: rows × pixels, values in [0, 1].
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
