import Autograd
import Compute
import Datasets
import Models
import NeuralNetwork
import Training

/// Searches θ by gradient descent, since decoder and classifier are differentiable: Adam on
/// `cos + W·(1 − p)` over reparameterised draws `z = μ + θσε`.
///
/// p is the classifier's mean probability of the class, a smooth accuracy. θ is the sigmoid of a free
/// parameter, so it stays in 0...1; it starts at ½. Each step draws anew.
public final class GradientSearch {
  /// The settings of the optimisation.
  public struct Options: Sendable {
    /// The number of images of each class in a step, at least 2.
    public var batch = 16
    /// The number of steps.
    public var steps = 150
    /// Adam's learning rate, in units of the free parameter.
    public var learningRate: Float = 0.1

    /// The defaults.
    public init() {}
  }

  private let autoencoder: VariationalAutoencoder
  private let classifier: Classifier
  private let options: Options
  private let accuracyWeight: Float
  private let seed: UInt64
  private let convention: Convention
  private let classes: Int
  private let pixels: Int

  /// The free parameters: 1 × 1 for Simple, 1 × D for Medium-1, classes × D for Medium-2.
  let parameters: Parameters
  let theta: Tensor
  private let adam: Adam
  /// Expands θ to classes × D, from the left and from the right.
  private let (left, right): (Tensor, Tensor)
  /// Which class a row belongs to, rows × classes, and its transpose.
  private let (member, members): (Tensor, Tensor)
  /// μ and σ of each row's class, rows × D.
  private let (means, spreads): (Tensor, Buffer)

  private var device: any Device { autoencoder.device }
  /// The number of images that each step draws.
  public var imagesPerStep: Int { classes * options.batch }
  /// The number of images that the whole search draws.
  public var images: Int { options.steps * imagesPerStep }

  /// Prepares a search; the models must be on one device.
  ///
  /// - Parameters:
  ///   - kind: Which numbers share a θ.
  ///   - autoencoder: Decodes the latent vectors.
  ///   - classifier: Its mean probability of the class stands for the accuracy.
  ///   - statistics: The moments of the classes.
  ///   - accuracyWeight: W.
  ///   - seed: Determines the draws.
  ///   - convention: The meaning of σ and θ.
  ///   - options: The extent of the search.
  /// - Throws: `DeviceError` when the device is out of memory.
  public init(
    _ kind: GeneratorKind, _ autoencoder: VariationalAutoencoder, _ classifier: Classifier,
    statistics: LatentStatistics, accuracyWeight: Double, seed: UInt64,
    convention: Convention = Convention(), options: Options = Options()
  ) throws {
    precondition(options.batch >= 2, "a cosine needs two images")
    self.autoencoder = autoencoder
    self.classifier = classifier
    self.options = options
    self.accuracyWeight = Float(accuracyWeight)
    self.seed = seed
    self.convention = convention
    let (device, dimension) = (autoencoder.device, statistics.latentDimension)
    pixels = autoencoder.shape.pixels
    classes = statistics.classes.count
    let extent = Rows(kind == .medium2 ? classes : 1, kind == .simple ? 1 : dimension)
    (parameters, theta) = try Parameters.declare(seed: seed, on: device) {
      try $0("theta", Shape(extent))
    }
    adam = try Adam(parameters, learningRate: .constant(options.learningRate))
    let (classes, batch) = (classes, options.batch)
    func tensor(_ rows: Int, _ columns: Int, _ value: (Int, Int) -> Float) throws(DeviceError)
      -> Tensor
    {
      try Tensor(
        (0..<rows * columns).map { value($0 / columns, $0 % columns) }, Rows(rows, columns),
        on: device)
    }
    left = try tensor(classes, extent.rows) { extent.rows == 1 || $0 == $1 ? 1 : 0 }
    right = try tensor(extent.columns, dimension) { extent.columns == 1 || $0 == $1 ? 1 : 0 }
    member = try tensor(classes * batch, classes) { $0 / batch == $1 ? 1 : 0 }
    members = try tensor(classes, classes * batch) { $0 == $1 / batch ? 1 : 0 }
    means = try tensor(classes * batch, dimension) { statistics.classes[$0 / batch].mean[$1] }
    let sigma = statistics.classes.map { $0.spread(of: convention.spread) }
    spreads = try tensor(classes * batch, dimension) { sigma[$0 / batch][$1] }.buffer
  }

  /// Optimises θ.
  ///
  /// - Parameters:
  ///   - progress: Gets the number of steps done.
  ///   - shouldStop: Asked before each step whether to stop.
  /// - Returns: θ, classes × D, in 0...1.
  /// - Throws: ``SearchStopped`` when `shouldStop` says so, or `DeviceError`.
  public func run(
    progress: (Int) throws -> Void = { _ in }, shouldStop: () -> Bool = { false }
  ) throws -> [[Float]] {
    let models = [autoencoder.parameters, classifier.parameters]
    let before = models.map(\.isFrozen)
    for model in models { model.isFrozen = true }
    defer { for (model, frozen) in zip(models, before) { model.isFrozen = frozen } }
    for step in 0..<options.steps {
      if shouldStop() { throw SearchStopped() }
      let stream = RandomStream(seed: seed).split(.gradientSearch).step(step)
      try backward(stream)
      try adam.update()
      try progress(step + 1)
    }
    let theta = try expanded().values()
    let dimension = right.shape.columns
    return (0..<classes).map { Array(theta[$0 * dimension..<($0 + 1) * dimension]) }
  }

  /// θ of each class and dimension.
  private func expanded() throws(DeviceError) -> Tensor {
    try left.matmul(try theta.map(.sigmoid)).matmul(right)
  }

  /// Computes the gradient of the objective with respect to the free parameters.
  ///
  /// - Returns: The parts of the objective: `‖Σû‖²` of each class by pixel, classes × pixels, and the
  ///   probability of each row's class.
  @discardableResult
  func backward(_ stream: RandomStream) throws(DeviceError) -> (squares: Tensor, confidence: Tensor)
  {
    let (rows, batch) = (means.shape.rows, Float(options.batch))
    let noise = try Tensor.normal(means.shape, stream, on: device)
    try device.zip(.multiply, noise.buffer, spreads, into: noise.buffer)
    let labels = try device.makeBuffer((0..<rows).map { Int32($0 / options.batch) })
    let tape = Tape()
    let (squares, confidence) = try tape.record { () throws(DeviceError) in
      var factor = try expanded()
      if convention.theta == .variance { factor = try factor.map(.squareRoot) }
      let z = try member.matmul(factor).multiplied(by: noise).adding(means)
      let images = try autoencoder.decode(z).map(.sigmoid)
      let sums = try members.matmul(try images.normalizedRows())
      return (
        try sums.multiplied(by: sums),
        try classifier.logits(images).softmaxCrossEntropy(labels: labels).scaled(by: -1).map(.exp)
      )
    }
    try tape.backward(from: [
      (squares, 1 / (Float(classes) * batch * (batch - 1))),
      (confidence, -accuracyWeight / Float(rows)),
    ])
    return (squares, confidence)
  }
}
