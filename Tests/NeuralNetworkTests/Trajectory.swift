import Autograd
import Compute
import Foundation
import NeuralNetwork

/// How a network learned in PyTorch, from the file that `tools/studies/trajectories` makes.
struct Trajectory {
  private static let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("Trajectories.safetensors").path

  private let arrays: [String: NamedArray]

  /// All of them, by the names of their cases.
  static func all() throws -> [String: Trajectory] {
    var cases: [String: [String: NamedArray]] = [:]
    for (name, array) in try SafeTensors.read(file).arrays {
      let parts = name.split(separator: "/", maxSplits: 1).map(String.init)
      cases[parts[0], default: [:]][parts[1]] = array
    }
    return cases.mapValues(Trajectory.init)
  }

  /// An array by its name, such as `end/first.weight`.
  func array(_ name: String) throws -> NamedArray {
    guard let array = arrays[name] else { throw ParameterError("the file has no \(name)") }
    return array
  }

  /// The names of the parameters.
  var parameters: Set<String> {
    Set(arrays.keys.filter { $0.hasPrefix("start/") }.map { String($0.dropFirst(6)) })
  }
}

/// A network like one of the script, which learns in the same way.
struct TrajectoryCase: Sendable, CustomStringConvertible {
  typealias Layers = @Sendable (Parameters) throws -> [any Module]
  typealias Loss = @Sendable (_ output: Tensor, _ targets: NamedArray) throws -> Tensor
  typealias MakeOptimizer = @Sendable (Parameters, Schedule) throws -> Optimizer

  /// The name that the script has for it.
  let description: String
  let layers: Layers
  let loss: Loss
  let optimizer: MakeOptimizer
  /// The learning rate; that of the first step in the file unless given.
  let schedule: Schedule?

  init(
    _ name: String, loss: @escaping Loss = square, schedule: Schedule? = nil,
    optimizer: @escaping MakeOptimizer = { try SGD($0, learningRate: $1) },
    _ layers: @escaping Layers
  ) {
    description = name
    self.loss = loss
    self.schedule = schedule
    self.optimizer = optimizer
    self.layers = layers
  }

  static let square: Loss = { output, targets in
    try meanSquaredError(output, try Tensor(targets, on: output.device))
  }
  static let pixels: Loss = { output, targets in
    try binaryCrossEntropy(output, try Tensor(targets, on: output.device)).mean()
  }
  static let labels: Loss = { output, targets in
    let labels = try Labels(
      targets.values.map { Int($0) }, classCount: output.shape.columns, on: output.device)
    return try crossEntropy(output, labels).mean()
  }
}

extension Tensor {
  /// An array of a file on a device.
  convenience init(_ array: NamedArray, on device: any Device) throws(DeviceError) {
    try self.init(array.values, Shape(array.shape), on: device)
  }
}
