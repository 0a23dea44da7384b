import Autograd
import Compute
import Datasets

/// A data set on a device: the pixels stay there as bytes, and batches are gathered there.
public final class DeviceDataset {
  /// The images and labels on the host.
  public let images: ImageDataset
  /// The device that holds the pixels.
  public let device: any Device

  private let bytes: Buffer
  private let labelBytes: Buffer
  private let order: Buffer

  /// Copies the pixels of a data set to a device.
  /// - Throws: `DeviceError` when the device has no room.
  public init(_ images: ImageDataset, on device: any Device) throws(DeviceError) {
    self.images = images
    self.device = device
    bytes = try device.makeBuffer(images.images)
    labelBytes = try device.makeBuffer(images.labels)
    order = try device.makeBuffer((0..<images.count).map { Int32($0) })
  }

  /// The number of images.
  public var count: Int { images.count }

  /// Puts the images into a random order.
  /// - Throws: `DeviceError` when the device fails.
  public func shuffle(_ stream: RandomStream) throws(DeviceError) {
    try device.permutation(stream, into: order)
  }

  /// The ranges of the batches of one pass; the last may be shorter.
  public func batches(of size: Int) -> [Range<Int>] {
    stride(from: 0, to: count, by: size).map { $0..<min($0 + size, count) }
  }

  /// The images at these positions of the current order, as grey values in [0, 1].
  ///
  /// - Returns: range.count × pixels.
  /// - Throws: `DeviceError` when the device fails.
  public func batch(_ range: Range<Int>) throws(DeviceError) -> Tensor {
    let shape = Rows(range.count, images.pixels)
    let batch = try device.makeBuffer(count: shape.count, type: .float32)
    try device.gather(
      Gather(width: images.pixels, first: range.lowerBound), bytes, at: order, into: batch)
    return Tensor(batch, shape, on: device)
  }

  /// The labels at these positions of the current order, as `int32`.
  /// - Throws: `DeviceError` when the device fails.
  public func labels(_ range: Range<Int>) throws(DeviceError) -> Buffer {
    let labels = try device.makeBuffer(count: range.count, type: .int32)
    try device.gather(
      Gather(width: 1, first: range.lowerBound), labelBytes, at: order, into: labels)
    return labels
  }
}
