import Autograd
import Compute
import Conformance

/// A function of some matrices, once by tensors on a device and once in double precision.
struct GradientCase: Sendable, CustomStringConvertible {
  let description: String
  let shapes: [Shape]
  let inputs: [[Float]]
  let onDevice: @Sendable (_ x: [Tensor]) throws -> Tensor
  let exact: @Sendable (_ x: [[Float]]) -> [Double]

  /// A case with matrices in ±2.
  init(
    _ description: String, _ shapes: [Rows],
    onDevice: @escaping @Sendable (_ x: [Tensor]) throws -> Tensor,
    exact: @escaping @Sendable (_ x: [[Float]]) -> [Double]
  ) {
    self.init(description, of: shapes.map { Shape($0) }, onDevice: onDevice, exact: exact)
  }

  /// A case with inputs in ±2.
  ///
  /// - Parameter areApart: No element of an input lies within a step of one of another input, nor of a tenth
  ///   that is a multiple of 0.3: there a function of them may have a kink.
  init(
    _ description: String, of shapes: [Shape], areApart: Bool = false,
    onDevice: @escaping @Sendable (_ x: [Tensor]) throws -> Tensor,
    exact: @escaping @Sendable (_ x: [[Float]]) -> [Double]
  ) {
    var random = HostRandom()
    self.description = description
    self.shapes = shapes
    // Away from 0 by more than a step, so that relu's kink is in nobody's way.
    inputs = shapes.enumerated().map { input, shape in
      random.floats(shape.count).map { x in
        if areApart { return (x * 6).rounded() * 0.3 + 0.1 * Float(input + 1) }
        return x < 0 ? x * 1.8 - 0.2 : x * 1.8 + 0.2
      }
    }
    self.onDevice = onDevice
    self.exact = exact
  }

  /// `¾ Σ w·f(x) + (0 or 1) · Σ v·x`, where w and v are fixed, and its gradient in each input.
  ///
  /// - Parameter accumulate: Adds the second sum, recorded after the first: so the gradient of f,
  ///   played back later, must add to what is there.
  func gradients(on device: any Device, accumulate: Bool) throws -> [[Float]] {
    let x = try zip(inputs, shapes).map {
      try Tensor($0, $1, on: device, requiresGradient: true)
    }
    let tape = Tape()
    let terms = try tape.record {
      let y = try onDevice(x)
      let weights = try Tensor(weights(y.shape.count), y.shape, on: device)
      var terms = [(tensor: try y.multiplied(by: weights), weight: Float(0.75))]
      if accumulate {
        for (i, x) in x.enumerated() {
          let factors = try Tensor(self.factors(i), x.shape, on: device)
          terms.append((try x.multiplied(by: factors), 1))
        }
      }
      return terms
    }
    try tape.backward(from: terms)
    return try x.map { try device.download($0.gradient ?? $0.buffer) }
  }

  /// The same gradients as slopes: central differences at two steps, extrapolated to none.
  func slopes(accumulate: Bool) -> [[Double]] {
    inputs.indices.map { i in
      inputs[i].indices.map { j in
        func difference(_ step: Float) -> Double {
          var (above, below) = (inputs, inputs)
          above[i][j] += step
          below[i][j] -= step
          return (loss(above) - loss(below)) / (Double(above[i][j]) - Double(below[i][j]))
        }
        let slope = (4 * difference(0x1p-6) - difference(0x1p-5)) / 3
        return slope + (accumulate ? Double(factors(i)[j]) : 0)
      }
    }
  }

  private func loss(_ x: [[Float]]) -> Double {
    let y = exact(x)
    return 0.75 * zip(y, weights(y.count)).reduce(0) { $0 + $1.0 * Double($1.1) }
  }

  private func weights(_ count: Int) -> [Float] { (0..<count).map { 1 - Float($0 % 5) * 0.35 } }

  private func factors(_ input: Int) -> [Float] {
    inputs[input].indices.map { Float(($0 + input) % 3) - 0.5 }
  }
}

extension GradientCase {
  static let all: [GradientCase] =
    elementwise + dense + layered + gaussian + losses + convolutional + rows + broadcasting
    + reductions
    + moving + products + general

  private static let elementwise: [GradientCase] =
    UnaryFunction.allCases.map { function in
      GradientCase("map \(function)", [Rows(3, 5)]) {
        // Of exp(x), which is positive, where there is no value below 0.
        let isPartial = !UnaryFunction.activations.contains(function)
        return try (isPartial ? $0[0].map(.exp) : $0[0]).map(function)
      } exact: {
        let isPartial = !UnaryFunction.activations.contains(function)
        return $0[0].map { x in
          Oracle.value(function, isPartial ? Oracle.value(.exp, Double(x)) : Double(x))
        }
      }
    } + [
      GradientCase("adding", [Rows(2, 3), Rows(2, 3)]) {
        try $0[0].adding($0[1])
      } exact: {
        Oracle.zip(.add, $0[0], $0[1]).map(\.value)
      },
      GradientCase("adding itself", [Rows(2, 3)]) {
        try $0[0].adding($0[0])
      } exact: {
        Oracle.zip(.add, $0[0], $0[0]).map(\.value)
      },
      GradientCase("multiplied", [Rows(2, 3), Rows(2, 3)]) {
        try $0[0].multiplied(by: $0[1])
      } exact: {
        Oracle.zip(.multiply, $0[0], $0[1]).map(\.value)
      },
      GradientCase("multiplied by itself", [Rows(2, 3)]) {
        try $0[0].multiplied(by: $0[0])
      } exact: {
        Oracle.zip(.multiply, $0[0], $0[0]).map(\.value)
      },
      GradientCase("two functions of one tensor", [Rows(2, 3)]) {
        try $0[0].map(.exp).multiplied(by: $0[0].map(.sigmoid))
      } exact: {
        zip(Oracle.map(.exp, $0[0]), Oracle.map(.sigmoid, $0[0])).map { $0.value * $1.value }
      },
    ]

  private static let dense: [GradientCase] =
    UnaryFunction.activations.map { function in
      GradientCase("dense \(function)", [Rows(3, 4), Rows(4, 5), Rows(1, 5)]) {
        try $0[0].dense($0[1], $0[2], activation: function)
      } exact: {
        Oracle.matmul(
          Matmul(m: 3, n: 5, k: 4, activation: function), $0[0], $0[1], bias: $0[2], old: nil
        ).map(\.value)
      }
    } + [
      GradientCase("dense, the input its own weight", [Rows(3, 3), Rows(1, 3)]) {
        try $0[0].dense($0[0], $0[1], activation: .softplus)
      } exact: {
        Oracle.matmul(
          Matmul(m: 3, n: 3, k: 3, activation: .softplus), $0[0], $0[0], bias: $0[1], old: nil
        ).map(\.value)
      }
    ]

  private static let gaussian: [GradientCase] = [
    GradientCase("reparameterized", [Rows(3, 4)]) {
      let noise = try $0[0].device.makeBuffer(numbers(6))
      return try $0[0].reparameterized(noise: noise)
    } exact: {
      Oracle.reparameterize(Rows(3, 2), parameters: $0[0], noise: numbers(6)).map(\.value)
    },
    GradientCase("sampled", [Rows(3, 4)]) {
      try $0[0].sampled(RandomStream(seed: 3))
    } exact: {
      let noise = Oracle.normal(RandomStream(seed: 3), count: 6).map { Float($0.value) }
      return Oracle.reparameterize(Rows(3, 2), parameters: $0[0], noise: noise).map(\.value)
    },
    GradientCase("gaussianDivergence", [Rows(3, 4)]) {
      try $0[0].gaussianDivergence()
    } exact: {
      Oracle.gaussianDivergence(Rows(3, 2), parameters: $0[0]).map(\.value)
    },
  ]

  private static let losses: [GradientCase] = [
    GradientCase("binaryCrossEntropy", [Rows(3, 5)]) {
      let targets = numbers(15).map { abs($0) / 2 }
      return try $0[0].binaryCrossEntropy(
        targets: Tensor(targets, Rows(3, 5), on: $0[0].device))
    } exact: {
      Oracle.binaryCrossEntropy(
        Rows(3, 5), logits: $0[0], targets: numbers(15).map { abs($0) / 2 }
      ).map(\.value)
    },
    GradientCase("kernelDiscrepancy", [Rows(5, 3)]) {
      let others = try Tensor(numbers(15), Rows(5, 3), on: $0[0].device)
      return try $0[0].kernelDiscrepancy(from: others, width: 3)
    } exact: {
      Oracle.kernelDiscrepancy(
        KernelDiscrepancy(count: 5, dimension: 3, width: 3), $0[0], numbers(15)
      ).map(\.value)
    },
  ]
}

/// Fixed numbers in ±2.
func numbers(_ count: Int) -> [Float] {
  (0..<count).map { Float(($0 * 37 + 11) % 41) / 10 - 2 }
}
