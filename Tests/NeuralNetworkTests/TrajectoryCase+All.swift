import Autograd
import Compute
import NeuralNetwork

extension TrajectoryCase {
  /// Each layer and each loss, by plain descent.
  static let ofLayers: [TrajectoryCase] =
    UnaryFunction.activations.map { function in
      TrajectoryCase("dense-\(function)") { try perceptron($0, function) }
    } + [
      TrajectoryCase("convolution") {
        [
          try Conv2D(3, 4, size: 3, padding: 1, .relu, $0["first"]),
          try Conv2D(4, 2, size: 3, $0["second"]),
        ]
      },
      TrajectoryCase("convolution-stride") {
        [
          try Conv2D(3, 4, size: 3, stride: 2, padding: 1, .gelu, $0["first"]),
          try Conv2D(4, 2, size: 2, stride: 2, $0["second"]),
        ]
      },
      TrajectoryCase("convolution-transposed") {
        [
          try ConvTranspose2D(3, 4, size: 4, stride: 2, padding: 1, .tanh, $0["first"]),
          try ConvTranspose2D(4, 2, size: 3, $0["second"]),
        ]
      },
      TrajectoryCase("maximum-pool") { try pooled($0, MaxPool(2)) },
      TrajectoryCase("maximum-pool-overlap") { try pooled($0, MaxPool(3, stride: 2, padding: 1)) },
      TrajectoryCase("average-pool") { try pooled($0, AveragePool(2)) },
      TrajectoryCase("average-pool-overlap") {
        try pooled($0, AveragePool(3, stride: 2, padding: 1))
      },
      TrajectoryCase("layer-norm") { try rows($0, LayerNorm(6, $0["norm"])) },
      TrajectoryCase("batch-norm") { try rows($0, BatchNorm(6, $0["norm"])) },
      TrajectoryCase("group-norm") { try images($0, GroupNorm(6, groups: 2, $0["norm"]), .tanh) },
      TrajectoryCase("batch-norm-images") { try images($0, BatchNorm(6, $0["norm"]), .relu) },
      TrajectoryCase("embedding") { p in
        let table = try Embedding(7, 4, p["table"])
        let look = Lambda { numbers in
          let places = try numbers.values().map { Int32($0) }
          return try table(try numbers.device.makeBuffer(places))
        }
        return [look, Activation(.tanh), try Dense(4, 3, p["second"])]
      },
      TrajectoryCase("sequential", loss: labels) {
        [
          Reshape([6, 5, 3]), try Conv2D(3, 4, size: 3, padding: 1, $0["first"]),
          try BatchNorm(4, $0["norm"]), Activation(.relu), MaxPool(2), Flatten(),
          try Dense(24, 5, .silu, $0["hidden"]), try Dense(5, 3, $0["output"]),
        ]
      },
      TrajectoryCase("cross-entropy", loss: labels) { try perceptron($0, outputs: 5) },
      TrajectoryCase("binary-cross-entropy", loss: pixels) { try perceptron($0, outputs: 5) },
    ]

  /// Each optimiser and each schedule.
  static let ofOptimizers: [TrajectoryCase] = [
    optimizing("sgd") { try SGD($0, learningRate: $1) },
    optimizing("sgd-momentum") { try SGD($0, learningRate: $1, momentum: 0.9) },
    optimizing("sgd-nesterov") {
      try SGD($0, learningRate: $1, momentum: 0.9, isNesterov: true)
    },
    optimizing("sgd-decay") { try SGD($0, learningRate: $1, momentum: 0.8, weightDecay: 0.1) },
    optimizing("sgd-nesterov-decay") {
      try SGD($0, learningRate: $1, momentum: 0.8, isNesterov: true, weightDecay: 0.1)
    },
    optimizing("sgd-clipping") {
      try SGD($0, learningRate: $1, momentum: 0.5, clippingNorm: 0.6)
    },
    optimizing("adam") { try Adam($0, learningRate: $1) },
    optimizing("adam-settings") {
      try Adam($0, learningRate: $1, firstDecay: 0.8, secondDecay: 0.95, epsilon: 0.01)
    },
    optimizing("adam-clipping") {
      try Adam($0, learningRate: $1, epsilon: 0.01, clippingNorm: 0.6)
    },
    optimizing("adamw") { try AdamW($0, learningRate: $1) },
    optimizing("adamw-decay") {
      try AdamW($0, learningRate: $1, weightDecay: 0.5, firstDecay: 0.8, secondDecay: 0.95)
    },
    optimizing("warm-up-cosine", .warmUp(4, then: .cosine(0.04, steps: 5, to: 0.01))) {
      try AdamW($0, learningRate: $1, weightDecay: 0.5)
    },
    optimizing("stepwise", .stepwise(0.2, every: 3, factor: 0.5)) {
      try SGD($0, learningRate: $1, momentum: 0.9)
    },
  ]

  private static func optimizing(
    _ name: String, _ schedule: Schedule? = nil, _ optimizer: @escaping MakeOptimizer
  ) -> TrajectoryCase {
    TrajectoryCase(name, schedule: schedule, optimizer: optimizer) { try perceptron($0) }
  }

  private static func perceptron(
    _ p: Parameters, _ function: UnaryFunction = .tanh, outputs: Int = 3
  ) throws -> [any Module] {
    [try Dense(4, 6, function, p["first"]), try Dense(6, outputs, p["second"])]
  }

  private static func pooled(_ p: Parameters, _ pool: any Module) throws -> [any Module] {
    [
      try Conv2D(3, 4, size: 3, padding: 1, p["first"]), pool,
      try Conv2D(4, 2, size: 2, p["second"]),
    ]
  }

  private static func rows(_ p: Parameters, _ norm: any Module) throws -> [any Module] {
    [try Dense(4, 6, p["first"]), norm, Activation(.tanh), try Dense(6, 3, p["second"])]
  }

  private static func images(_ p: Parameters, _ norm: any Module, _ function: UnaryFunction) throws
    -> [any Module]
  {
    [
      try Conv2D(3, 6, size: 3, padding: 1, p["first"]), norm, Activation(function),
      try Conv2D(6, 2, size: 3, p["second"]),
    ]
  }
}
