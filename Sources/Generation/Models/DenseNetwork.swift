import Autograd
import Compute
import NeuralNetwork

/// Two hidden layers with softplus and an output (tables 1 and 2 of the paper): the encoder, or the decoder.
struct DenseNetwork: Encoder, Decoder {
  private let hidden: [Dense]
  private let output: Dense

  init(_ inputs: Int, _ width: Int, _ outputs: Int, _ p: Parameters) throws {
    hidden = [
      try Dense(inputs, width, .softplus, p["hidden1"]),
      try Dense(width, width, .softplus, p["hidden2"]),
    ]
    output = try Dense(width, outputs, p["output"])
  }

  func callAsFunction(_ x: Tensor) throws(DeviceError) -> Tensor { try self(x, .identity) }

  func callAsFunction(_ x: Tensor, _ activation: UnaryFunction) throws(DeviceError) -> Tensor {
    var x = x
    for layer in hidden { x = try layer(x) }
    return try x.dense(output.weight, output.bias, activation: activation)
  }
}
