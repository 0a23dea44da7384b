import Compute
import Synchronization

/// A device whose calls a ``Profiler`` records.
///
/// One call at a time goes on to the device, so that it is known what its commands belong to.
final class ProfilingDevice: ForwardingDevice, MeasurableDevice, @unchecked Sendable {
  private let profiler: Profiler
  private let index: Int
  /// The device itself, if its commands have times of their own; otherwise those of the calls count.
  private let recorder: (any RecordingDevice)?
  private let measurable: (any MeasurableDevice)?
  /// The calls since commands were last taken.
  private let calls = Mutex(0)

  init(_ base: any Device, _ profiler: Profiler, _ index: Int) {
    self.profiler = profiler
    self.index = index
    recorder = base.recorder
    measurable = base as? any MeasurableDevice
    super.init(base)
  }

  override func enqueue<Call: DeviceOperation>(_ operation: Call) throws(DeviceError) {
    let key = DeviceRecord.Key(
      name: Call.name, detail: operation.detail, extents: operation.extents)
    try record(key, operation.cost, "operation") { () throws(DeviceError) in
      try base.enqueue(operation)
    }
  }

  override func write(_ bytes: UnsafeRawBufferPointer, to buffer: Buffer) throws(DeviceError) {
    let cost = Cost(bytes: Double(bytes.count))
    try record(key("write", buffer), cost, "transfer", written: bytes.count) {
      () throws(DeviceError) in try base.write(bytes, to: buffer)
    }
  }

  override func read(_ buffer: Buffer, into bytes: UnsafeMutableRawBufferPointer)
    throws(DeviceError)
  {
    let cost = Cost(bytes: Double(bytes.count))
    try record(key("read", buffer), cost, "wait", waits: true, read: bytes.count) {
      () throws(DeviceError) in try base.read(buffer, into: bytes)
    }
  }

  override func synchronize() throws(DeviceError) {
    let call = profiler.beginWait(on: index)
    defer { profiler.end(call, isTimed: false, waits: true) }
    try base.synchronize()
    calls.withLock { take(&$0, isIdle: true) }
  }

  override func beginPhase(_ name: String) { profiler.beginPhase(name) }

  override func endPhase() { profiler.endPhase() }

  private func key(_ name: String, _ buffer: Buffer) -> DeviceRecord.Key {
    DeviceRecord.Key(
      name: name, detail: buffer.elementType.rawValue, extents: [buffer.count])
  }

  /// Runs a call, and notes when.
  private func record(
    _ key: DeviceRecord.Key, _ cost: Cost, _ category: String, waits: Bool = false,
    written: Int = 0, read: Int = 0, _ body: () throws(DeviceError) -> Void
  ) throws(DeviceError) {
    try calls.withLock { calls throws(DeviceError) in
      let call = profiler.begin(
        key, cost, category: category, on: index, measurable?.memoryUse)
      recorder?.record(for: call.row)
      defer {
        recorder?.record(for: nil)
        profiler.end(
          call, isTimed: recorder == nil, waits: waits && recorder != nil, written: written,
          read: read)
      }
      try body()
      calls += 1
      if waits || calls >= 64 { take(&calls, isIdle: waits) }
    }
  }

  /// Passes on what the queue has done.
  private func take(_ calls: inout Int, isIdle: Bool) {
    calls = 0
    if let recorder { profiler.add(recorder.takeCommands(isIdle: isIdle), of: index) }
  }

  // MARK: Measuring

  var launches: Int? { measurable?.launches }

  var memoryUse: MemoryUse { measurable?.memoryUse ?? MemoryUse(used: 0, kept: 0) }

  func multiplyAdds(rounds: Int) throws(DeviceError) -> Double {
    guard let measurable else {
      throw DeviceError(
        call: "multiplyAdds", detail: "\(base.description.name) cannot measure its peak")
    }
    return try measurable.multiplyAdds(rounds: rounds)
  }
}
