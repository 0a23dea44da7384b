import Autograd
import Compute
import Datasets
import NeuralNetwork

/// A data set on a device, in batches: the pixels are stored there as bytes, and batches are gathered from them. A
/// set that is too large for that is read batch by batch.
public final class DeviceDataset {
  /// Where the images come from.
  public let source: any SampleSource
  /// The device that computes with them.
  public let device: any Device
  /// The number of images.
  public var count: Int { source.count }
  /// The extents of an image.
  public var shape: ImageShape { source.shape }
  /// The values of an image, one for each pixel and channel.
  public var pixels: Int { source.shape.count }
  /// The number of classes.
  public var classCount: Int { source.classNames.count }
  /// Whether the images are stored on the device.
  public var isResident: Bool { storage != nil }

  private struct Storage {
    let bytes: Buffer
    let labels: Buffer
    let order: Buffer
  }
  private let storage: Storage?
  /// The order, if the images are read batch by batch.
  private var permutation: Permutation?
  private lazy var isLabelled = (0..<count).allSatisfy {
    source.label($0) != ImageDataset.unlabelled
  }

  /// Prepares a data set for a device.
  ///
  /// - Parameters:
  ///   - source: Where the images come from.
  ///   - device: The device that computes with them.
  ///   - mostBytes: The bytes of the largest set whose pixels are copied to the device; unless given, half of its
  ///     memory, and no more than a buffer may have.
  /// - Throws: ``/NeuralNetwork/ParameterError`` when the set is empty, `DeviceError` when the device has no room,
  ///   what the source throws.
  public init(_ source: some SampleSource, on device: any Device, mostBytes: Int? = nil) throws {
    guard source.count > 0 else { throw ParameterError("\(source.name) has no images") }
    self.source = source
    self.device = device
    let bytes = source.count * source.shape.count
    let room = min(device.description.memory / 2, device.description.largestBuffer)
    guard bytes <= mostBytes ?? room else {
      storage = nil
      return
    }
    let images = source as? ImageDataset
    storage = Storage(
      bytes: try device.makeBuffer(
        try images?.images ?? Self.read(source, (0..<source.count).map { $0 })),
      labels: try device.makeBuffer(
        images?.labels ?? (0..<source.count).map(source.label)),
      order: try device.makeBuffer((0..<source.count).map { Int32($0) }))
  }

  /// Shuffles the images.
  /// - Throws: `DeviceError` when the device fails.
  public func shuffle(_ stream: RandomStream) throws(DeviceError) {
    if let storage {
      try device.permutation(stream, into: storage.order)
    } else {
      permutation = Permutation(count: count, stream: stream)
    }
  }

  /// The batches of a pass in the current order; the last may be shorter.
  /// - Throws: ``/NeuralNetwork/ParameterError`` when a batch would be larger than the set, or empty.
  public func batches(of size: Int) throws -> [Batch] {
    guard 1...count ~= size else {
      throw ParameterError(
        "batches of \(size) images can't be made of \(source.name), \(count) images")
    }
    return ranges(of: size).map { Batch(data: self, range: $0) }
  }

  /// The batches of a pass in the order of an epoch, which stays until the images are shuffled again.
  /// - Throws: As ``batches(of:)``; `DeviceError`.
  public func batches(of size: Int, seed: UInt64, epoch: Int) throws -> [Batch] {
    try shuffle(
      RandomStream(seed: seed).split(.shuffling).step(epoch))
    return try batches(of: size)
  }

  /// The positions of the batches of a pass; the last may be shorter.
  public func ranges(of size: Int) -> [Range<Int>] {
    stride(from: 0, to: count, by: size).map { $0..<min($0 + size, count) }
  }

  /// The images at these positions of the current order, as intensities in [0, 1].
  ///
  /// - Returns: range.count × pixels.
  /// - Throws: `DeviceError` when the device fails; what the source throws.
  public func images(_ range: Range<Int>) throws -> Tensor {
    let shape = Rows(range.count, pixels)
    let batch = try device.makeBuffer(count: shape.count, type: .float32)
    if let storage {
      try device.gather(
        Gather(width: pixels, first: range.lowerBound), storage.bytes, at: storage.order,
        into: batch)
    } else {
      let bytes = try device.makeBuffer(try Self.read(source, indices(range)))
      let order = try device.makeBuffer((0..<range.count).map { Int32($0) })
      try device.gather(Gather(width: pixels), bytes, at: order, into: batch)
    }
    return Tensor(batch, shape, on: device)
  }

  /// The labels at these positions of the current order, as `int32`.
  /// - Throws: `DeviceError` when the device fails.
  public func labels(_ range: Range<Int>) throws(DeviceError) -> Buffer {
    guard let storage else {
      return try device.makeBuffer(indices(range).map { Int32(source.label($0)) })
    }
    let labels = try device.makeBuffer(count: range.count, type: .int32)
    try gather(range, from: storage.labels, width: 1, into: labels)
    return labels
  }

  /// Rows of a table on the device that has one for each image: those of the images at these positions of the current
  /// order.
  ///
  /// - Parameters:
  ///   - range: The positions.
  ///   - table: `uint8` or `float32`, images × width.
  ///   - width: The elements of a row.
  ///   - rows: `float32`, or from bytes `int32`.
  func gather(_ range: Range<Int>, from table: Buffer, width: Int, into rows: Buffer)
    throws(DeviceError)
  {
    let gather = Gather(width: width, first: storage == nil ? 0 : range.lowerBound, scale: 1)
    let order: Buffer
    if let storage {
      order = storage.order
    } else {
      order = try device.makeBuffer(indices(range).map { Int32($0) })
    }
    try device.gather(gather, table, at: order, into: rows)
  }

  /// The labels at these positions, for a loss.
  /// - Throws: ``/NeuralNetwork/ParameterError`` when an image of the set has none; `DeviceError`.
  func checkedLabels(_ range: Range<Int>) throws -> Labels {
    guard isLabelled else {
      throw ParameterError("\(source.name) has images without a label; take those that have one")
    }
    return Labels(try labels(range), classCount: classCount)
  }

  private func indices(_ range: Range<Int>) -> [Int] {
    range.map { permutation?($0) ?? $0 }
  }

  private static func read(_ source: some SampleSource, _ indices: [Int]) throws -> [UInt8] {
    let pixels = source.shape.count
    var bytes = [UInt8](repeating: 0, count: indices.count * pixels)
    try bytes.withUnsafeMutableBufferPointer { bytes in
      for (place, index) in indices.enumerated() {
        let image = bytes[place * pixels..<(place + 1) * pixels]
        try source.image(index, into: UnsafeMutableBufferPointer(rebasing: image))
      }
    }
    return bytes
  }
}

/// Some images of a data set, which are gathered on the device when they are asked for.
public struct Batch {
  let data: DeviceDataset
  /// The positions in the order of the data set.
  public let range: Range<Int>

  /// The number of images.
  public var count: Int { range.count }

  /// The intensities in [0, 1], count × pixels.
  /// - Throws: `DeviceError` when the device fails; what the source throws.
  public var images: Tensor { get throws { try data.images(range) } }

  /// The classes.
  /// - Throws: ``/NeuralNetwork/ParameterError`` when an image of the set has none; `DeviceError`.
  public var labels: Labels { get throws { try data.checkedLabels(range) } }

  /// The rows of a table that belong to the images, from one that has a row for each image of the data set.
  ///
  /// - Parameter table: images × width.
  /// - Returns: count × width; no gradient flows into the table.
  /// - Throws: `DeviceError` when the device fails.
  public func rows(of table: Tensor) throws(DeviceError) -> Tensor {
    let shape = Rows(count, table.shape.columns)
    let rows = try data.device.makeBuffer(count: shape.count, type: .float32)
    try data.gather(range, from: table.buffer, width: shape.columns, into: rows)
    return Tensor(rows, shape, on: data.device)
  }

  /// The numbers that belong to the images, from a table of bytes with one for each image of the data set.
  ///
  /// - Returns: `int32`.
  /// - Throws: `DeviceError` when the device fails.
  public func numbers(of table: Buffer) throws(DeviceError) -> Buffer {
    let numbers = try data.device.makeBuffer(count: count, type: .int32)
    try data.gather(range, from: table, width: 1, into: numbers)
    return numbers
  }
}

extension Dataset {
  /// Both splits, ready for training on a device.
  ///
  /// ```swift
  /// let data = try Dataset.load("mnist").ready(on: device)
  /// ```
  /// - Throws: As ``DeviceDataset/init(_:on:mostBytes:)``.
  public func ready(on device: any Device) throws -> (training: DeviceDataset, test: DeviceDataset)
  {
    (try DeviceDataset(training, on: device), try DeviceDataset(test, on: device))
  }
}
