import Autograd
import Compute
import Datasets
import Foundation
import Models
import NeuralNetwork

/// The generators that are fitted to the encoded images of a run and saved with it.
public enum FittedKind: String, Sendable, Codable, CaseIterable {
  /// A Gaussian with the full covariance of the class.
  case gaussian
  /// A tree of Gaussian variables (Chow and Liu, 1968).
  case bayesNet = "bayes-net"
  /// A mixture of Gaussians.
  case mixture
  /// Encoded images with Gaussian noise of the class's shape.
  case kernel
  /// A diffusion from noise to the encoded images of all classes: a ``LatentDiffusion``.
  case diffusion

  /// The name in tables.
  public var title: String {
    switch self {
    case .gaussian: "Gaussian"
    case .bayesNet: "Bayes net"
    case .mixture: "Mixture"
    case .kernel: "Kernel"
    case .diffusion: "Diffusion"
    }
  }
}

/// A generator whose distribution of each class was fitted to the encoded images: a weighted set of
/// Gaussians, of which a class has one, a few, or as many as it has images.
///
/// A draw is `z = μ_y + θ_y (x − μ_y)`, where x = c_k + F_k·ε with a random component k: the temperature
/// θ_y shrinks every distribution towards its class mean, as the paper's θ does.
public struct FittedGenerator: TemperedGenerator, Sendable, Equatable {
  /// The distribution of one class.
  public struct ClassDistribution: Sendable, Equatable {
    /// μ_y, the mean of the class.
    public var mean: [Float]
    /// The weight of each component; their sum is 1.
    public var weights: [Float]
    /// c_k, components × D.
    public var centers: [Float]
    /// F_k: one for all components, or one for each, × D × D.
    public var factors: [Float]
    /// A summary of the fit, in words.
    public var note: String
  }

  /// The kind of distribution.
  public let kind: FittedKind
  /// The distribution of each label in turn.
  public let classes: [ClassDistribution]
  /// θ_y, the temperature of each label in turn.
  public var theta: [Float]

  /// The cumulative weights, for choosing a component by a uniform number.
  private let thresholds: [[Double]]

  /// A generator with given distributions.
  init(_ kind: FittedKind, _ classes: [ClassDistribution], theta: [Float]) {
    precondition(theta.count == classes.count, "one temperature for each class")
    self.kind = kind
    self.classes = classes
    self.theta = theta
    thresholds = classes.map { entry in
      var total = 0.0
      return entry.weights.map {
        total += Double($0)
        return total
      }
    }
  }

  /// D, the dimension of the latent space.
  public var latentDimension: Int { classes[0].mean.count }

  /// This generator with at most `count` equally weighted components per class: the first ones, since the
  /// images of a data set have no order.
  public func thinned(to count: Int) -> FittedGenerator {
    let dimension = latentDimension
    return FittedGenerator(
      kind,
      classes.map { own in
        guard own.weights.count > count, own.factors.count == dimension * dimension,
          Set(own.weights).count == 1
        else { return own }
        var thin = own
        thin.weights = [Float](repeating: 1 / Float(count), count: count)
        thin.centers = Array(own.centers.prefix(count * dimension))
        return thin
      }, theta: theta)
  }

  /// Draws latent vectors; see ``Generator``. A smaller number is a prefix of a larger one.
  public func latents(label: Int, count: Int, stream: RandomStream, on device: any Device)
    throws(DeviceError) -> Tensor
  {
    let (own, theta, dimension) = (classes[label], theta[label], latentDimension)
    let shape = Rows(count, dimension)
    let components = components(label: label, count: count, stream: stream)
    var centers = [Float](repeating: 0, count: shape.count)
    for (row, k) in components.enumerated() {
      for d in 0..<dimension {
        let mean = own.mean[d]
        centers[row * dimension + d] = mean + theta * (own.centers[k * dimension + d] - mean)
      }
    }
    let z = try device.makeBuffer(centers)
    let noise = try Tensor.normal(shape, stream, on: device).buffer
    // z += Σ_k [component is k] F_k·ε, as one product with all factors concatenated.
    let size = own.factors.count / (dimension * dimension)
    let spread =
      size == 1
      ? noise : try masked(noise, shape, components, of: size, on: device)
    let factors = try device.makeBuffer(sideBySide(own.factors).map { theta * $0 })
    try device.matmul(
      Matmul(m: count, n: dimension, k: size * dimension, transposeB: true, accumulate: true),
      spread, factors, bias: nil, into: z)
    return Tensor(z, shape, on: device)
  }

  /// The component of each draw, from uniform numbers of the second counter word.
  private func components(label: Int, count: Int, stream: RandomStream) -> [Int] {
    let thresholds = thresholds[label]
    guard thresholds.count > 1 else { return [Int](repeating: 0, count: count) }
    var words = SIMD4<UInt32>()
    return (0..<count).map { i in
      if i % 4 == 0 {
        let counter = stream.counter &+ SIMD4(UInt32(truncatingIfNeeded: i / 4), 1, 0, 0)
        words = threefry(key: stream.key, counter: counter)
      }
      let uniform = Double(words[i % 4] >> 8) * 0x1p-24 * (thresholds.last ?? 1)
      // The first threshold above the number.
      var (low, high) = (0, thresholds.count - 1)
      while low < high {
        let middle = (low + high) / 2
        if thresholds[middle] > uniform { high = middle } else { low = middle + 1 }
      }
      return low
    }
  }

  /// The noise of each row in the columns of its component, zeros in those of the others.
  ///
  /// - Returns: count × (size · D).
  private func masked(
    _ noise: Buffer, _ shape: Rows, _ components: [Int], of size: Int, on device: any Device
  ) throws(DeviceError) -> Buffer {
    let (dimension, wide) = (shape.columns, Rows(shape.rows, size * shape.columns))
    var mask = [Float](repeating: 0, count: wide.count)
    for (row, k) in components.enumerated() {
      for d in 0..<dimension { mask[row * wide.columns + k * dimension + d] = 1 }
    }
    var repeated = [Float](repeating: 0, count: dimension * wide.columns)
    for column in 0..<wide.columns {
      repeated[column % dimension * wide.columns + column] = 1
    }
    let result = try device.makeBuffer(count: wide.count, type: .float32)
    try device.matmul(
      Matmul(m: shape.rows, n: wide.columns, k: dimension), noise,
      try device.makeBuffer(repeated), bias: nil, into: result)
    try device.zip(.multiply, result, try device.makeBuffer(mask), into: result)
    return result
  }

  /// Factors, size × D × D, concatenated to D × (size · D).
  private func sideBySide(_ factors: [Float]) -> [Float] {
    let dimension = latentDimension
    let size = factors.count / (dimension * dimension)
    return (0..<factors.count).map { i in
      let (row, column) = (i / (size * dimension), i % (size * dimension))
      let k = column / dimension
      return factors[(k * dimension + row) * dimension + column % dimension]
    }
  }
}
