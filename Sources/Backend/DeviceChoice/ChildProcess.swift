import Foundation

/// Another program, whose output is kept.
///
/// It takes one descriptor and no thread: Foundation's `Process` wants several of both, hangs without a
/// thread, ends the program without a descriptor, and asks the clock of the wall, which may be wrong.
final class ChildProcess {
  /// How a process ended.
  enum End: Equatable {
    case exit(Int32)
    case signal(Int32)
  }

  /// What it has written to standard output and standard error.
  private(set) var output: [UInt8] = []

  private let identifier: pid_t
  private let pipe: Int32

  /// The bytes of output after which a process is taken to say nothing of use any more.
  private static let outputLimit = 1 << 20

  /// Starts a program with nothing to read; nil, and `errno`, where that cannot be.
  ///
  /// - Parameter environment: What differs from the variables of this process.
  init?(_ executable: String, _ arguments: [String], environment: [String: String]) {
    var ends: [Int32] = [-1, -1]
    guard Foundation.pipe(&ends) == 0 else { return nil }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    defer { close(ends[1]) }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO)
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDERR_FILENO)

    let variables = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    var words = ([executable] + arguments).map { strdup($0) } + [nil]
    var settings = variables.map { strdup("\($0)=\($1)") } + [nil]
    defer { for word in words + settings { free(word) } }
    var child = pid_t()
    let status = posix_spawn(&child, executable, &actions, nil, &words, &settings)
    guard status == 0 else {
      close(ends[0])
      errno = status
      return nil
    }
    (identifier, pipe) = (child, ends[0])
  }

  deinit { close(pipe) }

  /// Waits for the end, and ends the process itself when that takes too long.
  ///
  /// - Parameter patience: The seconds that it may take.
  func wait(patience: Double) -> End {
    let deadline = monotonicSeconds() + patience
    while true {
      let isOpen = read(forMilliseconds: 100)
      // The pipe may stay open in another process that a driver has started.
      if let end = end(isBlocking: false) {
        while read(forMilliseconds: 0) {}
        return end
      }
      if monotonicSeconds() > deadline || output.count > Self.outputLimit {
        kill(identifier, SIGKILL)
        return end(isBlocking: true) ?? .signal(SIGKILL)
      }
      // A process that has closed its output is about to end.
      if !isOpen { usleep(1000) }
    }
  }

  /// Waits for output, and keeps it. Returns whether there was some, or may be more.
  private func read(forMilliseconds patience: Int32) -> Bool {
    var event = pollfd(fd: pipe, events: Int16(POLLIN), revents: 0)
    guard poll(&event, 1, patience) > 0 else { return patience > 0 }
    var bytes = [UInt8](repeating: 0, count: 4096)
    let count = Foundation.read(pipe, &bytes, bytes.count)
    output += bytes.prefix(max(0, count))
    return count > 0
  }

  private func end(isBlocking: Bool) -> End? {
    var status: Int32 = 0
    var result: pid_t
    repeat {
      result = waitpid(identifier, &status, isBlocking ? 0 : WNOHANG)
    } while result < 0 && errno == EINTR
    if result == 0 { return nil }
    // Where the parent of this process ignores SIGCHLD, nobody is told how it ended.
    guard result > 0 else { return .exit(0) }
    return status & 0x7F == 0 ? .exit(status >> 8 & 0xFF) : .signal(status & 0x7F)
  }
}

private func monotonicSeconds() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_MONOTONIC, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}
