import Autograd
import Compute

/// A fully connected layer, `f(x·W + b)`.
public struct Dense: Module {
  /// inputs × outputs.
  public let weight: Tensor
  /// 1 × outputs.
  public let bias: Tensor
  /// f.
  public let activation: UnaryFunction

  /// Declares `weight`, initialised as by Glorot and Bengio unless asked otherwise, and `bias`, initially zero.
  /// - Throws: ``ParameterError`` when the scope has them already.
  public init(
    _ inputs: Int, _ outputs: Int, _ activation: UnaryFunction, _ p: Parameters,
    initialization: Initialization? = nil
  ) throws {
    weight = try p(
      "weight", [inputs, outputs], initialization ?? .glorot(inputs: inputs, outputs: outputs))
    bias = try p("bias", [1, outputs])
    self.activation = activation
  }

  /// Declares a layer without an activation; see ``init(_:_:_:_:initialization:)``.
  /// - Throws: ``ParameterError`` when the scope has its parameters already.
  public init(
    _ inputs: Int, _ outputs: Int, _ p: Parameters, initialization: Initialization? = nil
  ) throws {
    try self.init(inputs, outputs, .identity, p, initialization: initialization)
  }

  /// The output for each row of `x`.
  /// - Returns: rows × outputs.
  /// - Throws: `DeviceError` when the device fails.
  public func callAsFunction(_ x: Tensor) throws(DeviceError) -> Tensor {
    try x.dense(weight, bias, activation: activation)
  }
}
