import Autograd
import Compute
import Foundation
import Models
import NeuralNetwork

/// A generator that turns noise into latent vectors along a velocity field, which was trained by flow matching (Lipman
/// et al., 2023; Liu, Gong and Liu, 2023) on the encoded images, with the classes of those that have one.
///
/// A draw starts at θ_y·ε with ε ~ N(0, 1), and follows dz/dt = v(z, t, y) from t = 0 to 1 by Heun's method. With a
/// guidance W the velocity is v(z, t, none) + W (v(z, t, y) − v(z, t, none)) (Ho and Salimans, 2022): 1 draws as was
/// learned, and more is surer of the class and less varied.
public struct LatentDiffusion: TemperedGenerator {
  /// What determines a draw, besides the network.
  public struct Settings: Sendable, Hashable, Codable {
    /// W.
    public var guidance: Float = 1.2
    /// The steps of Heun's method; each takes two evaluations of the network.
    public var steps = 16

    /// The usual settings.
    public init() {}
  }

  /// The guidances that can be asked for.
  public static let guidanceRange: ClosedRange<Float> = 0...20
  /// The steps that can be asked for.
  public static let stepRange = 1...1000
  /// The widths that a network can have.
  public static let widthRange = 8...4096
  /// The blocks that a network can have.
  public static let blockRange = 1...32

  /// θ_y, the deviation of each label's starting noise.
  public var theta: [Float]
  /// What determines a draw, besides the network.
  public var settings: Settings
  /// The number of classes.
  public var classCount: Int { shape.classCount }

  /// What it was trained with, and on; see ``LatentDiffusionConfiguration/identity(origin:)``.
  public internal(set) var training = ""

  let shape: VelocityNetwork.Shape
  let network: VelocityNetwork
  let parameters: Parameters
  /// The mean and the deviation of each dimension of the encoded images: the network works on what is left without.
  let standard: Standardization

  init(
    _ shape: VelocityNetwork.Shape, _ network: VelocityNetwork, _ parameters: Parameters,
    _ standard: Standardization, theta: [Float], settings: Settings
  ) {
    precondition(theta.count == shape.classCount, "one temperature for each class")
    self.shape = shape
    self.network = network
    self.parameters = parameters
    self.standard = standard
    self.theta = theta
    self.settings = settings
  }

  /// Draws latent vectors; see ``Generator``. The generator must be on the device.
  public func latents(label: Int, count: Int, stream: RandomStream, on device: any Device)
    throws(DeviceError) -> Tensor
  {
    precondition(device === parameters.device, "the generator is on another device")
    var z = try Tensor.normal(Rows(count, shape.latentDimension), stream, on: device)
      .scaled(by: theta[label])
    func vectors(_ label: Int) throws(DeviceError) -> Tensor {
      try network.vectors(of: try device.makeBuffer([Int32(label)]))
    }
    let (own, none) = (try vectors(label), try vectors(classCount))
    let guidance = settings.guidance
    func velocity(_ z: Tensor, _ step: Int) throws(DeviceError) -> Tensor {
      let time = try Tensor([Float(step) / Float(settings.steps)], Rows(1, 1), on: device)
      let given = try network(z, at: time, own)
      guard guidance != 1 else { return given }
      let free = try network(z, at: time, none)
      try device.scaledAdd(1 - guidance, free.buffer, guidance, into: given.buffer)
      return given
    }
    let length = 1 / Float(settings.steps)
    for step in 0..<settings.steps {
      let first = try velocity(z, step)
      let ahead = try z + first.scaled(by: length)
      let second = try velocity(ahead, step + 1)
      z = try z + (first + second).scaled(by: length / 2)
    }
    return try standard.restored(z)
  }
}

/// A mean and a deviation of each dimension.
struct Standardization: Sendable, Equatable {
  var mean: [Float]
  var deviation: [Float]

  /// z · deviation + mean.
  func restored(_ z: Tensor) throws(DeviceError) -> Tensor {
    let device = z.device
    let result = try device.makeBuffer(count: z.shape.count, type: .float32)
    try device.scaleColumns(
      z.shape.matrix, z.buffer, by: try device.makeBuffer(deviation),
      adding: try device.makeBuffer(mean), into: result)
    return Tensor(result, z.shape, on: device)
  }

  /// The standardised moments of encoded images: rows × 2D, means before log variances.
  func applied(toMoments moments: [Float]) -> [Float] {
    let dimension = mean.count
    var result = moments
    for (d, (center, scale)) in zip(mean, deviation).enumerated() {
      let shift = 2 * log(scale)
      for start in stride(from: 0, to: moments.count, by: 2 * dimension) {
        result[start + d] = (moments[start + d] - center) / scale
        result[start + dimension + d] = moments[start + dimension + d] - shift
      }
    }
    return result
  }

  /// The mean and the deviation of samples of q(z|x), by the law of total variance.
  ///
  /// - Parameter moments: rows × 2D, means before log variances.
  init(ofMoments moments: [Float], dimension: Int) {
    let rows = moments.count / (2 * dimension)
    var (mean, deviation) = ([Float](), [Float]())
    for d in 0..<dimension {
      var (sum, squares, variances) = (0.0, 0.0, 0.0)
      for row in 0..<rows {
        let center = Double(moments[row * 2 * dimension + d])
        sum += center
        squares += center * center
        variances += exp(Double(moments[(row * 2 + 1) * dimension + d]))
      }
      let average = sum / Double(rows)
      let variance = squares / Double(rows) - average * average + variances / Double(rows)
      mean.append(Float(average))
      deviation.append(Float(max(variance, 1e-12).squareRoot()))
    }
    (self.mean, self.deviation) = (mean, deviation)
  }

  init(mean: [Float], deviation: [Float]) { (self.mean, self.deviation) = (mean, deviation) }
}
