import Autograd
import Compute
import Models
import NeuralNetwork

/// A way to draw latent vectors of a class (section 3.5 of the paper).
public protocol Generator: Sendable {
  /// Draws latent vectors of a class.
  ///
  /// - Parameters:
  ///   - label: The class.
  ///   - count: The number of vectors.
  ///   - seed: Fixes the vectors on one device.
  /// - Returns: count × D.
  /// - Throws: `DeviceError` when the device fails.
  func latents(label: Int, count: Int, seed: UInt64, on device: any Device) throws(DeviceError)
    -> Tensor
}

/// The paper's Simple generator: `z_y = (1/n) Σ N(μ_y, θσ_y)` over n draws (equation 3).
public struct SimpleGenerator: Generator {
  /// μ_y and σ_y of each class.
  public var statistics: LatentStatistics
  /// θ: the factor of the standard deviation.
  public var theta: Float
  /// n: the number of draws that are averaged.
  public var draws: Int

  /// A generator with given θ and n.
  public init(_ statistics: LatentStatistics, theta: Float, draws: Int) {
    precondition(theta >= 0 && draws >= 1, "θ must not be negative, and n at least 1")
    self.statistics = statistics
    self.theta = theta
    self.draws = draws
  }

  /// Draws latent vectors; see ``Generator``.
  public func latents(label: Int, count: Int, seed: UInt64, on device: any Device)
    throws(DeviceError) -> Tensor
  {
    let moments = statistics.classes[label]
    let dimension = statistics.latentDimension
    let noise = try device.makeBuffer(count: draws * count * dimension, type: .float32)
    try device.random(
      .normal,
      RandomStream(seed: seed, purpose: RandomPurpose.generation, step: UInt64(label)), into: noise)
    let numbers = try device.download(noise)
    let spread = moments.spread
    var latents = [Float](repeating: 0, count: count * dimension)
    for i in latents.indices {
      let d = i % dimension
      var sum: Float = 0
      for draw in 0..<draws { sum += numbers[draw * latents.count + i] }
      latents[i] = moments.mean[d] + theta * spread[d] * sum / Float(draws)
    }
    return try Tensor(latents, Rows(count, dimension), on: device)
  }
}

extension VariationalAutoencoder {
  /// Images of a class: the decoder's expectations at a generator's latent vectors.
  ///
  /// - Returns: count × pixels, grey values in [0, 1].
  /// - Throws: `DeviceError` when the device fails.
  public func images(_ generator: any Generator, label: Int, count: Int, seed: UInt64)
    throws(DeviceError) -> Tensor
  {
    let latents = try generator.latents(label: label, count: count, seed: seed, on: device)
    return try decode(latents).map(.sigmoid, tape: nil)
  }
}
