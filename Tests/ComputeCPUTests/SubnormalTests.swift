import Compute
import ComputeCPU
import Testing

/// Numbers below the least normal one count as zero in the steps of optimisers: the moments of a parameter that has
/// no gradient any more get stuck there, and would take the processor a hundred times as long.
@Suite struct SubnormalTests {
  @Test(arguments: InstructionSet.available, [1, 3])
  func momentsFadeOut(_ set: InstructionSet, _ threads: Int) throws {
    let device = CPUDevice(threads: threads, instructionSet: set)
    // Few numbers, which the caller takes alone, and many, for all threads.
    for count in [5, 200_000] {
      func buffer(_ value: Float) throws -> Buffer {
        try device.makeBuffer([Float](repeating: value, count: count))
      }
      let (parameters, gradients) = (try buffer(1), try buffer(0))
      let (first, second) = (try buffer(1), try buffer(1))
      for step in 1...900 {
        try device.adamStep(
          AdamStep(step: step), parameters: parameters, gradients: gradients,
          firstMoments: first, secondMoments: second)
      }
      #expect(try device.download(first).allSatisfy { $0 == 0 })
      #expect(try device.download(second).allSatisfy { $0 > 0 })
      let velocities = try buffer(2e-38)
      try device.gradientDescentStep(
        GradientDescentStep(learningRate: 0.1, momentum: 0.5), parameters: parameters,
        gradients: gradients, velocities: velocities)
      #expect(try device.download(velocities).allSatisfy { $0 == 0 })
    }
  }

  /// Other arithmetic of the thread keeps them.
  @Test func theCallerKeepsThem() throws {
    let device = CPUDevice(threads: 1)
    let buffers = try (0..<3).map { _ in try device.makeBuffer([Float](repeating: 1, count: 9)) }
    try device.gradientDescentStep(
      GradientDescentStep(learningRate: 0), parameters: buffers[0], gradients: buffers[1],
      velocities: buffers[2])
    #expect(try device.download(buffers[0])[0] * Float.leastNormalMagnitude / 8 > 0)
  }
}
