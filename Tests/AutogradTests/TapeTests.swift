import Autograd
import Compute
import ComputeCPU
import Conformance
import Testing
import TestSupport

/// Counts products of matrices.
private final class CountingDevice: ForwardingDevice, @unchecked Sendable {
  var products = 0

  override func didCall(_ name: String, _ results: [Buffer]) throws(DeviceError) {
    if [MatmulOperation.name, DenseGradientOperation.name].contains(name) { products += 1 }
    if name == DenseGradientsOperation.name { products += 2 }
  }
}

@Suite struct TapeTests {
  /// Two layers, and the gradient of their sum in the input.
  private func gradient(
    on device: any Device, frozen: Bool
  ) throws -> (input: [Float], parameters: [Tensor]) {
    var random = HostRandom()
    func tensor(_ shape: Rows, _ requiresGradient: Bool) throws -> Tensor {
      try Tensor(
        random.floats(shape.count), shape, on: device, requiresGradient: requiresGradient)
    }
    let x = try tensor(Rows(3, 4), true)
    let parameters = try [Rows(4, 5), Rows(1, 5), Rows(5, 2), Rows(1, 2)].map {
      try tensor($0, !frozen)
    }
    try Tape.differentiate {
      try x.dense(parameters[0], parameters[1], activation: .softplus)
        .dense(parameters[2], parameters[3], activation: .sigmoid)
    }
    return (try device.download(try #require(x.gradient)), parameters)
  }

  @Test(arguments: TestDevice.all)
  func gradientsPassAFrozenNetwork(_ device: TestDevice) throws {
    let trained = try gradient(on: device.device, frozen: false)
    let frozen = try gradient(on: device.device, frozen: true)
    #expect(frozen.input == trained.input)
    #expect(frozen.input.contains { $0 != 0 })
    #expect(trained.parameters.allSatisfy { $0.hasGradient })
    #expect(frozen.parameters.allSatisfy { !$0.hasGradient && $0.gradient == nil })
  }

  @Test func aFrozenNetworkCostsNoProductsForItsWeights() throws {
    let device = CountingDevice(CPUDevice(threads: 1))
    _ = try gradient(on: device, frozen: true)
    #expect(device.products == 2 + 2, "two forward, two for the gradients of the inputs")
    device.products = 0
    _ = try gradient(on: device, frozen: false)
    #expect(device.products == 2 + 4)
  }

  @Test func constantsGetNoGradient() throws {
    let device = CPUDevice(threads: 1)
    let x = try Tensor([1, 2], Rows(1, 2), on: device)
    let y = try Tape.differentiate { try x.map(.exp) }
    #expect(!y.requiresGradient)
    #expect(y.gradient == nil && x.gradient == nil)
  }

  @Test func outsideOfAScopeNothingIsRecordedOrKept() throws {
    let device = CPUDevice(threads: 1)
    let x = try Tensor([1, 2], Rows(1, 2), on: device, requiresGradient: true)
    weak var middle: Tensor?
    func forward() throws -> Tensor {
      let hidden = try x.map(.exp)
      middle = hidden
      return try hidden.map(.softplus)
    }
    let y = try forward()
    #expect(!y.requiresGradient)
    #expect(middle == nil, "nothing holds the value between")

    let tape = Tape()
    let z = try tape.record(forward)
    #expect(!Tape.isRecording)
    #expect(z.requiresGradient)
    #expect(middle != nil, "the tape needs the value between")
    try tape.backward(from: [(z, 1)])
    #expect(middle == nil, "playback frees it")
    #expect(x.hasGradient)
  }

  @Test func branchesThatReachNoTermAreSkipped() throws {
    let device = CPUDevice(threads: 1)
    let x = try Tensor([1, 2], Rows(1, 2), on: device, requiresGradient: true)
    let tape = Tape()
    let (unused, sum) = try tape.record { (try x.map(.exp), try x.adding(x)) }
    try tape.backward(from: [(sum, 1)])
    #expect(unused.gradient == nil)
    #expect(try device.download(try #require(x.gradient)) == [2, 2])
  }

  /// A dense layer keeps the gradient before its activation where that after it was: nobody may see it.
  @Test func intermediateTensorsHaveNoGradientAfterwards() throws {
    let device = CPUDevice(threads: 1)
    let x = try Tensor([1, 2], Rows(1, 2), on: device, requiresGradient: true)
    let (weight, bias) = (
      try Tensor([1, -1], Rows(2, 1), on: device), try Tensor([0], Rows(1, 1), on: device)
    )
    let tape = Tape()
    let (y, z) = try tape.record {
      let y = try x.dense(weight, bias, activation: .sigmoid)
      return (y, try y.map(.exp))
    }
    try tape.backward(from: [(z, 1)])
    #expect(y.gradient == nil && !y.hasGradient && z.gradient == nil)
    #expect(x.hasGradient && x.gradient != nil)
  }

  @Test func errorsOfTheDeviceReachTheCaller() throws {
    final class Failing: ForwardingDevice, @unchecked Sendable {
      override func willCall(_ kind: CallKind, _ name: String) throws(DeviceError) {
        guard name == MapGradientOperation.name else { return }
        throw DeviceError(call: "mapGradient", detail: "on purpose")
      }
    }
    let x = try Tensor(
      [1], Rows(1, 1), on: Failing(CPUDevice(threads: 1)), requiresGradient: true)
    #expect(throws: DeviceError.self) { try Tape.differentiate { try x.map(.exp) } }
  }

  /// A loss that was made outside of the scope would have no gradient, and nobody would know.
  @Test func aTermThatWasNotRecordedStops() async {
    await #expect(processExitsWith: .failure) {
      let x = try Tensor(
        [1, 2], [2], on: CPUDevice(threads: 1), requiresGradient: true)
      let y = try Tape().record { try x.map(.exp) }
      try Tape().backward(from: [(y, 1)])
    }
  }

  @Test func scopesWithinEachOtherRecordForThemselves() throws {
    let device = CPUDevice(threads: 1)
    let x = try Tensor([1, 2], [2], on: device, requiresGradient: true)
    let outer = Tape()
    let y = try outer.record {
      try Tape.differentiate { try x.map(.identity) }
      return try x.map(.identity)
    }
    #expect(try device.download(try #require(x.gradient)) == [1, 1])
    try outer.backward(from: [(y, 1)])
    #expect(try device.download(try #require(x.gradient)) == [2, 2])
  }
}
