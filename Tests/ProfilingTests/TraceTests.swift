import Compute
import ComputeCPU
import Files
import Foundation
import Profiling
import TestSupport
import Testing
import Training

/// The file of a trace, whatever happens to it.
@Suite(.serialized) struct TraceTests {
  private let folder: TemporaryFolder
  private var path: String { folder["trace.json"] }

  init() throws { folder = try TemporaryFolder() }

  private var bytes: Data { FileManager.default.contents(atPath: path) ?? Data() }

  @Test func aTraceWithoutWorkIsWhole() throws {
    let profiler = try Profiler(path)
    _ = profiler.finish()
    #expect(try TraceFile(path).events.count == 1)
    #expect(bytes.last == UInt8(ascii: "]"))
    // Ended twice, it is ended.
    _ = profiler.finish()
    #expect(try TraceFile(path).events.count == 1)
  }

  @Test func eventsAreWrittenAsTheyCome() throws {
    let profiler = try Profiler(path)
    let device = profiler.device(CPUDevice(), label: "it")
    let buffer = try device.makeBuffer(count: 100, type: .float32)
    var sizes: Set<Int> = []
    for _ in 0..<5000 {
      try device.fill(buffer, with: 1)
      let bytes = bytes
      guard sizes.insert(bytes.count).inserted, !bytes.isEmpty else { continue }
      // Cut off there it is whole events, without the bracket.
      let events = try TraceFile(bytes + Data("]".utf8)).events
      #expect(try TraceFile.readable(bytes).count == events.count)
    }
    #expect(sizes.count > 10)
    let inFile = bytes.count
    _ = profiler.finish()
    // What waits to be written is bounded.
    #expect(bytes.count - inFile < 70_000 && bytes.count > 1_000_000)
    #expect(try TraceFile(path).events.count { $0.category == "operation" } == 5000)
  }

  @Test func slowWorkIsWrittenAfterASecond() throws {
    let profiler = try Profiler(path)
    let device = profiler.device(CPUDevice(), label: "it")
    let buffer = try device.makeBuffer(count: 100, type: .float32)
    try device.fill(buffer, with: 1)
    #expect(bytes.isEmpty)
    Thread.sleep(forTimeInterval: 1.1)
    try device.fill(buffer, with: 2)
    #expect(try TraceFile.readable(bytes).contains { $0.name == "fill 100" })
    _ = profiler.finish()
  }

  @Test func cutAnywhereItOpens() throws {
    let profiler = try Profiler(path)
    try train(on: profiler.device(CPUDevice(), label: "it"), epochs: 1)
    _ = profiler.finish()
    let whole = try TraceFile(path).events
    let bytes = bytes
    var counts: [Int] = []
    for length in stride(from: 1, to: bytes.count, by: bytes.count > 20_000 ? 211 : 1) {
      let events = try TraceFile.readable(bytes.prefix(length))
      #expect(zip(events, whole).allSatisfy { $0.name == $1.name && $0.start == $1.start })
      counts.append(events.count)
    }
    #expect(counts == counts.sorted() && whole.count - (counts.last ?? 0) <= 2)
  }

  @Test func aPathThatCannotBeWritten() throws {
    for (path, text) in [
      (folder["none/trace.json"], "there is no folder"), (folder.path, "it is a folder"),
    ] {
      let error = #expect(throws: FileError.self) { _ = try Profiler(path) }
      #expect(error?.description.contains(text) ?? false && error?.path == path)
    }
    let profiler = try Profiler(path)
    // Two at once would write into one another.
    let error = #expect(throws: FileError.self) { _ = try Profiler(path) }
    #expect(error?.description.contains("another process") ?? false)
    _ = profiler.finish()
    _ = try Profiler(path).finish()
  }

  @Test(arguments: ["remove", "replace", "full"])
  func aTraceThatIsLost(_ how: String) throws {
    let profiler = try Profiler(how == "full" ? "/dev/full" : path)
    let weights = try train(on: profiler.device(CPUDevice(), label: "it"))
    if how == "remove" { unlink(path) }
    if how == "replace" { try writeAtomically("other", to: path) }
    let profile = profiler.finish()
    let texts = ["remove": "was removed", "replace": "was replaced", "full": "No space left"]
    #expect(profile.failure?.description.contains(texts[how]!) ?? false)
    // The work goes on, and so does the table.
    #expect(try train(on: CPUDevice()) == weights)
    #expect(profile.devices[0].operations.count > 5)
  }

  @Test func anotherFilesPlace() throws {
    try writeAtomically("notes", to: path)
    let error = #expect(throws: FileError.self) {
      try checkOutput(path, .trace, inputs: [], overwrite: nil)
    }
    #expect(error?.description == "\(path): is something else, not a trace; name another file")
    unlink(path)
    _ = try Profiler(path).finish()
    #expect(try checkOutput(path, .trace, inputs: [], overwrite: nil))
  }

  /// A device fails, and the processor goes on, on its own track.
  @Test(arguments: [40, 200])
  func aDeviceThatFails(_ launch: Int) throws {
    let profiler = try Profiler(path)
    let failing = FaultyDevice(CPUDevice(), .launch(launch))
    let failover = Failover(
      profiler.device(failing, label: "opencl:0"),
      standby: profiler.device(CPUDevice(), label: "cpu"))
    let weights = try failover.run { try train(on: $0) }
    #expect(try train(on: CPUDevice()) == weights)
    let profile = profiler.finish()
    let trace = try TraceFile(path)
    #expect(profile.devices.map(\.label) == ["opencl:0", "cpu"])
    #expect(trace.overlaps.isEmpty)
    let runs = Dictionary(grouping: trace.events.filter { $0.category == "run" }, by: \.track)
    #expect(runs.count == 2)
    let (first, second) = (
      runs[.init(group: 2000, number: 2000)], runs[.init(group: 3000, number: 3000)]
    )
    #expect((first?.map(\.end).max() ?? .max) < (second?.map(\.start).min() ?? 0))
    for (use, group) in zip(profile.devices, [2000, 3000]) {
      let time = trace.events.filter { $0.category == "run" && $0.track.group == group }
        .reduce(0) { $0 + $1.end - $1.start }
      #expect(UInt64(time) == use.operations.reduce(0) { $0 + $1.nanoseconds })
    }
    // The phases that the error left are closed.
    let epochs = trace.events.filter { $0.name == "epoch 1" }
    #expect(epochs.count == 2)
  }

  @Test func threadsHaveTracksOfTheirOwn() throws {
    let profiler = try Profiler(path)
    let device = profiler.device(CPUDevice(), label: "it")
    // None may have ended before all have begun: it would leave its identity to the next.
    let (start, gate) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
    let threads = (0..<4).map { _ in
      Thread {
        start.wait()
        device.phase("work") {
          for _ in 0..<200 {
            if let buffer = try? device.makeBuffer(count: 64, type: .float32) {
              try? device.fill(buffer, with: 1)
            }
          }
        }
        gate.signal()
      }
    }
    for thread in threads { thread.start() }
    for _ in threads { start.signal() }
    for _ in threads { gate.wait() }
    let profile = profiler.finish()
    let trace = try TraceFile(path)
    #expect(trace.overlaps.isEmpty)
    #expect(profile.devices[0].operations.map(\.calls) == [800])
    #expect(trace.spans.keys.count { $0.isHost } == 4)
    #expect(trace.times["fill 64"] == Int(profile.devices[0].operations[0].nanoseconds))
  }
}
