import Autograd
import Compute
import NeuralNetwork

/// A model that has learned images together with their labels, and so draws a class by itself: what the
/// generators, which take the classes out of a latent space without labels, are compared with.
public protocol ConditionalModel: AnyObject {
  /// The weights and biases that drawing needs, and perhaps more.
  var parameters: Parameters { get }

  /// Draws images of a class.
  ///
  /// - Parameters:
  ///   - label: The class.
  ///   - count: The number of images.
  ///   - stream: Fixes the images.
  /// - Returns: count × pixels, grey values in [0, 1].
  /// - Throws: `DeviceError` when the device fails.
  func images(label: Int, count: Int, stream: RandomStream) throws(DeviceError) -> Tensor
}

/// Teaches a ``ConditionalModel``.
protocol ConditionalLearner: AnyObject {
  var model: any ConditionalModel { get }
  /// Those of each network that has one of its own.
  var optimizers: [Optimizer] { get }
  /// What each number of ``step(images:labels:)`` is called.
  var lossNames: [String] { get }

  /// One optimisation step on a batch. The steps done before fix its random numbers.
  ///
  /// - Parameters:
  ///   - images: rows × pixels, grey values in [0, 1].
  ///   - labels: rows × classes, one 1 in each row.
  /// - Returns: The losses of each image, one tensor for each of ``lossNames``.
  func step(images: Tensor, labels: Tensor) throws -> [Tensor]
}

/// Turns labels into rows with one 1.
struct OneHot {
  private let device: any Device
  private let classes: Int
  private let identity: Buffer

  init(classes: Int, on device: any Device) throws(DeviceError) {
    self.device = device
    self.classes = classes
    identity = try device.makeBuffer(
      (0..<classes * classes).map { UInt8($0 / classes == $0 % classes ? 1 : 0) })
  }

  /// The rows of labels, an `int32` buffer.
  func callAsFunction(_ labels: Buffer) throws(DeviceError) -> Tensor {
    let shape = Rows(labels.count, classes)
    let rows = try device.makeBuffer(count: shape.count, type: .float32)
    try device.gather(Gather(width: classes, scale: 1), identity, at: labels, into: rows)
    return Tensor(rows, shape, on: device)
  }

  /// `count` rows of one label.
  func callAsFunction(_ label: Int, count: Int) throws(DeviceError) -> Tensor {
    try self(try device.makeBuffer([Int32](repeating: Int32(label), count: count)))
  }
}
