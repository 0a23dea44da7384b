import Autograd
import Compute
import Datasets
import Files
import NeuralNetwork

/// The convolutional classifier of the paper (table 3): two convolutions of 3 × 3 with 32 and 64 channels and relu,
/// pooling, dropout 0.25, a dense layer of 128 with relu, dropout 0.5, and a logit for each class. Images of more
/// than 40 pixels a side are pooled after the first convolution too.
public final class Classifier: Module {
  /// The extents of an image.
  public let image: ImageShape
  /// The number of classes.
  public let classCount: Int
  /// All weights and biases.
  public let parameters: Parameters

  /// The accuracy on its training samples that the paper asks for (section 3.4).
  public static let trainingMark = 0.97
  /// The accuracy on the test images that is required of the judge, which is trained on real images.
  public static let judgeMark = 0.99

  /// The fewest rows and columns of an image for which the two convolutions and the pooling have any output.
  static let leastExtent = 6

  private let layers: Layers

  private struct Layers {
    let convolution1, convolution2: Conv2D
    let hidden, output: Dense

    init(_ image: ImageShape, classes: Int, _ p: Parameters) throws {
      convolution1 = try Conv2D(image.channels, 32, size: 3, .relu, p["convolution1"])
      convolution2 = try Conv2D(32, 64, size: 3, .relu, p["convolution2"])
      let pooled = Classifier.shapes(convolution1, convolution2, image, batch: 1).1.pooling
      hidden = try Dense(pooled.outputCount, Classifier.featureCount, .relu, p["hidden"])
      output = try Dense(Classifier.featureCount, classes, p["output"])
    }
  }

  /// Creates a classifier with random weights; a seed gives the same ones on every device.
  /// - Throws: `DeviceError` when the device has no room.
  public init(_ image: ImageShape, classes: Int, seed: UInt64, on device: any Device) throws {
    precondition(
      min(image.rows, image.columns) >= Self.leastExtent, "the classifier needs images of 6 × 6")
    precondition(classes >= 1, "a classifier needs a class")
    self.image = image
    classCount = classes
    (parameters, layers) = try Parameters.declare(seed: seed, on: device) {
      try Layers(image, classes: classes, $0)
    }
  }

  /// Refuses images that are too small.
  /// - Throws: `FileError` that names where they come from.
  package static func check(_ image: ImageShape, of source: String) throws(FileError) {
    guard min(image.rows, image.columns) >= leastExtent else {
      throw FileError(
        source, "has images of \(image) pixels",
        remedy: "the classifier needs \(leastExtent) × \(leastExtent) at least")
    }
  }

  /// The weights and biases of a classifier for such images.
  package static func parameters(_ image: ImageShape, classes: Int) throws
    -> [ParameterDescription]
  {
    try Parameters.survey { try Layers(image, classes: classes, $0) }
  }

  /// Whether the first convolution is pooled too, so that large images don't need a huge dense layer.
  private static func poolsTwice(_ image: ImageShape) -> Bool {
    max(image.rows, image.columns) > 40 && min(image.rows, image.columns) >= 10
  }

  /// The convolutions of a batch: the second one sees the output of the first, or of its pooling.
  private static func shapes(
    _ first: Conv2D, _ second: Conv2D, _ image: ImageShape, batch: Int
  ) -> (Convolution, Convolution) {
    let shape = first.shape(batch, image.rows, image.columns)
    let (height, width) =
      poolsTwice(image)
      ? (shape.pooling.outputHeight, shape.pooling.outputWidth)
      : (shape.outputHeight, shape.outputWidth)
    return (shape, second.shape(batch, height, width))
  }

  private func shapes(batch: Int) -> (Convolution, Convolution) {
    Self.shapes(layers.convolution1, layers.convolution2, image, batch: batch)
  }

  /// The logits of the classes, with dropout only in a step of an optimiser. When no tape is recording, the images
  /// are processed a few at a time.
  ///
  /// - Parameter images: rows × pixels, grey values in [0, 1].
  /// - Returns: rows × classes.
  /// - Throws: `DeviceError` when the device fails.
  public func logits(_ images: Tensor) throws(DeviceError) -> Tensor {
    try layers.output(try dropout2(try features(images)))
  }

  /// The width of ``features(_:)``.
  public static let featureCount = 128
  private let dropout1 = Dropout(0.25)
  private let dropout2 = Dropout(0.5)

  /// The input of the last layer: the output of the hidden one after relu.
  ///
  /// - Parameter images: rows × pixels, grey values in [0, 1].
  /// - Returns: rows × 128.
  /// - Throws: `DeviceError` when the device fails.
  public func features(_ images: Tensor) throws(DeviceError) -> Tensor {
    try layers.hidden(try dropout1(try pooled(images)))
  }

  /// The two convolutions and the pooling.
  private func pooled(_ images: Tensor) throws(DeviceError) -> Tensor {
    guard Tape.isRecording else { return try pooledByParts(images) }
    let (first, second) = shapes(batch: images.shape.rows)
    let (one, two) = (layers.convolution1, layers.convolution2)
    let between =
      Self.poolsTwice(image)
      ? try images.convolvedAndPooled(first, one.weight, one.bias)
      : try images.convolved(first, one.weight, one.bias)
    return try between.convolvedAndPooled(second, two.weight, two.bias)
  }

  /// The same without a tape, a few images at a time, so that the output of the first convolution is still in a cache
  /// when the second one reads it.
  private func pooledByParts(_ images: Tensor) throws(DeviceError) -> Tensor {
    let device = images.device
    let (count, pixels) = (images.shape.rows, images.shape.columns)
    let features = shapes(batch: 1).1.pooling.outputCount
    let (one, two) = (layers.convolution1, layers.convolution2)
    let pooled = try device.makeBuffer(count: count * features, type: .float32)
    let isAligned = 32 * pixels % sliceAlignment == 0 && 32 * features % sliceAlignment == 0
    let part = isAligned ? 32 : count
    for start in stride(from: 0, to: count, by: part) {
      let (first, second) = shapes(batch: min(part, count - start))
      let between = try device.makeBuffer(count: second.inputCount, type: .float32)
      let input = try device.slice(
        images.buffer, offset: start * pixels, count: first.inputCount)
      let (weights, bias) = (one.weight.buffer, one.bias.buffer)
      if Self.poolsTwice(image) {
        try device.conv2dMaxPool(first, input, weights: weights, bias: bias, into: between)
      } else {
        try device.conv2d(first, input, weights: weights, bias: bias, into: between)
      }
      try device.conv2dMaxPool(
        second, between, weights: two.weight.buffer, bias: two.bias.buffer,
        into: try device.slice(
          pooled, offset: start * features, count: second.pooling.outputCount))
    }
    return Tensor(pooled, Rows(count, features), on: device)
  }

  /// Counts the images whose greatest logit is that of their label.
  ///
  /// - Parameters:
  ///   - images: rows × pixels, values in [0, 1].
  ///   - labels: `int32`, one for each image.
  ///   - hits: A `float32` buffer of one element, to which the number of such images is added.
  /// - Throws: `DeviceError` when the device fails.
  public func countHits(_ images: Tensor, labels: Buffer, into hits: Buffer) throws(DeviceError) {
    try images.device.countHits(try logits(images), labels: labels, into: hits)
  }

  /// The logits; see ``logits(_:)``.
  public func callAsFunction(_ images: Tensor) throws(DeviceError) -> Tensor { try logits(images) }
}
