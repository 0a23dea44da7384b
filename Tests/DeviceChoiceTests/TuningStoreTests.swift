import Compute
import DeviceChoice
import Files
import Foundation
import TestSupport
import Testing

@Suite struct TuningStoreTests {
  private let device = DeviceDescription(
    name: "A/B: GPU", kind: .gpu, platform: "Some CL", driver: "1.2", memory: 1 << 30,
    computeUnits: 8, kernels: "gpu")

  private func record() -> TuningRecord {
    TuningRecord(
      device,
      choices: [
        .init(
          name: "matmul 1x2x3", way: "tiles of 64 × 64", usual: "tiles of 32 × 32",
          usualMicroseconds: 2, microseconds: 1)
      ])
  }

  @Test func keepsARecordForADevice() throws {
    let folder = try TemporaryFolder()
    let store = TuningStore(folder: folder.path + "/a/b")
    #expect(try store.record(of: device) == nil)
    #expect(store.note(device) == nil)
    let path = try store.keep(record(), of: device)
    #expect(path.hasPrefix(folder.path + "/a/b/"))
    #expect(try store.record(of: device) == record())
    #expect(store.ways(of: device) == ["matmul 1x2x3": "tiles of 64 × 64"])
    var other = device
    other.driver = "1.3"
    #expect(try store.record(of: other) == nil)
  }

  @Test func refusesWhatIsOfAnotherDevice() throws {
    let folder = try TemporaryFolder()
    let file = folder.path + "/tuning.json"
    try writeAtomically(try jsonText(record()), to: file)
    let store = TuningStore(folder: folder.path, file: file)
    #expect(try store.record(of: device) == record())
    var other = device
    other.driver = "1.3"
    let error = #expect(throws: TuningError.self) { _ = try store.record(of: other) }
    #expect(error?.description.contains("\(file) is of 1.2, not of 1.3") == true)
    #expect(store.ways(of: other).isEmpty)
  }

  @Test(arguments: [
    ("", "is damaged"), ("{\"format\": 1}", "is damaged"), ("{\"format\": 2}", "has format 2"),
    ("{\"format\": 1, \"choices\": 7}", "is damaged"),
  ])
  func refusesWhatIsDamaged(_ text: String, _ problem: String) throws {
    let folder = try TemporaryFolder()
    let file = folder.path + "/tuning.json"
    try writeAtomically(text, to: file)
    let store = TuningStore(file: file)
    let error = #expect(throws: TuningError.self) { _ = try store.record(of: device) }
    #expect(error?.description.contains(problem) == true)
    #expect(store.note(device)?.contains("run digitalis tune") == true)
    #expect(store.ways(of: device).isEmpty)
  }

  @Test func saysWhenAFileIsMissing() {
    #expect(throws: FileError.self) {
      _ = try TuningStore(file: "/nowhere/tuning.json").record(of: device)
    }
  }
}
