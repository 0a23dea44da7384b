import Autograd
import Compute
import Datasets
import NeuralNetwork

/// The extents of an autoencoder: the fully connected one of the paper (tables 1 and 2), or a convolutional one.
public struct AutoencoderShape: Sendable, Hashable, Codable {
  /// The form of the two networks.
  public enum Architecture: String, Sendable, Codable, CaseIterable {
    /// Fully connected, as in the paper.
    case dense
    /// Strided convolutions, and transposed ones.
    case convolutional = "conv"
  }

  /// What a convolutional autoencoder needs to know besides the number of pixels.
  public struct Convolutions: Sendable, Hashable, Codable {
    /// The shape of an image.
    public var image: ImageShape
    /// The channels after the first convolution; twice as many after the second, four times from the third on.
    public var width: Int

    /// Describes the convolutions.
    public init(image: ImageShape, width: Int) {
      self.image = image
      self.width = width
    }
  }

  /// The values of an image, one for each pixel and channel; 784 in the paper.
  public var pixels: Int
  /// The width of the two hidden layers on either side, 500 in the paper; of the one in a convolutional network.
  public var hidden: Int
  /// D, the dimension of the latent space; 2, 10 or 20 in the paper.
  public var latentDimension: Int
  /// The convolutions; nil in a fully connected autoencoder.
  public var convolutions: Convolutions?

  /// The values of D that a new model may have. The statistics of each class grow with its square: 40 MB for ten
  /// classes at the end of the range.
  public static let latentRange = 1...1000
  /// The channels that a new model may have after its first convolution: the norms divide them into eight groups.
  public static let widthRange = 8...256

  /// Describes a fully connected autoencoder.
  public init(pixels: Int = 784, hidden: Int = 500, latentDimension: Int) {
    precondition(pixels > 0 && hidden > 0 && latentDimension > 0, "extents must be positive")
    self.pixels = pixels
    self.hidden = hidden
    self.latentDimension = latentDimension
  }

  /// Describes a convolutional autoencoder.
  ///
  /// - Parameters:
  ///   - image: The shape of an image.
  ///   - width: The channels after the first convolution, a multiple of 8.
  ///   - hidden: The width of the fully connected layer on either side.
  ///   - latentDimension: D.
  public init(
    convolving image: ImageShape, width: Int = 32, hidden: Int = 256, latentDimension: Int
  ) {
    self.init(pixels: image.count, hidden: hidden, latentDimension: latentDimension)
    convolutions = Convolutions(image: image, width: width)
  }

  /// The weights and biases of an autoencoder, those of the encoder first.
  public var parameters: [ParameterDescription] {
    get throws { try Parameters.survey { try networks($0) } }
  }

  /// Declares the encoder and the decoder.
  func networks(_ p: Parameters) throws -> (encoder: any Encoder, decoder: any Decoder) {
    guard let convolutions else {
      return (
        try DenseNetwork(pixels, hidden, 2 * latentDimension, p["encoder"]),
        try DenseNetwork(latentDimension, hidden, pixels, p["decoder"])
      )
    }
    let stages = ConvolutionalStages(convolutions)
    return (
      try ConvolutionalEncoder(stages, hidden: hidden, latentDimension, p["encoder"]),
      try ConvolutionalDecoder(stages, hidden: hidden, latentDimension, p["decoder"])
    )
  }
}

/// An encoder: from images to the means and the log variances of their latent vectors.
protocol Encoder {
  /// - Parameter images: rows × pixels.
  /// - Returns: rows × 2D.
  func callAsFunction(_ images: Tensor) throws(DeviceError) -> Tensor
}

/// A decoder: from latent vectors to the logits of images, or a function of them.
protocol Decoder {
  /// - Parameters:
  ///   - latents: rows × D.
  ///   - activation: Applied to the logits.
  /// - Returns: rows × pixels.
  func callAsFunction(_ latents: Tensor, _ activation: UnaryFunction) throws(DeviceError) -> Tensor
}
