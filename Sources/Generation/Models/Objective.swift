import Autograd
import Compute
import NeuralNetwork

/// What an autoencoder minimises (section 3.3 of the paper): the reconstruction loss, and a weighted regularizer.
public struct Objective: Sendable, Hashable {
  /// What keeps the latent vectors near the prior N(0, 1).
  public enum Regularizer: Sendable, Hashable {
    /// KL(q(z|x) ‖ p(z)). A dimension costs at least `freeBits` nats, the mean over the batch, so that it pays to use it
    /// (Kingma et al., 2016, equation 15).
    case divergence(freeBits: Float)
    /// The maximum mean discrepancy between the batch's latent vectors and as many samples of the prior, with
    /// k(z, z′) = exp(−‖z − z′‖² / kernelWidth).
    case discrepancy(kernelWidth: Float)
  }

  /// The distribution of the pixels.
  public var likelihood = Likelihood.bernoulli
  /// The regularizer.
  public var regularizer: Regularizer
  /// Its weight.
  public var regularizerWeight: Float

  /// The negative evidence lower bound (equation 1).
  public static let evidenceLowerBound = evidenceLowerBound(divergenceWeight: 1)

  /// The negative evidence lower bound with a weight β of the divergence (Higgins et al., 2017), which below 1 leaves more
  /// of an image in its latent vector.
  public static func evidenceLowerBound(divergenceWeight: Float, freeBits: Float = 0) -> Objective {
    Objective(regularizer: .divergence(freeBits: freeBits), regularizerWeight: divergenceWeight)
  }

  /// The maximum mean discrepancy in place of the divergence (equation 2).
  public static func maximumMeanDiscrepancy(kernelWidth: Float, weight: Float) -> Objective {
    Objective(regularizer: .discrepancy(kernelWidth: kernelWidth), regularizerWeight: weight)
  }

  /// The usual short name of the regularizer.
  public var regularizerName: String {
    switch regularizer {
    case .divergence: "KL"
    case .discrepancy: "MMD"
    }
  }
}

/// The loss of one batch, still on the device.
public struct BatchLoss: Loss {
  /// The number of images.
  public var images: Int
  /// A tensor whose elements add up to the reconstruction loss of the images in nats.
  public var reconstruction: Tensor
  /// The regularizer is weight × the sum of the tensor's elements: the mean KL in nats, or the MMD.
  public var regularizer: (tensor: Tensor, weight: Float)
  /// The weight of the regularizer in the loss.
  public var regularizerWeight: Float

  /// The loss, per image, as terms for ``/Autograd/Tape/backward(from:)``.
  public var terms: [(tensor: Tensor, weight: Float)] {
    [
      (reconstruction, 1 / Float(images)),
      (regularizer.tensor, regularizer.weight * regularizerWeight),
    ]
  }
}

extension BatchLoss {
  /// Both parts, summed over the images, as a training task returns them.
  var sums: [(tensor: Tensor, weight: Float)] {
    [(reconstruction, 1), (regularizer.tensor, regularizer.weight * Float(images))]
  }
}

extension VariationalAutoencoder {
  /// The loss of a batch, decoded at one sample of q(z|x) for each image.
  ///
  /// - Parameters:
  ///   - objective: What is minimised besides the reconstruction loss.
  ///   - images: rows × pixels, grey values in [0, 1].
  ///   - noise: The stream of ε.
  ///   - prior: The stream of the samples of p(z), for the maximum mean discrepancy.
  /// - Throws: `DeviceError` when the device fails.
  public func loss(
    _ objective: Objective, of images: Tensor, noise: RandomStream, prior: RandomStream
  ) throws(DeviceError) -> BatchLoss {
    let count = images.shape.rows
    let latent = Rows(count, shape.latentDimension)
    let encoded = try encode(images)
    let z = try encoded.sampled(noise)
    let reconstruction = try objective.likelihood.loss(try decode(z), of: images)

    let regularizer: (Tensor, Float)
    switch objective.regularizer {
    case .divergence(0): regularizer = (try encoded.gaussianDivergence(), 1 / Float(count))
    case .divergence(let freeBits):
      regularizer = (try encoded.gaussianDivergence(freeBits: freeBits), 1)
    case .discrepancy(let width):
      let samples = try Tensor.normal(latent, prior, on: device)
      regularizer = (
        try z.kernelDiscrepancy(from: samples, width: width),
        1 / (Float(count) * Float(count))
      )
    }
    return BatchLoss(
      images: count, reconstruction: reconstruction, regularizer: regularizer,
      regularizerWeight: objective.regularizerWeight)
  }
}

extension Tensor {
  /// The divergence of each dimension from N(0, 1), its mean over the rows or `freeBits` if that is more.
  ///
  /// - Returns: 1 × D.
  fileprivate func gaussianDivergence(freeBits: Float) throws(DeviceError) -> Tensor {
    let dimension = shape.columns / 2
    let (mean, logVariance) = (
      try sliced(1, 0..<dimension), try sliced(1, dimension..<2 * dimension)
    )
    let each = try
      (mean.map(.square) + logVariance.map(.exp) - logVariance
      - Tensor(1, on: device)).scaled(by: 0.5)
    return try each.mean([0]).zip(.maximum, Tensor(freeBits, on: device))
  }
}
