import Autograd
import Compute

/// A mean loss per image, in its parts.
public struct LossParts: Sendable, Hashable, Codable {
  /// The reconstruction loss in nats.
  public var reconstruction: Double
  /// The mean KL in nats, or the maximum mean discrepancy.
  public var regularizer: Double
  /// reconstruction + weight · regularizer.
  public var total: Double

  /// Whether every part is a number.
  public var isFinite: Bool { reconstruction.isFinite && regularizer.isFinite && total.isFinite }
}

/// The losses of single steps, kept on the device until someone reads them: training need not wait for
/// them, and yet the step whose loss is not a number is known.
final class LossMeter {
  /// Sums over images, each part of the loss on its own.
  struct Sums: Codable, Equatable {
    var parts: [Double]
    var images = 0
  }

  /// The sums over the steps that have been collected.
  var sums: Sums
  /// The first collected step with a loss that is not finite.
  private(set) var divergedStep: Int?

  private let device: any Device
  private let storage: Buffer
  /// A number for each part of each step, in `storage`.
  private let slots: [[Buffer]]
  private var pending: [(step: Int, images: Int)] = []

  /// Makes room for so many steps of a loss of some parts.
  init(parts: Int, capacity: Int = 25, on device: any Device) throws(DeviceError) {
    self.device = device
    sums = Sums(parts: [Double](repeating: 0, count: parts))
    storage = try device.makeBuffer(count: capacity * parts * sliceAlignment, type: .float32)
    var slots: [[Buffer]] = []
    for step in 0..<capacity {
      slots.append([])
      for part in 0..<parts {
        let offset = (step * parts + part) * sliceAlignment
        slots[step].append(try device.slice(storage, offset: offset, count: 1))
      }
    }
    self.slots = slots
  }

  /// Adds a step. Each part of its loss is weight × the sum of the tensor's elements.
  func add(step: Int, images: Int, _ parts: [(tensor: Tensor, weight: Float)])
    throws(DeviceError)
  {
    for (part, slot) in zip(parts, slots[pending.count]) {
      try device.reduce(
        Reduction(.sum, .perRow, Rows(1, part.tensor.shape.count), scale: part.weight),
        part.tensor.buffer, into: slot)
    }
    pending.append((step, images))
    if pending.count == slots.count { try collect() }
  }

  /// Waits for the steps so far and adds them to ``sums``. In double precision and in the order of the
  /// steps, so that it does not matter when they are collected.
  func collect() throws(DeviceError) {
    guard !pending.isEmpty else { return }
    let values = try device.download(storage)
    let count = sums.parts.count
    for (index, step) in pending.enumerated() {
      for part in 0..<count {
        let value = values[(index * count + part) * sliceAlignment]
        sums.parts[part] += Double(value)
        if !value.isFinite && divergedStep == nil { divergedStep = step.step }
      }
      sums.images += step.images
    }
    pending.removeAll(keepingCapacity: true)
  }

  /// Starts new sums.
  func reset() { sums = Sums(parts: sums.parts.map { _ in 0 }) }
}

extension LossMeter {
  /// Adds a step of an autoencoder, in two parts.
  func add(step: Int, _ loss: BatchLoss) throws(DeviceError) {
    let regularizer = loss.regularizer
    try add(
      step: step, images: loss.images,
      [
        (loss.reconstruction, 1),
        (regularizer.tensor, regularizer.weight * Float(loss.images)),
      ])
  }

  /// The sums as parts of the loss of an autoencoder.
  func lossParts(_ objective: Objective) -> LossParts {
    LossParts(
      reconstruction: sums.parts[0], regularizer: sums.parts[1],
      total: sums.parts[0] + Double(objective.regularizerWeight) * sums.parts[1])
  }
}

extension LossParts {
  static let zero = LossParts(reconstruction: 0, regularizer: 0, total: 0)

  static func += (sum: inout LossParts, other: LossParts) {
    sum.reconstruction += other.reconstruction
    sum.regularizer += other.regularizer
    sum.total += other.total
  }

  static func / (sum: LossParts, count: Int) -> LossParts {
    LossParts(
      reconstruction: sum.reconstruction / Double(count),
      regularizer: sum.regularizer / Double(count), total: sum.total / Double(count))
  }
}
