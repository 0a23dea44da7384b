import Compute
import Foundation
import Synchronization
import Testing

@testable import ComputeOpenCL

@Suite struct SlowNoticeTests {
  /// Keeps what is said.
  private final class Lines: Sendable {
    private let lines = Mutex<[String]>([])
    func add(_ line: String) { lines.withLock { $0.append(line) } }
    var all: [String] { lines.withLock { $0 } }
  }

  @Test func speaksNowAndThenAndNotAfterwards() {
    let lines = Lines()
    let notice = SlowNotice(patience: 0.2, say: lines.add)
    let start = ContinuousClock.now
    let watch = notice.watch("building it")
    // At 0.2 and 0.4 seconds; the third line would come at 0.8.
    while lines.all.count < 2 && ContinuousClock.now - start < .seconds(20) { usleep(1000) }
    watch.end()
    #expect(ContinuousClock.now - start >= .seconds(0.4))
    #expect(lines.all.count == 2)
    #expect(lines.all.allSatisfy { $0.hasPrefix("building it takes long: ") })
    usleep(500_000)
    #expect(lines.all.count == 2)
  }

  @Test func isSilentAboutShortWork() {
    let lines = Lines()
    SlowNotice(say: lines.add).watch("building it").end()
    #expect(lines.all.isEmpty)
  }

  @Test(.enabled(if: TestDevice.any, "no OpenCL device here"))
  func watchesTheFirstUseOfAKernel() throws {
    let device = try #require(TestDevice.all.first?.device)
    let lines = Lines()
    let notice = SlowNotice(patience: 1e-4, say: lines.add)
    let cache = KernelCache()
    func use() throws {
      try cache.withKernel(
        "gather", "gather", device.context, device.tuning.defines(group: 1), notice: notice
      ) { (_) throws(DeviceError) in }
    }
    try use()
    let first = lines.all
    #expect(first.first?.hasPrefix("building gather (gather.cl) for ") == true)
    try use()
    #expect(lines.all == first)
  }
}
