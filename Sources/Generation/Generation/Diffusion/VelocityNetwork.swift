import Autograd
import Compute
import Foundation
import NeuralNetwork

/// The velocity field of a latent diffusion: a residual network that is told the time and the class.
///
///     c = SiLU(time(t) + class(y)),  h ← input(z),  h ← h + B(SiLU(A(h) + c)) for each block,  output(h)
struct VelocityNetwork {
  /// The extents of a network.
  struct Shape: Sendable, Hashable, Codable {
    /// D.
    var latentDimension: Int
    /// The number of classes; there is one vector more, for none.
    var classCount: Int
    /// The width of the layers.
    var width: Int
    /// The number of blocks.
    var blocks: Int

    /// The parameters, in the order of their declaration.
    var parameters: [ParameterDescription] {
      get throws { try Parameters.survey { try VelocityNetwork(self, $0) } }
    }
  }

  /// A block's two layers.
  private struct Block {
    let first, second: Dense
  }

  /// The bumps whose heights tell the network the time.
  static let timeFeatures = 32

  private let input, time, output: Dense
  private let classes: Embedding
  private let blocks: [Block]

  init(_ shape: Shape, _ p: Parameters) throws {
    let width = shape.width
    input = try Dense(shape.latentDimension, width, p["input"])
    time = try Dense(Self.timeFeatures, width, p["time"])
    classes = try Embedding(shape.classCount + 1, width, p["classes"])
    blocks = try (0..<shape.blocks).map {
      let p = p["block\($0 + 1)"]
      return Block(
        first: try Dense(width, width, p["first"]),
        // A block does nothing at first.
        second: try Dense(width, width, p["second"], initialization: .zeros))
    }
    output = try Dense(width, shape.latentDimension, p["output"], initialization: .zeros)
  }

  /// The vectors of some classes, `int32`.
  /// - Returns: classes × width.
  func vectors(of labels: Buffer) throws(DeviceError) -> Tensor { try classes(labels) }

  /// The velocities at z.
  ///
  /// - Parameters:
  ///   - z: rows × D.
  ///   - times: rows × 1, or 1 × 1 for all rows; 0 is noise, 1 data.
  ///   - vectors: rows × width, or 1 × width for all rows; see ``vectors(of:)``.
  /// - Returns: rows × D.
  /// - Throws: `DeviceError` when the device fails.
  func callAsFunction(_ z: Tensor, at times: Tensor, _ vectors: Tensor) throws(DeviceError)
    -> Tensor
  {
    let condition = try (time(try Self.features(times)) + vectors).map(.silu)
    var h = try input(z)
    for block in blocks {
      h = try h + block.second((block.first(h) + condition).map(.silu))
    }
    return try output(h)
  }

  /// exp(−½((t − k/(F−1))·(F−1))²) for k in 0..<F: rows × F.
  private static func features(_ times: Tensor) throws(DeviceError) -> Tensor {
    let last = Float(timeFeatures - 1)
    let centers = try Tensor(
      (0..<timeFeatures).map { Float($0) / last }, Rows(1, timeFeatures), on: times.device)
    return try (times - centers).map(.square).scaled(by: -0.5 * last * last).map(.exp)
  }
}
