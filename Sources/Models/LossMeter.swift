import Compute

/// A mean loss per image, in its parts.
public struct LossParts: Sendable, Hashable {
  /// The reconstruction loss in nats.
  public var reconstruction: Double
  /// The mean KL in nats, or the maximum mean discrepancy.
  public var regularizer: Double
  /// reconstruction + weight · regularizer.
  public var total: Double

  /// Whether every part is a number.
  public var isFinite: Bool { reconstruction.isFinite && regularizer.isFinite && total.isFinite }
}

/// Sums losses on the device, so that training waits for it only when someone reads them.
final class LossMeter {
  private let device: any Device
  private let weight: Double
  private let reconstruction: Buffer
  private let regularizer: Buffer
  private var images = 0

  init(_ objective: Objective, on device: any Device) throws(DeviceError) {
    self.device = device
    weight = Double(objective.regularizerWeight)
    reconstruction = try device.makeBuffer([Float(0)])
    regularizer = try device.makeBuffer([Float(0)])
  }

  func add(_ loss: BatchLoss) throws(DeviceError) {
    images += loss.images
    func add(_ tensor: Compute.Buffer, _ scale: Float, to sum: Buffer) throws(DeviceError) {
      try device.reduce(
        Reduction(.sum, .perRow, Rows(1, tensor.count), scale: scale, accumulate: true), tensor,
        into: sum)
    }
    try add(loss.reconstruction.buffer, 1, to: reconstruction)
    for (tensor, factor) in loss.regularizer {
      try add(tensor.buffer, factor * Float(loss.images), to: regularizer)
    }
  }

  /// The sums over the images since the last call, and their number.
  func take() throws(DeviceError) -> (sum: LossParts, images: Int) {
    let first = Double(try device.download(reconstruction)[0])
    let second = Double(try device.download(regularizer)[0])
    defer { images = 0 }
    try device.fill(reconstruction, with: 0)
    try device.fill(regularizer, with: 0)
    return (
      LossParts(reconstruction: first, regularizer: second, total: first + weight * second), images
    )
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
