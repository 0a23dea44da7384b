import Compute
import Files
import Foundation
import Synchronization

/// Writes a trace of what devices do, which Perfetto and chrome://tracing open, and sums it up.
///
/// The host has a track for each thread, with the calls of operations inside the phases of the work, and each device
/// has one for what it computes and copies. Events are written as they come: memory and loss stay bounded.
///
/// ```swift
/// let profiler = try Profiler("trace.json")
/// let device = profiler.device(CPUDevice(), label: "cpu")
/// …  // work on that device
/// let profile = profiler.finish()
/// ```
public final class Profiler: Sendable {
  /// A call in progress.
  struct Call {
    var device: Int
    /// Its row; nil for a wait, which is no operation.
    var row: Int?
    var start: UInt64
  }

  private struct Thread {
    var track: Track
    var phases: [(name: String, start: UInt64)] = []
  }

  private struct State: ~Copyable {
    var writer: TraceWriter
    var devices: [DeviceRecord] = []
    var threads: [pthread_t: Thread] = [:]
    var now: UInt64
    var end: UInt64?

    /// The time, each time a later one: so what happens inside something else begins and ends inside it.
    mutating func tick() -> UInt64 {
      now = max(now + 1, hostNanoseconds())
      return now
    }
  }

  /// The group of the host's tracks; those of devices are its multiples.
  private static let host = 1000
  private let state: Mutex<State>

  /// Creates the file.
  /// - Throws: `FileError` when it can't be written.
  public init(_ path: String) throws(FileError) {
    let now = hostNanoseconds()
    var writer = try TraceWriter(path, origin: now)
    writer.name("process_name", of: Track(group: Self.host, number: Self.host), "host", now: now)
    state = Mutex(State(writer: writer, now: now))
  }

  /// A device like `base`, whose work is in the trace from now on.
  ///
  /// - Parameters:
  ///   - base: The device; if it has a queue, opened so that it records its commands.
  ///   - label: How to ask for it: `cpu` or `opencl:N`.
  public func device(_ base: any Device, label: String) -> any Device {
    let index = state.withLock { state in
      let number = Self.host * (state.devices.count + 2)
      let track = Track(group: number, number: number)
      let record = DeviceRecord(base, track, label)
      state.devices.append(record)
      return state.devices.count - 1
    }
    return ProfilingDevice(base, self, index)
  }

  /// The devices so far, without their profiles.
  public var devices: [any Device] { state.withLock { $0.devices.map(\.base) } }

  /// Ends the trace, whose file is then whole, and sums it up. What happens later is not recorded.
  public func finish() -> Profile {
    let recorders = state.withLock { $0.devices.map(\.recorder) }
    for (index, recorder) in recorders.enumerated() {
      guard let recorder else { continue }
      // A device that has failed has nothing more to say.
      try? recorder.synchronize()
      add(recorder.takeCommands(isIdle: true), of: index)
      recorder.record(for: nil)
    }
    return state.withLock { state in
      if state.end == nil {
        for thread in state.threads.keys {
          while !(state.threads[thread]?.phases.isEmpty ?? true) { Self.endPhase(&state, thread) }
        }
        for index in state.devices.indices {
          if let device = state.devices[index].base as? any MeasurableDevice,
            !state.devices[index].rows.isEmpty
          {
            Self.note(&state, index, device.memoryUse, at: state.tick())
          }
        }
        state.end = state.tick()
        state.writer.finish()
      }
      return Profile(
        nanoseconds: (state.end ?? state.now) - state.writer.origin,
        devices: state.devices.map(\.summary), failure: state.writer.failure)
    }
  }

  // MARK: Calls

  /// Notes the start of an operation, or of a transfer.
  func begin(
    _ key: DeviceRecord.Key, _ cost: Cost, category: String, on device: Int, _ memory: MemoryUse?
  ) -> Call {
    state.withLock { state in
      Self.nameTracks(&state, of: device)
      let row = state.devices[device].row(of: key, category, cost)
      state.devices[device].rows[row].sums.calls += 1
      state.devices[device].rows[row].sums.cost += cost
      let now = state.tick()
      if let memory, memory != state.devices[device].memory {
        Self.note(&state, device, memory, at: now)
      }
      return Call(device: device, row: row, start: now)
    }
  }

  /// Notes the start of a wait.
  func beginWait(on device: Int) -> Call {
    state.withLock { Call(device: device, row: nil, start: $0.tick()) }
  }

  /// Notes the end of a call.
  ///
  /// - Parameters:
  ///   - isTimed: Whether the device has done it, and the time of the call is that of its work.
  ///   - waits: Whether it waited for the queue.
  func end(
    _ call: Call, isTimed: Bool, waits: Bool = false, written: Int = 0, read: Int = 0
  ) {
    state.withLock { state in
      guard state.end == nil else { return }
      let now = state.tick()
      let time = call.start...now
      let track = Self.track(&state, pthread_self())
      if let row = call.row {
        state.writer.span(track, time, state.devices[call.device].rows[row].call, now: now)
        if isTimed {
          state.writer.span(
            state.devices[call.device].track, time, state.devices[call.device].rows[row].run,
            now: now)
          state.devices[call.device].rows[row].sums.nanoseconds += now - call.start
        }
      } else {
        state.writer.span(track, time, Self.synchronize, now: now)
      }
      if waits {
        state.devices[call.device].use.waits += 1
        state.devices[call.device].use.waitNanoseconds += now - call.start
      }
      state.devices[call.device].use.bytesWritten += written
      state.devices[call.device].use.bytesRead += read
    }
  }

  private static let synchronize = Array(",\"cat\":\"wait\",\"name\":\"synchronize\"".utf8)

  /// Notes what a device's queue has done.
  func add(_ commands: [DeviceCommand], of device: Int) {
    guard !commands.isEmpty else { return }
    state.withLock { state in
      guard state.end == nil else { return }
      let now = state.tick()
      for command in commands {
        state.devices[device].rows[command.owner].sums.commands += 1
        guard let time = command.time else {
          state.devices[device].use.untimedCommands += 1
          continue
        }
        let fields = state.devices[device].fields(of: command)
        state.writer.span(state.devices[device].track, time, fields, now: now)
        state.devices[device].rows[command.owner].sums.nanoseconds +=
          time.upperBound - time.lowerBound
      }
    }
  }

  /// Names the track of a device when it is first used: one that stands by may never be.
  private static func nameTracks(_ state: inout State, of device: Int) {
    guard state.devices[device].rows.isEmpty else { return }
    let record = state.devices[device]
    let name = "\(record.use.label): \(record.use.description.nameAndPlatform)"
    state.writer.name("process_name", of: record.track, name, now: state.now)
    state.writer.name(
      "thread_name", of: record.track, record.recorder == nil ? "operations" : "queue",
      now: state.now)
  }

  private static func note(
    _ state: inout State, _ device: Int, _ memory: MemoryUse, at now: UInt64
  ) {
    state.devices[device].memory = memory
    state.devices[device].use.mostMemory = max(
      state.devices[device].use.mostMemory, memory.used)
    state.writer.counter(
      state.devices[device].track, "memory",
      ["in buffers": memory.used, "kept for the next": memory.kept], now: now)
  }

  // MARK: Phases

  func beginPhase(_ name: String) {
    state.withLock { state in
      let thread = pthread_self()
      _ = Self.track(&state, thread)
      let now = state.tick()
      state.threads[thread]?.phases.append((name, now))
    }
  }

  func endPhase() { state.withLock { Self.endPhase(&$0, pthread_self()) } }

  private static func endPhase(_ state: inout State, _ thread: pthread_t) {
    guard state.end == nil, let phase = state.threads[thread]?.phases.popLast() else { return }
    let now = state.tick()
    state.writer.span(
      track(&state, thread), phase.start...now,
      Array(",\"cat\":\"phase\",\"name\":".utf8) + JSON.string(phase.name), now: now)
  }

  /// The track of a thread, which gets one when it first appears.
  private static func track(_ state: inout State, _ thread: pthread_t) -> Track {
    if let known = state.threads[thread] { return known.track }
    let number = state.threads.count + 1
    let track = Track(group: host, number: host + number)
    state.threads[thread] = Thread(track: track)
    state.writer.name("thread_name", of: track, "thread \(number)", now: state.now)
    return track
  }
}
