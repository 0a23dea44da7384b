import Autograd
import Compute
import NeuralNetwork

/// A model trained on images together with their labels, which thus draws a class by itself: a baseline for the
/// generators, which find the classes in a latent space learned without labels.
public protocol ConditionalModel: AnyObject {
  /// The weights and biases needed for drawing, and perhaps more.
  var parameters: Parameters { get }

  /// Draws images of a class.
  ///
  /// - Parameters:
  ///   - label: The class.
  ///   - count: The number of images.
  ///   - stream: Determines the images.
  /// - Returns: count × pixels, grey values in [0, 1].
  /// - Throws: `DeviceError` when the device fails.
  func images(label: Int, count: Int, stream: RandomStream) throws(DeviceError) -> Tensor
}

/// Trains a ``ConditionalModel``.
protocol ConditionalLearner: AnyObject {
  var model: any ConditionalModel { get }
  /// One for each network that is trained separately.
  var optimizers: [Optimizer] { get }
  /// The name of each loss that ``step(images:labels:)`` returns.
  var lossNames: [String] { get }

  /// One optimisation step on a batch. The number of steps already done determines its random numbers.
  ///
  /// - Parameters:
  ///   - images: rows × pixels, grey values in [0, 1].
  ///   - labels: rows × classes, one-hot.
  /// - Returns: The losses of each image, one tensor for each of ``lossNames``.
  func step(images: Tensor, labels: Tensor) throws -> [Tensor]
}

/// Turns labels into one-hot rows.
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

  /// The one-hot rows of labels, an `int32` buffer.
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
