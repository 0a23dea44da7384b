import Autograd
import Compute
import TestSupport
import Testing

@Suite struct NormalizedRowsTests {
  /// The two forms of the forward operation, with a tape and without, agree; zeros stay zeros.
  @Test(arguments: TestDevice.all) func rowsOfZerosStay(_ device: TestDevice) throws {
    let values: [Float] = [3, -4, 0, 0, 0.5, 0]
    let x = try Tensor(values, Rows(3, 2), on: device.device, requiresGradient: true)
    let tape = Tape()
    let y = try x.normalizedRows(tape: tape)
    for (value, expected) in zip(try y.values(), [0.6, -0.8, 0, 0, 1, 0] as [Float]) {
      #expect(abs(value - expected) < 1e-6)
    }
    for (value, other) in zip(try y.values(), try x.normalizedRows(tape: nil).values()) {
      #expect(abs(value - other) < 1e-6)
    }
    try tape.backward(from: [(y, 1)])
    let gradient = try device.device.download(try #require(x.gradient))
    #expect(gradient[2] == 0 && gradient[3] == 0 && gradient[1] != 0)
  }
}
