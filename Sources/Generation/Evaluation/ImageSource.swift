import Autograd
import Baselines
import Compute
import Datasets
import Generation
import Models

/// A source of images of a class: a generator, or real ones to compare it with.
public protocol ImageSource {
  /// The number of images of a class; nil if unlimited.
  func available(of label: Int) -> Int?

  /// Images of a class.
  ///
  /// - Parameters:
  ///   - label: The class.
  ///   - positions: Which of the available images; if unlimited, only the number of positions matters.
  ///   - stream: Determines all randomness.
  /// - Returns: positions.count × pixels, grey values in [0, 1].
  /// - Throws: `DeviceError` when the device fails, or a generator's own reason to stop.
  func images(label: Int, at positions: Range<Int>, stream: RandomStream) throws -> Tensor
}

/// A decoder's images of a generator's latent vectors.
public struct GeneratedImages: ImageSource {
  let model: VariationalAutoencoder
  let generator: any Generator

  /// The images of a generator in the latent space of `model`.
  public init(_ model: VariationalAutoencoder, _ generator: any Generator) {
    self.model = model
    self.generator = generator
  }

  /// The share of draws that a guided generator has refused so far; nil for others.
  public var refusedShare: Double? { (generator as? GuidedGenerator)?.refusedShare }

  /// Unlimited.
  public func available(of label: Int) -> Int? { nil }

  /// Draws images of a class.
  public func images(label: Int, at positions: Range<Int>, stream: RandomStream) throws -> Tensor {
    try model.images(
      at: try generator.latents(
        label: label, count: positions.count, stream: stream, on: model.device))
  }
}

/// The draws of a model trained with the labels.
public struct BaselineImages: ImageSource {
  let model: any ConditionalModel

  /// The images of a baseline.
  public init(_ model: any ConditionalModel) { self.model = model }

  /// Unlimited.
  public func available(of label: Int) -> Int? { nil }

  /// Draws images of a class.
  public func images(label: Int, at positions: Range<Int>, stream: RandomStream)
    throws(DeviceError) -> Tensor
  {
    try model.images(label: label, count: positions.count, stream: stream)
  }
}

/// The images of a data set.
public struct RealImages: ImageSource {
  private let device: any Device
  private let pixels: Int
  private let bytes: Buffer
  /// The positions of the images of each non-empty class.
  private let indices: [Buffer?]

  /// Copies a data set to a device.
  /// - Throws: `DeviceError` when the device is out of memory.
  public init(_ images: ImageDataset, on device: any Device) throws(DeviceError) {
    self.device = device
    pixels = images.pixels
    bytes = try device.makeBuffer(images.images)
    var indices: [Buffer?] = []
    for positions in images.indicesByLabel() {
      indices.append(positions.isEmpty ? nil : try device.makeBuffer(positions))
    }
    self.indices = indices
  }

  /// The number of images of the class.
  public func available(of label: Int) -> Int? { indices[label]?.count ?? 0 }

  /// The images of a class in the order of the data set; the stream has no effect.
  public func images(label: Int, at positions: Range<Int>, stream: RandomStream)
    throws(DeviceError) -> Tensor
  {
    guard let indices = indices[label] else { preconditionFailure("no image of class \(label)") }
    let shape = Rows(positions.count, pixels)
    let images = try device.makeBuffer(count: shape.count, type: .float32)
    try device.gather(
      Gather(width: pixels, first: positions.lowerBound), bytes, at: indices, into: images)
    return Tensor(images, shape, on: device)
  }
}

/// Real images reconstructed through the latent space, each from a sample of q(z|x).
public struct ReconstructedImages: ImageSource {
  let model: VariationalAutoencoder
  let originals: RealImages

  /// Reconstructions by `model`.
  public init(_ model: VariationalAutoencoder, _ originals: RealImages) {
    self.model = model
    self.originals = originals
  }

  /// As many as there are originals.
  public func available(of label: Int) -> Int? { originals.available(of: label) }

  /// The reconstructions of the originals at these positions.
  public func images(label: Int, at positions: Range<Int>, stream: RandomStream)
    throws(DeviceError) -> Tensor
  {
    try model.reconstruct(
      try originals.images(label: label, at: positions, stream: stream), noise: stream)
  }
}
