import Compute
import ComputeCPU
import ComputeOpenCL
import DeviceChoice
import Synchronization
import Testing

@testable import Benchmark

/// A device that multiplies in one of three ways: at its own pace, faster, and faster but wrongly.
private final class ThreeWays: ForwardingDevice, TunableDevice, @unchecked Sendable {
  let ways: [String: String]
  let usual: String
  let asked = Mutex<[Decision]>([])

  init(_ ways: [String: String] = [:], usual: String = "slowly") {
    (self.ways, self.usual) = (ways, usual)
    super.init(CPUDevice(threads: 1))
  }

  override func enqueue<Call: DeviceOperation>(_ operation: Call) throws(DeviceError) {
    try base.enqueue(operation)
    guard let product = operation as? MatmulOperation else { return }
    let name = "matmul \(product.shape.m)x\(product.shape.k)x\(product.shape.n)"
    let way = ways[name] ?? usual
    asked.withLock {
      $0.append(Decision(name: name, taken: way, ways: ["slowly", "fast", "wrongly"]))
    }
    switch way {
    case "slowly": for _ in 0..<20 { try base.enqueue(operation) }
    case "wrongly": try base.fill(product.c, with: 0)
    default: break
    }
  }

  func decisions(_ body: (any Device) throws -> Void) throws -> [Decision] {
    let device = ThreeWays(ways, usual: usual)
    try body(device)
    return device.asked.withLock { $0 }
  }

  func deciding(_ ways: [String: String]) -> any TunableDevice {
    ThreeWays(self.ways.merging(ways) { $1 }, usual: usual)
  }
}

@Suite struct TunerTests {
  private let settings = BenchmarkSettings(batch: 4, chunk: 4, latentDimension: 2, seconds: 1e-4)

  @Test func takesTheFastestThatIsRight() throws {
    let tuner = Tuner(ThreeWays(), against: CPUDevice(), settings, patience: 60)
    var names: [String] = []
    let result = try tuner.run { names.append($0.name) }
    #expect(!result.choices.isEmpty)
    #expect(result.choices.allSatisfy { $0.way == "fast" && $0.usual == "slowly" })
    #expect(result.choices.allSatisfy { $0.microseconds < $0.usualMicroseconds })
    #expect(result.wrong.count == names.count)
    #expect(result.wrong.allSatisfy { $0.contains("wrongly: element") })
    #expect(result.left == 0)
  }

  /// Also one that is slower, if the usual one is wrong.
  @Test func takesWhatIsRight() throws {
    let device = ThreeWays(usual: "wrongly")
    let result = try Tuner(device, against: CPUDevice(), settings, patience: 60).run { _ in }
    #expect(!result.choices.isEmpty)
    #expect(result.choices.allSatisfy { $0.way == "fast" && $0.usual == "wrongly" })
    #expect(result.wrong.count == result.choices.count)
  }

  @Test func endsInTime() throws {
    let result = try Tuner(ThreeWays(), against: CPUDevice(), settings, patience: 0).run { _ in }
    #expect(result.choices.isEmpty && result.tried == 0 && result.left > 20)
  }
}
