import ArgumentParser
import Datasets
import Models

extension RunConfiguration.ObjectiveName: ExpressibleByArgument {}
extension AutoencoderShape.Architecture: ExpressibleByArgument {}
extension Likelihood: ExpressibleByArgument {}

/// What an autoencoder is, and what it minimises.
struct AutoencoderOptions: ParsableArguments {
  @Option(
    parsing: .unconditional, help: "What to minimise besides the reconstruction loss: elbo or mmd.")
  var objective = RunConfiguration.ObjectiveName.elbo

  @Option(parsing: .unconditional, help: "The dimension of the latent space.")
  var latent = 20

  @Option(
    parsing: .unconditional,
    help: "dense, the paper's fully connected networks, or conv, convolutional ones.")
  var architecture = AutoencoderShape.Architecture.dense

  @Option(
    parsing: .unconditional,
    help: "With conv: the channels after the first convolution, a multiple of 8; 32 unless given.")
  var width: Int?

  @Option(
    parsing: .unconditional,
    help: """
      The distribution of a pixel: bernoulli, as in the paper; gaussian with a deviation of \
      \(Likelihood.deviation); or sigma, gaussian with the deviation that suits each batch best.
      """)
  var likelihood = Likelihood.bernoulli

  @Option(
    parsing: .unconditional,
    help: "With elbo: the weight of the divergence. Below 1, latent vectors keep more of an image.")
  var klWeight: Float?

  @Option(
    parsing: .unconditional, help: "With elbo: the nats that each latent dimension has for free.")
  var freeBits: Float?

  @Option(
    parsing: .unconditional,
    help: "With mmd: c in the kernel exp(−‖z − z′‖² / c); the latent dimension by default.")
  var kernelWidth: Float?

  @Option(
    parsing: .unconditional,
    help:
      "With mmd: the weight of the discrepancy; by default 500 for images of 784 values, and in proportion."
  )
  var discrepancyWeight: Float?

  @Option(
    parsing: .unconditional,
    help: """
      Change the training images at random, to make more of few: shift, by up to two pixels, or \
      shift=N; flip, left to right; or both, as shift,flip.
      """)
  var augment: Augmentation?

  func check() throws {
    try OptionError.require("--latent", latent, in: AutoencoderShape.latentRange)
    if let width {
      guard architecture == .convolutional else {
        throw OptionError("--width", width, "needs --architecture conv")
      }
      try OptionError.require("--width", width, in: AutoencoderShape.widthRange)
      guard width % 8 == 0 else { throw OptionError("--width", width, "must be a multiple of 8") }
    }
    for (name, value, range) in [
      ("--kl-weight", klWeight, 0...1e6), ("--free-bits", freeBits, 0...100),
    ] as [(String, Float?, ClosedRange<Float>)] {
      guard let value else { continue }
      guard objective == .elbo else { throw OptionError(name, value, "needs --objective elbo") }
      try OptionError.require(name, value, in: range)
    }
    if let discrepancyWeight {
      try OptionError.require("--discrepancy-weight", discrepancyWeight, in: 0...1e9)
    }
    if let kernelWidth { try OptionError.require("--kernel-width", kernelWidth, in: 1e-6...1e9) }
  }

  /// Checks that images can be changed as asked for.
  func check(_ image: ImageShape) throws {
    guard let augment, augment.shift > 0 else { return }
    try OptionError.require(
      "--augment shift", augment.shift, in: 1...max(1, min(image.rows, image.columns) / 2))
  }

  /// The extents of an autoencoder of such images.
  func shape(of image: ImageShape) -> AutoencoderShape {
    switch architecture {
    case .dense: AutoencoderShape(pixels: image.count, latentDimension: latent)
    case .convolutional:
      AutoencoderShape(convolving: image, width: width ?? 32, latentDimension: latent)
    }
  }
}

extension Augmentation: ExpressibleByArgument {
  public init?(argument: String) {
    self.init()
    for word in argument.split(separator: ",", omittingEmptySubsequences: false) {
      if word == "flip" {
        flips = true
      } else if word == "shift" {
        shift = 2
      } else if word.hasPrefix("shift="), let pixels = Int(word.dropFirst("shift=".count)),
        pixels > 0
      {
        shift = pixels
      } else {
        return nil
      }
    }
  }
}
