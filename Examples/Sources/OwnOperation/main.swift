// A custom operation with its gradient, in a custom training loop: swish with a trainable slope, y = x · sigmoid(βx)
// (Ramachandran et al., 2017), fitted to points of |x|.
import Digitalis

/// y = x · sigmoid(βx), composed from other operations, so that it runs on every device. To make it faster on the
/// CPU, make it a `CPUOperation`.
struct Swish: DeviceOperation {
  static let name = "swish"
  let x: Buffer, beta: Buffer, y: Buffer
  var results: [Buffer] { [y] }
  var cost: Cost { Cost(operations: 5 * Double(x.count), [x, y]) }
  func check() {
    y.require(x.count, "the result of swish")
    beta.require(1, "the slope of swish")
  }
  func compose(on device: any Device) throws(DeviceError) {
    try device.zip(.multiply, x, [x.count], beta, [1], into: y)
    try device.map(.sigmoid, y, into: y)
    try device.zip(.multiply, x, y, into: y)
  }
}

extension Tensor {
  /// The operation, and its gradient: with s = sigmoid(βx),
  /// ∂y/∂x = s + βx·s(1 − s) and ∂y/∂β = x²·s(1 − s).
  func swish(_ beta: Tensor) throws(DeviceError) -> Tensor {
    try Tensor.make(shape, from: [self, beta]) { (y) throws(DeviceError) in
      try device.perform(Swish(x: buffer, beta: beta.buffer, y: y))
    } gradients: { (dy) throws(DeviceError) in
      let s = try (self * beta).map(.sigmoid)
      let slope = try s - s * s
      // A broadcast operand gets the sum of its gradients.
      return [try dy * (s + beta * self * slope), try dy * self * self * slope]
    }
  }
}

let device = try openDevice()
let (parameters, network) = try Parameters.declare(seed: 1, on: device) { p in
  (try Dense(1, 16, p["hidden"]), try p("beta", [1], .ones), try Dense(16, 1, p["output"]))
}
let (hidden, beta, output) = network
let points = (0..<64).map { Float($0) / 16 - 2 }
let x = try Tensor(points, [64, 1], on: device)
let targets = try Tensor(points.map(abs), [64, 1], on: device)
let sgd = try SGD(parameters, learningRate: 0.05, momentum: 0.9)
for step in 1...400 {
  let loss = try sgd.step {
    try meanSquaredError(output(hidden(x).swish(beta)), targets)
  }
  if step % 100 == 0 {
    print("step \(step): loss \(try loss.values()[0]), β = \(try beta.values()[0])")
  }
}
