import Autograd
import Compute
import Datasets
import Files
import NeuralNetwork

/// The convolutional classifier of the paper (table 3): two convolutions of 3 × 3 with 32 and 64
/// channels and relu, a pooling, dropout 0.25, a dense layer of 128 with relu, dropout 0.5, and a
/// logit for each class. Images of more than 40 pixels a side are pooled after the first convolution
/// too.
public final class Classifier {
  /// The extents of an image.
  public let image: ImageShape
  /// The number of classes.
  public let classCount: Int
  /// All weights and biases.
  public let parameters: ParameterStore

  /// The accuracy on its training samples that the paper asks for (section 3.4).
  public static let trainingMark = 0.97
  /// The accuracy on the test images that is asked of the judge, which learns from real images.
  public static let judgeMark = 0.99

  /// The fewest rows and columns of an image that the two convolutions and the pooling leave anything of.
  static let leastExtent = 6

  private let hidden: Dense
  private let output: Dense
  /// Makes a classifier with random weights, the same for a seed on every device.
  /// - Throws: `DeviceError` when the device has no room.
  public init(_ image: ImageShape, classes: Int, seed: UInt64, on device: any Device)
    throws(DeviceError)
  {
    precondition(
      min(image.rows, image.columns) >= Self.leastExtent, "the classifier needs images of 6 × 6")
    precondition(classes >= 1, "a classifier needs a class")
    self.image = image
    classCount = classes
    parameters = try ParameterStore(
      Self.specifications(image, classes: classes), seed: seed, on: device)
    hidden = Dense("hidden", activation: .relu, in: parameters)
    output = Dense("output", activation: .identity, in: parameters)
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

  /// The weights and biases of a classifier of such images.
  package static func specifications(_ image: ImageShape, classes: Int) -> [ParameterSpecification]
  {
    let (first, second) = convolutions(image, batch: 1)
    return specifications(
      "convolution1", inputs: first.inputChannels, outputs: first.outputChannels)
      + specifications("convolution2", inputs: second.inputChannels, outputs: second.outputChannels)
      + Dense.specifications("hidden", inputs: second.pooling.outputCount, outputs: featureCount)
      + Dense.specifications("output", inputs: featureCount, outputs: classes)
  }

  /// Kernels of 3 × 3, with the bounds of `Dense.specifications(_:inputs:outputs:)` for what each
  /// number of a kernel meets.
  private static func specifications(_ name: String, inputs: Int, outputs: Int)
    -> [ParameterSpecification]
  {
    let limit = (6 / Float(9 * (inputs + outputs))).squareRoot()
    return [
      ParameterSpecification("\(name).weight", Rows(9 * inputs, outputs), limit: limit),
      ParameterSpecification("\(name).bias", Rows(1, outputs), limit: 0),
    ]
  }

  /// Whether the first convolution is pooled too, so that large images don't make a vast dense layer.
  private static func poolsTwice(_ image: ImageShape) -> Bool {
    max(image.rows, image.columns) > 40 && min(image.rows, image.columns) >= 10
  }

  private static func convolutions(_ image: ImageShape, batch: Int) -> (Convolution, Convolution) {
    let first = Convolution(
      batch: batch, height: image.rows, width: image.columns, inputChannels: image.channels,
      outputChannels: 32, activation: .relu)
    let (height, width) =
      poolsTwice(image)
      ? (first.pooling.outputHeight, first.pooling.outputWidth)
      : (first.outputHeight, first.outputWidth)
    let second = Convolution(
      batch: batch, height: height, width: width, inputChannels: 32, outputChannels: 64,
      activation: .relu)
    return (first, second)
  }

  /// The logits of the classes, without dropout; recorded where something records, else some images at a
  /// time.
  ///
  /// - Parameter images: rows × pixels, grey values in [0, 1].
  /// - Returns: rows × classes.
  /// - Throws: `DeviceError` when the device fails.
  public func logits(_ images: Tensor) throws(DeviceError) -> Tensor {
    try output(try features(images))
  }

  /// The width of ``features(_:)``.
  public static let featureCount = 128

  /// What the last layer sees: the output of the hidden one after relu, without dropout.
  ///
  /// - Parameter images: rows × pixels, grey values in [0, 1].
  /// - Returns: rows × 128.
  /// - Throws: `DeviceError` when the device fails.
  public func features(_ images: Tensor) throws(DeviceError) -> Tensor {
    try hidden(try pooled(images))
  }

  /// The logits of the classes while training.
  ///
  /// - Parameters:
  ///   - images: rows × pixels, grey values in [0, 1].
  ///   - dropout: The stream of the masks; its last counter word must be 0.
  /// - Returns: rows × classes.
  /// - Throws: `DeviceError` when the device fails.
  public func logits(_ images: Tensor, dropout: RandomStream) throws(DeviceError)
    -> Tensor
  {
    var other = dropout
    other.counter.w = 1
    let features = try pooled(images).droppingOut(0.25, dropout)
    return try output(
      try hidden(features).droppingOut(0.5, other))
  }

  /// The two convolutions and the pooling.
  private func pooled(_ images: Tensor) throws(DeviceError) -> Tensor {
    guard Tape.isRecording else { return try pooledByParts(images) }
    let (first, second) = Self.convolutions(image, batch: images.shape.rows)
    let (weight, bias) = (parameters["convolution1.weight"], parameters["convolution1.bias"])
    let between =
      Self.poolsTwice(image)
      ? try images.convolvedAndPooled(first, weight, bias)
      : try images.convolved(first, weight, bias)
    return try between.convolvedAndPooled(
      second, parameters["convolution2.weight"], parameters["convolution2.bias"])
  }

  /// The same without a tape, some images at a time: so what the first convolution writes is still in a
  /// cache when the second one reads it.
  private func pooledByParts(_ images: Tensor) throws(DeviceError) -> Tensor {
    let device = images.device
    let (count, pixels) = (images.shape.rows, images.shape.columns)
    let features = Self.convolutions(image, batch: 1).1.pooling.outputCount
    let pooled = try device.makeBuffer(count: count * features, type: .float32)
    let isAligned = 32 * pixels % sliceAlignment == 0 && 32 * features % sliceAlignment == 0
    let part = isAligned ? 32 : count
    for start in stride(from: 0, to: count, by: part) {
      let (first, second) = Self.convolutions(image, batch: min(part, count - start))
      let between = try device.makeBuffer(count: second.inputCount, type: .float32)
      let input = try device.slice(
        images.buffer, offset: start * pixels, count: first.inputCount)
      let (weights, bias) = (
        parameters["convolution1.weight"].buffer, parameters["convolution1.bias"].buffer
      )
      if Self.poolsTwice(image) {
        try device.conv2dMaxPool(first, input, weights: weights, bias: bias, into: between)
      } else {
        try device.conv2d(first, input, weights: weights, bias: bias, into: between)
      }
      try device.conv2dMaxPool(
        second, between, weights: parameters["convolution2.weight"].buffer,
        bias: parameters["convolution2.bias"].buffer,
        into: try device.slice(
          pooled, offset: start * features, count: second.pooling.outputCount))
    }
    return Tensor(pooled, Rows(count, features), on: device)
  }

  /// The part of the images whose greatest logit is that of their label.
  ///
  /// - Parameters:
  ///   - labels: `int32`, one for each image.
  ///   - hits: A `float32` buffer of one element, to which the number of such images is added.
  /// - Throws: `DeviceError` when the device fails.
  public func countHits(_ images: Tensor, labels: Buffer, into hits: Buffer) throws(DeviceError) {
    try images.device.countHits(try logits(images), labels: labels, into: hits)
  }
}
