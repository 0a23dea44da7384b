import Compute
import Foundation

/// Another process whose output is captured: a program, or a copy of this one.
///
/// It takes one descriptor and no thread: Foundation's `Process` needs several of both, hangs without a
/// thread, crashes without a descriptor, and reads the wall clock, which may be wrong.
final class ChildProcess {
  /// How a process ended.
  enum End: Equatable {
    case exit(Int32)
    case signal(Int32)
  }

  /// Its standard output and standard error so far.
  private(set) var output: [UInt8] = []

  private let identifier: pid_t
  private let pipe: Int32

  /// The bytes of output after which the rest is considered useless.
  private static let outputLimit = 1 << 20

  /// Starts a program with empty standard input; nil, and `errno`, on failure.
  ///
  /// - Parameter environment: Changes to the variables of this process.
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

  /// Goes on as a copy of this process that runs `body` and ends with its status; nil, and `errno`, on failure.
  ///
  /// The copy has this thread alone, and ends without the clean-up of this program.
  init?(running body: () -> Int32) {
    var ends: [Int32] = [-1, -1]
    guard Foundation.pipe(&ends) == 0 else { return nil }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    // What is still in the buffers would be written twice.
    fflush(nil)
    let child = fork()
    guard child != 0 else {
      let empty = open("/dev/null", O_RDONLY)
      for (from, to) in [
        (empty, STDIN_FILENO), (ends[1], STDOUT_FILENO), (ends[1], STDERR_FILENO),
      ] { dup2(from, to) }
      // A crash is an answer, not a backtrace.
      for number in [SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGSEGV, SIGTERM, SIGINT] {
        signal(number, SIG_DFL)
      }
      var none = sigset_t()
      sigemptyset(&none)
      pthread_sigmask(SIG_SETMASK, &none, nil)
      let status = body()
      fflush(nil)
      _exit(status)
    }
    close(ends[1])
    guard child > 0 else {
      let failure = errno
      close(ends[0])
      errno = failure
      return nil
    }
    (identifier, pipe) = (child, ends[0])
  }

  deinit { close(pipe) }

  /// Waits for the end, and kills the process if that takes too long.
  ///
  /// - Parameter patience: The time limit in seconds.
  func wait(patience: Double) -> End {
    let deadline = hostNanoseconds() + UInt64(patience * 1e9)
    while true {
      let isOpen = read(forMilliseconds: 100)
      // Another process that a driver started may keep the pipe open.
      if let end = end(isBlocking: false) {
        while read(forMilliseconds: 0) {}
        return end
      }
      if hostNanoseconds() > deadline || output.count > Self.outputLimit {
        kill(identifier, SIGKILL)
        return end(isBlocking: true) ?? .signal(SIGKILL)
      }
      // A process that has closed its output is about to end.
      if !isOpen { usleep(1000) }
    }
  }

  /// Waits for output, and captures it. Returns whether there was some, or may be more.
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
    // If the parent of this process ignores SIGCHLD, the exit status is lost.
    guard result > 0 else { return .exit(0) }
    return status & 0x7F == 0 ? .exit(status >> 8 & 0xFF) : .signal(status & 0x7F)
  }
}
