import Autograd
import Compute
import NeuralNetwork

/// What an autoencoder minimises (section 3.3 of the paper).
public enum Objective: Sendable, Hashable {
  /// Reconstruction loss plus KL(q(z|x) ‖ p(z)): the negative evidence lower bound (equation 1).
  case evidenceLowerBound
  /// Reconstruction loss plus `weight` times the maximum mean discrepancy between the batch's latent vectors and as
  /// many samples of the prior (equation 2), with k(z, z′) = exp(−‖z − z′‖² / kernelWidth).
  case maximumMeanDiscrepancy(kernelWidth: Float, weight: Float)

  /// The weight of the regularizer.
  public var regularizerWeight: Float {
    switch self {
    case .evidenceLowerBound: 1
    case .maximumMeanDiscrepancy(_, let weight): weight
    }
  }

  /// The usual short name of the regularizer.
  public var regularizerName: String {
    switch self {
    case .evidenceLowerBound: "KL"
    case .maximumMeanDiscrepancy: "MMD"
    }
  }
}

/// The loss of one batch, still on the device.
public struct BatchLoss: Loss {
  /// The number of images.
  public var images: Int
  /// The reconstruction loss of each image in nats.
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
    let reconstruction = try decode(z).binaryCrossEntropy(targets: images)

    let regularizer: (Tensor, Float)
    switch objective {
    case .evidenceLowerBound:
      regularizer = (try encoded.gaussianDivergence(), 1 / Float(count))
    case .maximumMeanDiscrepancy(let width, _):
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
