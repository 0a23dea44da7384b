import Autograd
import Compute

/// A fully connected layer, `f(x·W + b)`.
public struct Dense {
  /// inputs × outputs.
  public let weight: Tensor
  /// 1 × outputs.
  public let bias: Tensor
  /// f.
  public let activation: UnaryFunction

  /// The layer called `name` of a model's parameters.
  public init(_ name: String, activation: UnaryFunction, in parameters: ParameterStore) {
    weight = parameters["\(name).weight"]
    bias = parameters["\(name).bias"]
    self.activation = activation
  }

  /// The parameters of a layer: weights uniform in ±√(6 / (inputs + outputs)) (Glorot and Bengio,
  /// 2010, equation 16), biases zero.
  public static func specifications(_ name: String, inputs: Int, outputs: Int)
    -> [ParameterSpecification]
  {
    let limit = (6 / Float(inputs + outputs)).squareRoot()
    return [
      ParameterSpecification("\(name).weight", Rows(inputs, outputs), limit: limit),
      ParameterSpecification("\(name).bias", Rows(1, outputs), limit: 0),
    ]
  }

  /// The output for each row of `x`.
  /// - Throws: ``DeviceError`` when the device fails.
  public func callAsFunction(_ x: Tensor) throws(DeviceError) -> Tensor {
    try x.dense(weight, bias, activation: activation)
  }
}
