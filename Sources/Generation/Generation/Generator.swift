import Autograd
import Compute
import Models
import NeuralNetwork

/// A way to draw latent vectors of a class (section 3.5 of the paper).
public protocol Generator {
  /// Draws latent vectors of a class.
  ///
  /// - Parameters:
  ///   - label: The class.
  ///   - count: The number of vectors.
  ///   - stream: Determines the vectors.
  ///   - device: The device that computes, and holds the vectors.
  /// - Returns: count × D.
  /// - Throws: `DeviceError` when the device fails, or a generator's own reason to stop.
  func latents(label: Int, count: Int, stream: RandomStream, on device: any Device) throws
    -> Tensor
}

extension Generator {
  /// Draws latent vectors of a class; each label has its own random numbers.
  ///
  /// - Returns: count × D.
  /// - Throws: As the generator.
  public func latents(label: Int, count: Int, seed: UInt64, on device: any Device) throws
    -> Tensor
  {
    let stream = RandomStream(seed: seed).split(.generation).step(label)
    return try latents(label: label, count: count, stream: stream, on: device)
  }
}

/// A generator with a temperature of each class, which a search can set.
public protocol TemperedGenerator: Generator {
  /// θ_y of each label in turn: 1 draws as was learned, and less is more typical.
  var theta: [Float] { get set }

  /// Writes the generator as a safetensors file.
  ///
  /// - Parameters:
  ///   - path: The file.
  ///   - metadata: Additional notes, such as how θ was found.
  /// - Throws: `FileError`, or `DeviceError`.
  func save(to path: String, metadata: [String: String]) throws
}

extension TemperedGenerator {
  /// This generator at one temperature.
  public func at(theta: Float) -> Self {
    var result = self
    result.theta = [Float](repeating: theta, count: self.theta.count)
    return result
  }
}

/// The paper's three generators, which differ in what shares a θ.
public enum GeneratorKind: String, Sendable, Codable, CaseIterable {
  /// One θ for all (section 3.5.1).
  case simple
  /// One θ for each dimension (section 3.5.2).
  case medium1
  /// One θ for each class and dimension (section 3.5.3).
  case medium2

  /// The name in the paper.
  public var title: String {
    switch self {
    case .simple: "Simple"
    case .medium1: "Medium-1"
    case .medium2: "Medium-2"
    }
  }
}

/// The paper's generators: `z_y = (1/n) Σ N(μ_y, θσ_y)` over n draws (equation 3), with a factor θ for
/// each class and dimension; a ``Convention`` defines the meaning of `N(μ_y, θσ_y)`.
public struct SpreadGenerator: Generator, Sendable {
  /// μ_y and σ_y of each class.
  public var statistics: LatentStatistics
  /// θ: the factors of the standard deviations, classes × D.
  public var theta: [[Float]]
  /// n: the number of draws averaged.
  public var draws: Int
  /// The meaning of σ and θ.
  public var convention: Convention

  /// A generator with a θ for each class and dimension: Medium-2.
  public init(
    _ statistics: LatentStatistics, theta: [[Float]], draws: Int = 1,
    convention: Convention = Convention()
  ) {
    precondition(draws >= 1, "n must be at least 1, not \(draws)")
    precondition(
      theta.count == statistics.classes.count
        && theta.allSatisfy { $0.count == statistics.latentDimension && $0.allSatisfy { $0 >= 0 } },
      "θ must have one number, not negative, for each class and dimension")
    self.statistics = statistics
    self.theta = theta
    self.draws = draws
    self.convention = convention
  }

  /// A generator with a θ for each dimension: Medium-1.
  public init(
    _ statistics: LatentStatistics, theta: [Float], draws: Int = 1,
    convention: Convention = Convention()
  ) {
    self.init(
      statistics, theta: statistics.classes.map { _ in theta }, draws: draws,
      convention: convention)
  }

  /// A generator with one θ: Simple.
  public init(
    _ statistics: LatentStatistics, theta: Float, draws: Int,
    convention: Convention = Convention()
  ) {
    self.init(
      statistics, theta: [Float](repeating: theta, count: statistics.latentDimension),
      draws: draws, convention: convention)
  }

  /// Draws latent vectors; see ``Generator``.
  public func latents(label: Int, count: Int, stream: RandomStream, on device: any Device)
    throws(DeviceError) -> Tensor
  {
    let shape = Rows(count, statistics.latentDimension)
    var numbers = stream
    let z = try device.makeBuffer(count: shape.count, type: .float32)
    try device.random(.normal, numbers, into: z)
    if draws > 1 {
      // The mean of n standard normal draws.
      let draw = try device.makeBuffer(count: shape.count, type: .float32)
      let part = 1 / Float(draws)
      try device.scaledAdd(part, z, 0, into: z)
      for n in 1..<draws {
        numbers.counter.y = stream.counter.y &+ UInt32(n)
        try device.random(.normal, numbers, into: draw)
        try device.scaledAdd(part, draw, 1, into: z)
      }
    }
    try scale(z, shape, label: label, on: device)
    return Tensor(z, shape, on: device)
  }

  /// Turns standard normal numbers into latent vectors: `z ← μ_y + θσ_y·z`, or `√θ` for θ.
  private func scale(_ z: Buffer, _ shape: Rows, label: Int, on device: any Device)
    throws(DeviceError)
  {
    let moments = statistics.classes[label]
    let sigma = moments.spread(of: convention.spread)
    let spread = try device.makeBuffer(
      zip(theta[label], sigma).map { convention.theta.factor($0) * $1 })
    let mean = try device.makeBuffer(moments.mean)
    try device.scaleColumns(shape, z, by: spread, adding: mean, into: z)
  }
}

extension VariationalAutoencoder {
  /// Images of a class: the decoder's expectations at a generator's latent vectors.
  ///
  /// - Returns: count × pixels, grey values in [0, 1].
  /// - Throws: `DeviceError` when the device fails, and as the generator.
  public func images(_ generator: any Generator, label: Int, count: Int, seed: UInt64) throws
    -> Tensor
  {
    let latents = try generator.latents(label: label, count: count, seed: seed, on: device)
    return try images(at: latents)
  }
}
