import Compute
import ComputeCPU
import TestSupport
import Testing

/// An operation of somebody else's module: c = √(a² + b²).
private struct Hypotenuse: DeviceOperation {
  static let name = "hypotenuse"
  let a: Buffer
  let b: Buffer
  let c: Buffer

  var results: [Buffer] { [c] }
  var cost: Cost { Cost(operations: 4 * Double(c.count), [a, b, c]) }

  func check() {
    a.require(c.count, "the first side of hypotenuse")
    b.require(c.count, "the second side of hypotenuse")
    c.require(c.count, "the result of hypotenuse")
  }

  func compose(on device: any Device) throws(DeviceError) {
    let square = try device.makeBuffer(count: c.count, type: .float32)
    try device.map(.square, a, into: square)
    try device.map(.square, b, into: c)
    try device.zip(.add, square, c, into: c)
    try device.map(.squareRoot, c, into: c)
  }
}

/// The same, for which the processor has a loop.
private struct FastHypotenuse: CPUOperation {
  static let name = "fastHypotenuse"
  let sides: Hypotenuse

  var results: [Buffer] { sides.results }
  var cost: Cost { sides.cost }
  func check() { sides.check() }
  func compose(on device: any Device) throws(DeviceError) { try sides.compose(on: device) }

  func run(on device: CPUDevice) throws(DeviceError) {
    let (a, b, c) = (
      device.elements(of: sides.a), device.elements(of: sides.b), device.elements(of: sides.c)
    )
    device.forEachRange(c.count, grain: 100) { first, count in
      // Larger by one, to tell who did it.
      for i in first..<first + count { c[i] = (a[i] * a[i] + b[i] * b[i]).squareRoot() + 1 }
    }
  }
}

@Suite struct OwnOperationTests {
  /// What no device knows is composed on each.
  @Test(arguments: TestDevice.all)
  func isComposed(_ test: TestDevice) throws {
    let device = test.device
    let count = 1000
    let a = try device.makeBuffer((0..<count).map { Float(3 * $0) })
    let b = try device.makeBuffer((0..<count).map { Float(4 * $0) })
    let c = try device.makeBuffer(count: count, type: .float32)
    try device.perform(Hypotenuse(a: a, b: b, c: c))
    let expected = (0..<count).map { Float(5 * $0) }
    #expect(
      zip(try device.download(c), expected).allSatisfy { abs($0 - $1) <= 1e-6 * abs($1) })

    try device.perform(FastHypotenuse(sides: Hypotenuse(a: a, b: b, c: c)))
    let own: Float = device is CPUDevice ? 1 : 0
    #expect(
      zip(try device.download(c), expected).allSatisfy { abs($0 - $1 - own) <= 1e-6 * abs($1) })
  }

  @Test func wrappersSeeIt() throws {
    final class Tracer: ForwardingDevice, @unchecked Sendable {
      var names: [String] = []
      var cost = Cost()
      override func willCall(_ kind: CallKind, _ name: String) throws(DeviceError) {
        if kind == .launch { names.append(name) }
      }
      override func enqueue<Call: DeviceOperation>(_ operation: Call) throws(DeviceError) {
        cost += operation.cost
        try super.enqueue(operation)
      }
    }
    let device = Tracer(CPUDevice(threads: 1))
    let a = try device.makeBuffer([3, 5] as [Float])
    let c = try device.makeBuffer(count: 2, type: .float32)
    try device.perform(Hypotenuse(a: a, b: a, c: c))
    try device.matmul(
      Matmul(m: 1, n: 1, k: 2), a, a, bias: nil, into: device.slice(c, offset: 0, count: 1))
    #expect(device.names == ["write", "hypotenuse", "matmul"])
    #expect(device.cost.operations == 8 + 4)
    #expect(device.cost.bytes == 3 * 8 + 8 + 8 + 4)
    #expect(try device.download(c)[0] == 34)
  }
}
