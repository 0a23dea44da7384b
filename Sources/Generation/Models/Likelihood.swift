import Autograd
import Compute
import Foundation

/// p(x|z), the distribution of the pixels given the decoder's output. The expected image is the sigmoid of the logits
/// in each.
public enum Likelihood: String, Sendable, Codable, CaseIterable {
  /// Independent Bernoulli variables, as in the paper; for a grey value in between, its cross-entropy.
  case bernoulli
  /// Independent Gaussians with the deviation ``deviation``.
  case gaussian
  /// Independent Gaussians with the one deviation that suits a batch best, the root of its mean squared error (Rybkin,
  /// Daniilidis and Levine, 2021).
  case sigma

  /// The fixed deviation of a Gaussian pixel, as grey values in [0, 1].
  public static let deviation: Float = 0.1

  /// The negative log-likelihood in nats.
  ///
  /// - Parameters:
  ///   - logits: rows × pixels.
  ///   - images: The targets, of the same shape, in [0, 1].
  /// - Returns: A tensor whose elements add up to the loss of all rows.
  /// - Throws: `DeviceError` when the device fails.
  func loss(_ logits: Tensor, of images: Tensor) throws(DeviceError) -> Tensor {
    if self == .bernoulli { return try logits.binaryCrossEntropy(targets: images) }
    let squares = try (logits.map(.sigmoid) - images).map(.square)
    let values = Float(images.shape.count)
    let constant = 0.5 * log(2 * Float.pi)
    if self == .gaussian {
      let perRow = Float(images.shape.columns) * (constant + log(Self.deviation))
      return try squares.sum([1]).scaled(by: 0.5 / (Self.deviation * Self.deviation))
        + Tensor(perRow, on: images.device)
    }
    // ½ log(2πσ²) + ½ for each value, with σ² as small as a byte's rounding at the least.
    let rounding: Float = 1 / (12 * 255 * 255)
    let variance = try squares.mean() + Tensor(rounding, on: images.device)
    return try variance.map(.log).scaled(by: 0.5 * values)
      + Tensor(values * (constant + 0.5), on: images.device)
  }
}
