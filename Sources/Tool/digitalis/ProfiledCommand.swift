import Benchmark
import Compute
import Files
import Foundation
import Launch
import Profiling
import Synchronization
import Threads

/// The profile of this command, if the user asked for one.
enum ProfiledCommand {
  private static let current = Mutex<(profiler: Profiler, path: String)?>(nil)
  /// Where the number of a signal is written.
  private static let signals = Atomic<Int32>(-1)

  /// Begins the trace, unless it has begun.
  /// - Throws: `FileError` when the file can't be written.
  static func start(_ path: String) throws(FileError) -> Profiler {
    try current.withLock { current throws(FileError) in
      if let current { return current.profiler }
      let profiler = try Profiler(path)
      current = (profiler, path)
      watchSignals()
      return profiler
    }
  }

  /// Ends the trace of a command that did all its work, and prints the table.
  /// - Throws: `FileError` when the trace isn't whole.
  static func finish() throws(FileError) {
    guard let (profile, path, devices) = end() else { return }
    let peaks = Swift.zip(profile.devices, devices).map { use, device in
      use.operations.isEmpty ? nil : peak(of: device)
    }
    print(profile.text(path, peaks))
    if let failure = profile.failure { throw failure }
  }

  /// Ends the trace of a command that failed or was stopped, and prints the table.
  static func finish(after error: any Error) {
    guard let (profile, path, _) = end(), profile.operationNanoseconds > 0 else { return }
    print(profile.text(path, []))
    if let failure = profile.failure { print("note: \(failure)") }
  }

  private static func end() -> (Profile, path: String, devices: [any Device])? {
    let ended = current.withLock { current in
      defer { current = nil }
      return current
    }
    return ended.map { ($0.profiler.finish(), $0.path, $0.profiler.devices) }
  }

  /// What the device can do at best, as `bench` measures it, but in a moment; nil if it fails.
  private static func peak(of device: any Device) -> Peak? {
    let settings = BenchmarkSettings(repeats: 3, seconds: 0.05)
    let measurements = try? BenchmarkCase.peaks(of: device, arrayBytes: 64 << 20).map {
      try $0.measure(on: device, settings)
    }
    return measurements.map(Peak.init)
  }

  /// Ends the trace at a signal that would end the program, before it does. Long work that stops and saves watches
  /// signals itself, later.
  private static func watchSignals() {
    var ends: [Int32] = [0, 0]
    guard pipe(&ends) == 0 else { return }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    let (reading, writing) = (ends[0], ends[1])
    signals.store(writing, ordering: .relaxed)
    let numbers = [SIGINT, SIGTERM, SIGHUP, SIGQUIT].filter { number in
      var old = sigaction()
      sigaction(number, nil, &old)
      // Under nohup the end of the terminal is ignored; Ctrl-\ has a handler.
      return old.__sigaction_handler.sa_handler == nil || number == SIGQUIT
    }
    let thread = startThread(stack: 1 << 20) {
      var byte: UInt8 = 0
      guard read(reading, &byte, 1) == 1 else { return }
      // A second one ends it at once.
      for number in numbers { signal(number, SIG_DFL) }
      Signals.setUp()
      finish(after: CancellationError())
      fflush(nil)
      if Int32(byte) == SIGQUIT { _exit(128 + SIGQUIT) }
      kill(getpid(), Int32(byte))
    }
    guard thread != nil else { return }
    Interrupt.unblock(numbers)
    for number in numbers {
      signal(number) { number in
        var byte = UInt8(truncatingIfNeeded: number)
        _ = write(ProfiledCommand.signals.load(ordering: .relaxed), &byte, 1)
      }
    }
  }
}
