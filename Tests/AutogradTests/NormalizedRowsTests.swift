import Autograd
import Compute
import TestSupport
import Testing

@Suite struct NormalizedRowsTests {
  /// Zeros stay zeros, and get no gradient.
  @Test(arguments: TestDevice.all) func rowsOfZerosStay(_ device: TestDevice) throws {
    let values: [Float] = [3, -4, 0, 0, 0.5, 0]
    let x = try Tensor(values, Rows(3, 2), on: device.device, requiresGradient: true)
    let y = try Tape.differentiate { try x.normalizedRows() }
    for (value, expected) in zip(try y.values(), [0.6, -0.8, 0, 0, 1, 0] as [Float]) {
      #expect(abs(value - expected) < 1e-6)
    }
    let gradient = try device.device.download(try #require(x.gradient))
    #expect(gradient[2] == 0 && gradient[3] == 0 && gradient[1] != 0)
  }
}
