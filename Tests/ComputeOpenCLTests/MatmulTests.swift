import Compute
import Foundation
import Testing

@testable import ComputeOpenCL

@Suite(.enabled(if: TestDevice.any, "no OpenCL device here")) struct MatmulTests {
  static let extents = [
    (1, 1, 1), (3, 5, 7), (8, 32, 16), (37, 45, 53), (65, 20, 300), (130, 100, 17), (20, 64, 513),
    (128, 128, 16), (64, 64, 64), (256, 132, 40), (132, 260, 12),
  ]

  @Test(arguments: TestDevice.tiled) func agreesWithLoops(_ test: TestDevice) throws {
    for (m, n, k) in Self.extents {
      for (transposeA, transposeB) in [(false, false), (false, true), (true, false), (true, true)] {
        try compare(
          test.device,
          Matmul(m: m, n: n, k: k, transposeA: transposeA, transposeB: transposeB), bias: false)
      }
    }
  }

  @Test(arguments: TestDevice.tiled) func fusesBiasActivationAndSum(_ test: TestDevice) throws {
    for activation in epilogues + [.tanh] {
      for accumulate in [false, true] {
        // Deep enough for two panels of the CPU family.
        let shape = Matmul(m: 13, n: 50, k: 300, accumulate: accumulate, activation: activation)
        try compare(test.device, shape, bias: true)
      }
    }
  }

  private func compare(_ device: OpenCLDevice, _ shape: Matmul, bias: Bool) throws {
    let (m, n, k) = (shape.m, shape.n, shape.k)
    let (a, b) = (numbers(m * k, seed: 1), numbers(k * n, seed: 2))
    let (c, d) = (numbers(m * n, seed: 3), numbers(n, seed: 4))
    let result = try device.makeBuffer(c)
    try device.matmul(
      shape, device.makeBuffer(a), device.makeBuffer(b), bias: bias ? device.makeBuffer(d) : nil,
      into: result)
    var expected: [Double] = []
    for row in 0..<m {
      for column in 0..<n {
        var sum = shape.accumulate ? Double(c[row * n + column]) : 0
        if bias { sum += Double(d[column]) }
        for p in 0..<k {
          let x = a[shape.transposeA ? p * m + row : row * k + p]
          let y = b[shape.transposeB ? column * k + p : p * n + column]
          sum += Double(x) * Double(y)
        }
        expected.append(value(shape.activation, sum))
      }
    }
    expectClose(try device.download(result), expected, tolerance: 2e-5, "\(shape)")
  }
}

/// An elementwise function in double precision.
func value(_ function: UnaryFunction, _ x: Double) -> Double {
  switch function {
  case .identity: x
  case .relu: max(x, 0)
  case .sigmoid: 1 / (1 + exp(-x))
  case .softplus: max(x, 0) + log1p(exp(-abs(x)))
  case .exp: exp(x)
  case .tanh: tanh(x)
  default: .nan
  }
}

/// The functions that kernels of products and convolutions apply themselves.
let epilogues = UnaryFunction.allCases.filter(\.isEpilogue)
