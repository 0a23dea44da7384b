import Autograd
import Compute
import Conformance
import Testing
import TestSupport

/// Every gradient is the slope of its forward formula.
@Suite struct GradientTests {
  @Test(arguments: TestDevice.all, GradientCase.all)
  func isTheSlope(_ device: TestDevice, _ item: GradientCase) throws {
    for accumulate in [false, true] {
      let slopes = item.slopes(accumulate: accumulate)
      let gradients = try item.gradients(on: device.device, accumulate: accumulate)
      for (i, (slopes, gradients)) in zip(slopes, gradients).enumerated() {
        for (j, (slope, gradient)) in zip(slopes, gradients).enumerated() {
          #expect(
            abs(slope - Double(gradient)) < 2e-5 * (1 + abs(slope)),
            "input \(i), element \(j), accumulate \(accumulate): \(gradient), not \(slope)")
        }
      }
    }
  }

  @Test(arguments: TestDevice.all, GradientCase.all)
  func forwardAgreesWithTheOracle(_ device: TestDevice, _ item: GradientCase) throws {
    let x = try zip(item.inputs, item.shapes).map { try Tensor($0, $1, on: device.device) }
    let values = try item.onDevice(x).values()
    let expected = item.exact(item.inputs)
    #expect(values.count == expected.count)
    for (value, expected) in zip(values, expected) {
      #expect(abs(Double(value) - expected) < 1e-5 * (1 + abs(expected)))
    }
  }

  @Test(arguments: TestDevice.all)
  func noGradientFlowsToOtherPoints(_ device: TestDevice) throws {
    let x = try Tensor([0, 1], Rows(2, 1), on: device.device, requiresGradient: true)
    let y = try Tensor([2, 3], Rows(2, 1), on: device.device, requiresGradient: true)
    try Tape.differentiate { try x.kernelDiscrepancy(from: y, width: 1) }
    #expect(x.hasGradient)
    #expect(!y.hasGradient && y.gradient == nil)
  }

  @Test(arguments: TestDevice.all)
  func clearedGradientsAreReplaced(_ device: TestDevice) throws {
    let x = try Tensor([1, 2, 3], Rows(1, 3), on: device.device, requiresGradient: true)
    func play() throws -> [Float] {
      try Tape.differentiate { try x.adding(x) }
      return try device.device.download(try #require(x.gradient))
    }
    #expect(try play() == [2, 2, 2])
    #expect(try play() == [4, 4, 4], "a second playback adds")
    x.clearGradient()
    #expect(try play() == [2, 2, 2])
  }
}
