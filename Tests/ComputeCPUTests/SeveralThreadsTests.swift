import Compute
import ComputeCPU
import Synchronization
import TestSupport
import Testing
import Threads

@Suite struct SeveralThreadsTests {
  /// Two threads that add to one buffer: none of the additions is lost.
  @Test(arguments: TestDevice.all)
  func eachCallIsOneUnit(_ test: TestDevice) throws {
    let device = test.device
    let calls = device is CPUDevice ? 50_000 : 1000
    let one = try device.makeBuffer([1, 1, 1, 1, 1] as [Float])
    let sum = try device.makeBuffer([Float](repeating: 0, count: 5))
    let failures = Mutex<[String]>([])
    concurrently(4) { _ in
      do {
        for _ in 0..<calls { try device.scaledAdd(1, one, 1, into: sum) }
      } catch {
        failures.withLock { $0.append("\(error)") }
      }
    }
    #expect(failures.withLock { $0 }.isEmpty)
    #expect(try device.download(sum) == [Float](repeating: Float(4 * calls), count: 5))
  }
}
