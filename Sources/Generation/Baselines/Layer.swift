import Autograd
import Compute
import NeuralNetwork

/// A fully connected layer, `f(x·W + b)`, or `f(x·W + y·V + b)` where it sees the label y too: the
/// same as a layer of the two rows side by side.
struct Layer {
  private let weight: Tensor
  private let bias: Tensor
  private let labels: Tensor?
  private let activation: UnaryFunction

  /// The layer called `name` of a model's parameters.
  init(_ extent: Extent, in parameters: ParameterStore) throws(DeviceError) {
    weight = parameters["\(extent.name).weight"]
    bias = parameters["\(extent.name).bias"]
    activation = extent.activation
    labels = extent.classes == 0 ? nil : parameters["\(extent.name).labels"]
  }

  /// The output for each row of `x` and of the labels.
  func callAsFunction(_ x: Tensor, _ y: Tensor) throws(DeviceError) -> Tensor {
    guard let labels else { return try x.dense(weight, bias, activation: activation) }
    return try x.dense(weight, bias)
      .adding(try y.matmul(labels))
      .map(activation)
  }

  /// The extent of a layer.
  struct Extent {
    var name: String
    var inputs: Int
    var outputs: Int
    /// The classes of the label that it sees; 0 where it sees none.
    var classes = 0
    var activation = UnaryFunction.identity

    /// A network of two hidden layers, the first of which sees the label.
    static func network(
      _ name: String, inputs: Int, hidden: Int, outputs: Int, classes: Int,
      activation: UnaryFunction
    ) -> [Extent] {
      [
        Extent(
          name: "\(name).hidden1", inputs: inputs, outputs: hidden, classes: classes,
          activation: activation),
        Extent(name: "\(name).hidden2", inputs: hidden, outputs: hidden, activation: activation),
        Extent(name: "\(name).output", inputs: hidden, outputs: outputs),
      ]
    }

    /// Weights uniform in ±√(6 / (inputs + outputs)) (Glorot and Bengio, 2010), biases zero.
    var specifications: [ParameterSpecification] {
      let limit = (6 / Float(inputs + classes + outputs)).squareRoot()
      var result = [
        ParameterSpecification("\(name).weight", Rows(inputs, outputs), limit: limit),
        ParameterSpecification("\(name).bias", Rows(1, outputs), limit: 0),
      ]
      if classes > 0 {
        result.append(
          ParameterSpecification("\(name).labels", Rows(classes, outputs), limit: limit))
      }
      return result
    }
  }
}

/// Layers one after the other; each may see the label.
struct Network {
  private let layers: [Layer]

  init(_ extents: [Layer.Extent], in parameters: ParameterStore) throws(DeviceError) {
    layers = try extents.map { extent throws(DeviceError) in try Layer(extent, in: parameters) }
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
