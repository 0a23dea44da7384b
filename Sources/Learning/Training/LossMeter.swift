import Autograd
import Compute

/// The losses of single steps, kept on the device until they are read: training need not wait for them, and a loss
/// that is not a number can still be traced to its step.
public final class LossMeter {
  /// Sums over images, separately for each part of the loss.
  public struct Sums: Codable, Equatable, Sendable {
    /// The sum of each part.
    public var parts: [Double]
    /// The number of images summed over.
    public var images = 0
  }

  /// The sums over the steps that have been collected.
  public internal(set) var sums: Sums
  /// The first collected step with a loss that is not finite, and the index of the part.
  public private(set) var diverged: (step: Int, part: Int)?

  private let device: any Device
  private let storage: Buffer
  /// An element for each part, of each step, in `storage`.
  private let slots: [Buffer]
  /// The elements from one step to the next there.
  private let stride: Int
  private var pending: [(step: Int, images: Int)] = []

  /// Allocates room for `capacity` steps of a loss of `parts` parts.
  /// - Throws: `DeviceError` when the device has no room.
  public init(parts: Int, capacity: Int = 25, on device: any Device) throws(DeviceError) {
    self.device = device
    sums = Sums(parts: [Double](repeating: 0, count: parts))
    stride = (parts + sliceAlignment - 1) / sliceAlignment * sliceAlignment
    storage = try device.makeBuffer(count: capacity * stride, type: .float32)
    var slots: [Buffer] = []
    for step in 0..<capacity {
      slots.append(try device.slice(storage, offset: step * stride, count: parts))
    }
    self.slots = slots
  }

  /// Adds a step. Each part of its loss, summed over the images, is weight × the sum of the tensor's elements.
  /// - Throws: `DeviceError` when the device fails.
  public func add(step: Int, images: Int, _ parts: [(tensor: Tensor, weight: Float)])
    throws(DeviceError)
  {
    try device.sums(parts.map { ($0.tensor.buffer, $0.weight) }, into: slots[pending.count])
    pending.append((step, images))
    if pending.count == slots.count { try collect() }
  }

  /// Waits for the steps so far and adds them to ``sums``. The sums are in double precision and in the order of the
  /// steps, so that it does not matter when these are collected.
  /// - Throws: `DeviceError` when the device fails.
  public func collect() throws(DeviceError) {
    guard !pending.isEmpty else { return }
    let values = try device.download(storage)
    let count = sums.parts.count
    for (index, step) in pending.enumerated() {
      for part in 0..<count {
        let value = values[index * stride + part]
        sums.parts[part] += Double(value)
        if !value.isFinite && diverged == nil { diverged = (step.step, part) }
      }
      sums.images += step.images
    }
    pending.removeAll(keepingCapacity: true)
  }

  /// Resets the sums.
  public func reset() { sums = Sums(parts: sums.parts.map { _ in 0 }) }
}
