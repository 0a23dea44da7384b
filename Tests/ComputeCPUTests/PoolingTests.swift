import Compute
import ComputeCPU
import Testing

@Suite struct PoolingTests {
  /// As on OpenCL: a NaN is not lost, and takes the gradient.
  @Test(arguments: InstructionSet.available)
  func notANumberIsTheMaximum(_ set: InstructionSet) throws {
    let device = CPUDevice(instructionSet: set)
    let shape = Pooling(batch: 1, height: 2, width: 4, channels: 1)
    // Two windows: one with a NaN in each place but the first, one without.
    for place in [1, 4, 5] {
      var values: [Float] = [1, 3, 7, 8, 2, 0, 9, 5]
      values[place] = .nan
      let x = try device.makeBuffer(values)
      let y = try device.makeBuffer(count: 2, type: .float32)
      try device.pool(shape, x, into: y)
      let pooled = try device.download(y)
      #expect(pooled[0].isNaN && pooled[1] == 9)
      let dx = try device.makeBuffer(count: 8, type: .float32)
      try device.poolGradient(
        shape, x, outputGradient: try device.makeBuffer([10, 20] as [Float]), into: dx,
        accumulate: false)
      var expected = [Float](repeating: 0, count: 8)
      expected[place] = 10
      expected[6] = 20
      #expect(try device.download(dx) == expected)
    }
  }
}
