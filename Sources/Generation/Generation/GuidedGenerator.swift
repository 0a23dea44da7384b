import Autograd
import Compute
import Models

/// Another generator's draws, keeping only those that a classifier assigns to their class with some
/// confidence (rejection sampling).
public final class GuidedGenerator: Generator {
  /// The generator whose draws are judged.
  public let base: any Generator
  /// The minimum probability of the class, in 0...1.
  public let minimumConfidence: Float
  /// The maximum number of draws per requested vector.
  public static let triesPerVector = 200

  /// The number of draws so far.
  public private(set) var drawn = 0
  /// The number of refused draws.
  public private(set) var refused = 0
  /// The share of refused draws; 0 before the first.
  public var refusedShare: Double { drawn == 0 ? 0 : Double(refused) / Double(drawn) }

  private let autoencoder: VariationalAutoencoder
  private let classifier: any ImageClassifier
  private let classNames: [String]
  /// The draws judged at a time: their number must not depend on how many are requested.
  private static let batch = 64

  /// A guided generator; the models must be on the device that it draws on.
  ///
  /// - Parameters:
  ///   - base: The generator whose draws are judged.
  ///   - autoencoder: Decodes them for the classifier.
  ///   - classifier: Tells their class.
  ///   - minimumConfidence: The least probability of the class, in 0...1.
  ///   - classNames: The class names for errors; numbers if there are none.
  public init(
    _ base: any Generator, _ autoencoder: VariationalAutoencoder,
    by classifier: any ImageClassifier, minimumConfidence: Float, classNames: [String] = []
  ) {
    self.classNames = classNames
    self.base = base
    self.autoencoder = autoencoder
    self.classifier = classifier
    self.minimumConfidence = minimumConfidence
  }

  /// Draws latent vectors; see ``Generator``. The first of a larger number are those of a smaller one.
  /// - Throws: ``GuidanceError`` when too few draws are kept; otherwise as ``base``.
  public func latents(label: Int, count: Int, stream: RandomStream, on device: any Device) throws
    -> Tensor
  {
    let dimension = autoencoder.shape.latentDimension
    var kept: [Float] = []
    var numbers = stream
    var tries = 0
    while kept.count < count * dimension {
      guard tries < count * Self.triesPerVector else {
        throw GuidanceError(
          className: classNames.indices.contains(label) ? classNames[label] : String(label),
          confidence: minimumConfidence, wanted: count,
          kept: kept.count / dimension, tries: tries)
      }
      let z = try base.latents(label: label, count: Self.batch, stream: numbers, on: device)
      let seen = try classifier.probabilities(try autoencoder.images(at: z))
      let (vectors, probabilities) = (try z.values(), try seen.values())
      for row in 0..<Self.batch {
        // Not a comparison that NaN would pass.
        if probabilities[row * seen.shape.columns + label] >= minimumConfidence {
          kept += vectors[row * dimension..<(row + 1) * dimension]
        } else {
          refused += 1
        }
      }
      drawn += Self.batch
      tries += Self.batch
      numbers.key.w &+= 1
    }
    return try Tensor(Array(kept.prefix(count * dimension)), Rows(count, dimension), on: device)
  }
}

/// A generator hardly ever draws images that a classifier assigns to the class.
public struct GuidanceError: Error, CustomStringConvertible {
  /// The name of the class.
  public var className: String
  /// The minimum probability of the class.
  public var confidence: Float
  /// The number of vectors requested.
  public var wanted: Int
  /// The number of vectors that reached the confidence.
  public var kept: Int
  /// The number of draws.
  public var tries: Int

  /// The error in one line.
  public var description: String {
    "class \(className): only \(kept) of \(tries) draws reached a confidence of \(confidence), "
      + "and \(wanted) were asked for; ask for less confidence or a smaller θ"
  }
}
