import Foundation

/// A user's program that runs alongside this one: ``input`` is written to its standard input, and its
/// standard output is read from ``output``.
///
/// It stays in this process's group, so that Ctrl-C in a terminal ends both, and it may ask for a password
/// there; it inherits only its standard streams.
final class PipedProgram {
  /// How a program ended.
  enum End: Equatable {
    case status(Int32)
    case signal(Int32)
    /// If this process was started ignoring SIGCHLD, the status is lost.
    case unknown
  }

  /// The descriptor to write to; it never blocks.
  let input: Int32
  /// The descriptor to read from; it never blocks.
  let output: Int32

  private let identifier: pid_t
  private var end: End?
  private var isOpen = true

  /// Starts a shell command.
  /// - Throws: ``FileError`` when no process or descriptor is available.
  init(_ command: String) throws(FileError) {
    guard let questions = makePipe() else { throw startError(command, errno) }
    guard let answers = makePipe() else {
      let code = errno
      for end in [questions.reading, questions.writing] { close(end) }
      throw startError(command, code)
    }
    (input, output) = (questions.writing, answers.reading)
    for end in [input, output] { _ = fcntl(end, F_SETFL, O_NONBLOCK) }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    posix_spawn_file_actions_adddup2(&actions, questions.reading, STDIN_FILENO)
    posix_spawn_file_actions_adddup2(&actions, answers.writing, STDOUT_FILENO)
    for descriptor in inheritedDescriptors() {
      posix_spawn_file_actions_addclose(&actions, descriptor)
    }
    // A thread that blocks signals must not start a program that can't be ended by them, nor should that
    // program ignore signals because this process does.
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    var signals = sigset_t()
    sigemptyset(&signals)
    posix_spawnattr_setsigmask(&attributes, &signals)
    for number in [SIGPIPE, SIGXFSZ] { sigaddset(&signals, number) }
    posix_spawnattr_setsigdefault(&attributes, &signals)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
    let line: [String] = ["sh", "-c", command]
    var words = line.map { strdup($0) } + [nil]
    var child = pid_t()
    let code = posix_spawn(&child, "/bin/sh", &actions, &attributes, &words, environ)
    posix_spawn_file_actions_destroy(&actions)
    posix_spawnattr_destroy(&attributes)
    for word in words { free(word) }
    for end in [questions.reading, answers.writing] { close(end) }
    guard code == 0 else {
      for end in [questions.writing, answers.reading] { close(end) }
      // With properties missing, deinit doesn't run.
      throw startError(command, code)
    }
    identifier = child
  }

  deinit { closeStreams() }

  /// Ends its input, and reads no more of its output.
  func closeStreams() {
    guard isOpen else { return }
    isOpen = false
    close(input)
    close(output)
  }

  /// Waits for the end; nil if it has not ended yet.
  func end(within seconds: Double) -> End? {
    let deadline = monotonicSeconds() + seconds
    while end == nil {
      var status: Int32 = 0
      let result = waitpid(identifier, &status, WNOHANG)
      if result == identifier {
        end = status & 0x7F == 0 ? .status(status >> 8 & 0xFF) : .signal(status & 0x7F)
      } else if result < 0 && errno != EINTR {
        end = .unknown
      } else if monotonicSeconds() >= deadline {
        return nil
      } else {
        usleep(2000)
      }
    }
    return end
  }

  /// Kills it and its descendants at once.
  func kill() {
    guard end(within: 0) == nil else { return }
    // Killing only a shell leaves behind the program that it waits for.
    for process in descendants(of: identifier).reversed() + [identifier] {
      _ = Foundation.kill(process, SIGKILL)
    }
    while end == nil { _ = end(within: 1) }
  }
}

/// Seconds by the monotonic clock.
func monotonicSeconds() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_MONOTONIC, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}

/// A pipe that no other program inherits; nil, and `errno`, if none is available.
///
/// If a standard stream of this process is closed, its number is free; a pipe that took it would be lost
/// among the program's streams.
private func makePipe() -> (reading: Int32, writing: Int32)? {
  var ends: [Int32] = [-1, -1]
  guard pipe(&ends) == 0 else { return nil }
  for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
  for index in ends.indices where ends[index] <= STDERR_FILENO {
    let low = ends[index]
    ends[index] = fcntl(low, F_DUPFD_CLOEXEC, STDERR_FILENO + 1)
    let code = errno
    close(low)
    guard ends[index] >= 0 else {
      close(ends[1 - index])
      errno = code
      return nil
    }
  }
  return (ends[0], ends[1])
}

/// The descriptors that a program would inherit besides the standard streams.
private func inheritedDescriptors() -> [Int32] {
  let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")) ?? []
  return names.compactMap { Int32($0) }.filter { descriptor in
    let flags = fcntl(descriptor, F_GETFD)
    return descriptor > STDERR_FILENO && flags >= 0 && flags & FD_CLOEXEC == 0
  }
}

private func startError(_ command: String, _ code: Int32) -> FileError {
  let remedy =
    switch code {
    case EMFILE, ENFILE: "raise the limit of open files (ulimit -n)"
    case EAGAIN, ENOMEM: "end other programs, or raise the limits of processes and memory (ulimit)"
    case E2BIG: "shorten the command, or unset large variables of the environment"
    default: "see that /bin/sh is there and can be run"
    }
  return FileError(
    command, "cannot be started: \(String(cString: strerror(code)))", remedy: remedy)
}

/// The descendants of a process.
private func descendants(of identifier: pid_t) -> [pid_t] {
  let tasks = "/proc/\(identifier)/task"
  let threads = (try? FileManager.default.contentsOfDirectory(atPath: tasks)) ?? []
  let children = threads.flatMap { thread in
    let bytes = FileManager.default.contents(atPath: "\(tasks)/\(thread)/children") ?? Data()
    return String(decoding: bytes, as: UTF8.self).split(separator: " ").compactMap { pid_t($0) }
  }
  return children.flatMap { [$0] + descendants(of: $0) }
}
