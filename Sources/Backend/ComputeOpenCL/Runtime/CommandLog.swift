import COpenCL
import Compute
import Synchronization

/// The commands of a queue and their events, until somebody asks for their times.
final class CommandLog: @unchecked Sendable {
  private struct Entry: @unchecked Sendable {
    var event: cl_event
    var command: DeviceCommand
    /// When the host was about to enqueue it.
    var enqueued: UInt64
  }

  private struct State: ~Copyable {
    var owner: Int?
    var entries: [Entry] = []
    var clock: DeviceClock
    /// How far the times of the commands that were handed over may be off, in nanoseconds.
    var error: Int64 = 0
    /// The end of the last command that was handed over.
    var lastEnd: UInt64 = 0
  }

  /// The most commands that wait for somebody to ask for their times.
  private let most = 4096
  private let queue: cl_command_queue
  private let state: Mutex<State>

  init(_ context: cl_context, _ queue: cl_command_queue) {
    self.queue = queue
    var clock = DeviceClock(context)
    clock.align(queue, rounds: 16)
    state = Mutex(State(clock: clock))
  }

  /// Releases what is left; the queue must be idle.
  deinit {
    state.withLock { state in
      for entry in state.entries { logFailure(clReleaseEvent(entry.event), "clReleaseEvent") }
      state.clock.release()
    }
  }

  var owner: Int? {
    get { state.withLock { $0.owner } }
    set { state.withLock { $0.owner = newValue } }
  }

  var clockError: Int { state.withLock { Int(max($0.error, $0.clock.error)) } }

  /// Keeps the event of a command, unless nobody records.
  func add(
    _ event: cl_event, _ kind: DeviceCommand.Kind, _ name: String, _ byteCount: Int,
    _ enqueued: UInt64
  ) {
    let isWanted = state.withLock { state in
      guard let owner = state.owner else { return false }
      let command = DeviceCommand(
        kind: kind, name: name, byteCount: byteCount, owner: owner, time: nil)
      state.entries.append(Entry(event: event, command: command, enqueued: enqueued))
      return true
    }
    if !isWanted { logFailure(clReleaseEvent(event), "clReleaseEvent") }
  }

  /// The commands that are done; if there are very many, half of them once they are.
  func take(isIdle: Bool) -> [DeviceCommand] {
    state.withLock { state in
      if isIdle && state.clock.isStale { state.clock.align(queue, rounds: 4) }
      if state.entries.count > most {
        var event: cl_event? = state.entries[most / 2].event
        _ = clWaitForEvents(1, &event)
      }
      var count = state.entries.count
      // The queue is in order: what comes before a command that is done is done too.
      if let last = state.entries.last, !isDone(last.event) {
        count = state.entries.firstIndex { !isDone($0.event) } ?? count
      }
      if count > 0 { state.error = max(state.error, state.clock.error) }
      let now = hostNanoseconds()
      let commands = state.entries[..<count].map { entry in
        var command = entry.command
        command.time = state.clock.time(of: entry.event).map { time in
          // By the host it began after it was enqueued and after the one before it, and is done by now.
          let earliest = max(entry.enqueued, state.lastEnd)
          let length = time.upperBound - time.lowerBound
          let start = max(min(max(time.lowerBound, earliest), now &- length), state.lastEnd)
          state.lastEnd = start + length
          return start...start + length
        }
        logFailure(clReleaseEvent(entry.event), "clReleaseEvent")
        return command
      }
      state.entries.removeFirst(count)
      return commands
    }
  }

  /// Whether a command is done, or has failed.
  private func isDone(_ event: cl_event) -> Bool {
    var status = cl_int(CL_QUEUED)
    let code = clGetEventInfo(
      event, cl_event_info(CL_EVENT_COMMAND_EXECUTION_STATUS), MemoryLayout.size(ofValue: status),
      &status, nil)
    return code != CL_SUCCESS || status <= CL_COMPLETE
  }
}

/// The device's clock, by the host's.
private struct DeviceClock: @unchecked Sendable {
  /// A few bytes of the device, for commands that take no time.
  private var memory: cl_mem?
  /// What to add to the device's time; nil until the clocks were compared.
  private var offset: Int64?
  private var errorWhenCompared: Int64 = 0
  private var compared = hostNanoseconds()

  init(_ context: cl_context) {
    memory = clCreateBuffer(context, cl_mem_flags(CL_MEM_READ_WRITE), 64, nil, nil)
  }

  mutating func release() {
    if let memory { logFailure(clReleaseMemObject(memory), "clReleaseMemObject") }
    memory = nil
  }

  /// How far the clocks may have drifted apart since they were compared: even poor ones stay within some 50 µs in a
  /// second.
  private var drift: Int64 { Int64((hostNanoseconds() &- compared) / 20_000) }

  /// How far the times of commands that end now may be off, in nanoseconds.
  var error: Int64 { errorWhenCompared + drift }

  /// Whether the clocks should be compared again.
  var isStale: Bool { drift > 50_000 }

  /// Compares the clocks on an idle queue.
  ///
  /// A command is enqueued after the host has read its clock, and has ended before the host reads it again: so
  /// the offset lies between two bounds. It lies within those of all rounds, or, if the clocks disagree about that,
  /// within the narrowest. Where others use the cores, the last comparison may still be the better one.
  mutating func align(_ queue: cl_command_queue, rounds: Int) {
    errorWhenCompared = error
    compared = hostNanoseconds()
    guard let memory else { return }
    var common = Int64.min...Int64.max
    var narrowest: ClosedRange<Int64>?
    for _ in 0..<rounds {
      var byte: UInt8 = 0
      var event: cl_event?
      let before = hostNanoseconds()
      let code = clEnqueueWriteBuffer(
        queue, memory, cl_bool(CL_TRUE), 0, 1, &byte, 0, nil, &event)
      let after = hostNanoseconds()
      guard code == CL_SUCCESS, let event else { return }
      defer { logFailure(clReleaseEvent(event), "clReleaseEvent") }
      guard let queued = Self.time(event, CL_PROFILING_COMMAND_QUEUED),
        let ended = Self.time(event, CL_PROFILING_COMMAND_END), queued <= ended
      else { continue }
      let (least, greatest) = (
        Int64(bitPattern: before &- queued), Int64(bitPattern: after &- ended)
      )
      guard least <= greatest else { continue }
      let bounds = least...greatest
      common = common.overlaps(bounds) ? common.clamped(to: bounds) : bounds
      if narrowest.map({ greatest - least < $0.upperBound - $0.lowerBound }) ?? true {
        narrowest = bounds
      }
    }
    guard let narrowest else { return }
    let bounds = narrowest.overlaps(common) ? narrowest.clamped(to: common) : narrowest
    let error = (bounds.upperBound - bounds.lowerBound + 1) / 2
    guard offset == nil || error < errorWhenCompared else { return }
    errorWhenCompared = error
    offset = bounds.lowerBound + error
  }

  /// When a command ran, by the host's clock.
  func time(of event: cl_event) -> ClosedRange<UInt64>? {
    guard let start = Self.time(event, CL_PROFILING_COMMAND_START),
      let end = Self.time(event, CL_PROFILING_COMMAND_END), start <= end, end > 0
    else { return nil }
    // Without a common clock it goes where the host's facts allow.
    let offset = UInt64(bitPattern: offset ?? 0)
    let first = start &+ offset
    guard first <= UInt64.max - (end - start) else { return nil }
    return first...first + (end - start)
  }

  private static func time(_ event: cl_event, _ name: Int32) -> UInt64? {
    var time: cl_ulong = 0
    let code = clGetEventProfilingInfo(
      event, cl_profiling_info(name), MemoryLayout.size(ofValue: time), &time, nil)
    return code == CL_SUCCESS ? time : nil
  }
}
