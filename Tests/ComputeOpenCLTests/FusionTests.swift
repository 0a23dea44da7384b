import Compute
import Testing

@testable import ComputeOpenCL

/// Operations that do the work of several in one launch give the bytes of those.
@Suite(.enabled(if: TestDevice.any, "no OpenCL device here")) struct FusionTests {
  @Test(arguments: TestDevice.tiled) func gradientsOfADenseLayer(_ test: TestDevice) throws {
    let device = test.device
    for (batch, inputs, outputs) in [(5, 19, 7), (68, 132, 36)] {
      for activation in epilogues {
        let shape = DenseGradients(
          batch: batch, inputs: inputs, outputs: outputs, activation: activation)
        let x = try device.makeBuffer(numbers(batch * inputs))
        let weights = try device.makeBuffer(numbers(inputs * outputs, seed: 2))
        let dy = try device.makeBuffer(numbers(batch * outputs, seed: 3))
        func results(_ body: ([Buffer]) throws -> Void) throws -> [[Float]] {
          let buffers = try [inputs * outputs, outputs, batch * inputs].map {
            try device.makeBuffer(count: $0, type: .float32)
          }
          try body(buffers)
          return try buffers.map { try device.download($0) }
        }
        let fused = try results {
          try device.denseGradients(
            shape, x, weights: weights, outputGradient: dy, into: $0[0], bias: $0[1], input: $0[2])
        }
        let composed = try results {
          try device.denseGradient(
            shape.weightProduct, x, outputGradient: dy, into: $0[0], bias: $0[1])
          try device.matmul(shape.inputProduct, dy, weights, bias: nil, into: $0[2])
          try device.mapGradient(
            activation, at: x, outputGradient: $0[2], into: $0[2], accumulate: false)
        }
        #expect(fused[0] == composed[0], "dw, \(shape)")
        #expect(fused[2] == composed[2], "dx, \(shape)")
        // The order of the sums depends on the tile, which is chosen for both products.
        expectClose(fused[1], composed[1].map(Double.init), "db, \(shape)")
      }
    }
  }

  @Test(arguments: TestDevice.all) func samples(_ test: TestDevice) throws {
    let (device, stream) = (test.device, RandomStream(seed: 5, purpose: 6))
    for shape in [Rows(1, 1), Rows(7, 20), Rows(128, 20), Rows(3, 1000)] {
      let parameters = try device.makeBuffer(numbers(2 * shape.count))
      let buffers = try (0..<4).map { _ in
        try device.makeBuffer(count: shape.count, type: .float32)
      }
      try device.sampleGaussian(
        shape, parameters: parameters, stream, noise: buffers[0], into: buffers[1])
      try device.random(.normal, stream, into: buffers[2])
      try device.reparameterize(
        shape, parameters: parameters, noise: buffers[2], into: buffers[3])
      let values: [[Float]] = try buffers.map { try device.download($0) }
      #expect(values[0] == values[2] && values[1] == values[3], "\(shape)")
    }
  }

  @Test(arguments: TestDevice.all) func sumsOfSeveral(_ test: TestDevice) throws {
    let device = test.device
    let lengths = [1, 128, 1000, 2047, 5]
    let terms = try lengths.map { (x: try device.makeBuffer(numbers($0)), scale: 1 / Float($0)) }
    let y = try device.makeBuffer(count: terms.count, type: .float32)
    try device.sums(terms, into: y)
    let separate = try terms.map { x, scale in
      let sum = try device.makeBuffer(count: 1, type: .float32)
      try device.reduce(Reduction(.sum, .perRow, Rows(1, x.count), scale: scale), x, into: sum)
      return try device.download(sum)[0] as Float
    }
    #expect(try device.download(y) == separate)
  }
}
