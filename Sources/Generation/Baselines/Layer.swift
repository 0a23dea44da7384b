import Autograd
import Compute
import NeuralNetwork

/// A fully connected layer, `f(x·W + b)`, or `f(x·W + y·V + b)` where it sees the label y too: the same as a layer on
/// the two rows concatenated.
struct Layer {
  private let weight, bias: Tensor
  private let labels: Tensor?
  private let activation: UnaryFunction

  /// Declares the layer: weights uniform by Glorot and Bengio (2010), biases zero.
  ///
  /// - Parameter classes: The number of classes of the label that it sees; 0 if it sees none.
  init(
    _ inputs: Int, _ outputs: Int, classes: Int = 0, _ activation: UnaryFunction,
    _ p: Parameters
  ) throws {
    let start = Initialization.glorot(inputs: inputs + classes, outputs: outputs)
    weight = try p("weight", [inputs, outputs], start)
    bias = try p("bias", [1, outputs])
    labels = classes == 0 ? nil : try p("labels", [classes, outputs], start)
    self.activation = activation
  }

  /// The output for each row of `x` and of the labels.
  func callAsFunction(_ x: Tensor, _ y: Tensor) throws(DeviceError) -> Tensor {
    guard let labels else { return try x.dense(weight, bias, activation: activation) }
    return try x.dense(weight, bias)
      .adding(try y.matmul(labels))
      .map(activation)
  }
}

/// Two hidden layers, the first of which sees the label, and an output.
struct ConditionalNetwork {
  private let layers: [Layer]

  init(
    _ inputs: Int, hidden: Int, _ outputs: Int, classes: Int, _ activation: UnaryFunction,
    _ p: Parameters
  ) throws {
    layers = [
      try Layer(inputs, hidden, classes: classes, activation, p["hidden1"]),
      try Layer(hidden, hidden, activation, p["hidden2"]),
      try Layer(hidden, outputs, .identity, p["output"]),
    ]
  }

  /// The output for each row.
  ///
  /// - Parameter between: Applied to the output of each layer but the last, with its index.
  func callAsFunction(
    _ x: Tensor, _ y: Tensor,
    between: (Tensor, Int) throws(DeviceError) -> Tensor = { (x, _) throws(DeviceError) in x }
  ) throws(DeviceError) -> Tensor {
    var x = x
    for (index, layer) in layers.enumerated() {
      x = try layer(x, y)
      if index + 1 < layers.count { x = try between(x, index) }
    }
    return x
  }
}
