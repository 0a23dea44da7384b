import Foundation

/// A program that answers: it gets bytes on its standard input and gives bytes on its standard output, as
/// often as it's asked.
package final class Dialogue {
  private let command: String
  private let identifier: pid_t
  /// A socket: writing to one that nobody reads can be kept from ending this process.
  private let input: Int32
  private let output: Int32
  /// What was read past the last answer.
  private var rest: [UInt8] = []

  /// Starts what the shell makes of a command; its standard error is that of this process.
  /// - Throws: ``FileError`` when there is no process or descriptor to be had.
  package init(_ command: String) throws(FileError) {
    self.command = command
    var sockets: [Int32] = [-1, -1]
    var pipes: [Int32] = [-1, -1]
    guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &sockets) == 0,
      pipe(&pipes) == 0
    else {
      let code = errno
      for end in sockets + pipes where end >= 0 { close(end) }
      throw FileError(command, cannot: "start it", code)
    }
    for end in sockets + pipes { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    for end in [sockets[0], pipes[0]] { _ = fcntl(end, F_SETFL, O_NONBLOCK) }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    posix_spawn_file_actions_adddup2(&actions, sockets[1], STDIN_FILENO)
    posix_spawn_file_actions_adddup2(&actions, pipes[1], STDOUT_FILENO)
    // A thread that hears no signals must not start a program that can't be ended by them.
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    var signals = sigset_t()
    sigemptyset(&signals)
    posix_spawnattr_setsigmask(&attributes, &signals)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
    let line: [String] = ["sh", "-c", command]
    var words = line.map { strdup($0) } + [nil]
    defer {
      posix_spawn_file_actions_destroy(&actions)
      posix_spawnattr_destroy(&attributes)
      for word in words { free(word) }
      close(sockets[1])
      close(pipes[1])
    }
    var child = pid_t()
    let status = posix_spawn(&child, "/bin/sh", &actions, &attributes, &words, environ)
    (identifier, input, output) = (child, sockets[0], pipes[0])
    guard status == 0 else { throw FileError(command, cannot: "start it", status) }
  }

  /// Lets the program end: its input does, and it has a second then.
  deinit {
    close(input)
    close(output)
    guard identifier > 0 else { return }
    for _ in 0..<100 where waitpid(identifier, nil, WNOHANG) == 0 { usleep(10_000) }
    if waitpid(identifier, nil, WNOHANG) == 0 {
      kill(identifier, SIGKILL)
      waitpid(identifier, nil, 0)
    }
  }

  /// Asks, and waits for the answer.
  ///
  /// - Parameters:
  ///   - patience: The seconds that it may take.
  ///   - size: The bytes of an answer by those that it begins with; nil where they don't tell yet.
  /// - Throws: ``FileError`` when the program ends, or takes too long; what `size` throws.
  package func answer(
    to question: [UInt8], within patience: Double, size: ([UInt8]) throws -> Int?
  ) throws -> [UInt8] {
    let deadline = monotonicSeconds() + patience
    var (sent, whole) = (0, try size(rest))
    while whole.map({ rest.count < $0 }) ?? true {
      let seconds = deadline - monotonicSeconds()
      guard seconds > 0 else {
        throw FileError(
          command, "gave no answer within \(Int(patience)) seconds",
          remedy: "let it flush what it writes after each answer")
      }
      var events = [
        pollfd(fd: output, events: Int16(POLLIN), revents: 0),
        pollfd(
          fd: sent < question.count ? input : -1, events: Int16(POLLOUT), revents: 0),
      ]
      guard poll(&events, 2, Int32(min(seconds * 1000, 1000)) + 1) > 0 else { continue }
      if events[1].revents != 0 {
        let count = question[sent...].withUnsafeBytes {
          send(input, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
        }
        if count > 0 { sent += count }
        if count < 0 && errno != EAGAIN && errno != EINTR { throw ended() }
      }
      if events[0].revents != 0 {
        var bytes = [UInt8](repeating: 0, count: 1 << 16)
        let count = read(output, &bytes, bytes.count)
        if count > 0 {
          rest += bytes[..<count]
          if whole == nil { whole = try size(rest) }
        } else if count == 0 || errno != EAGAIN && errno != EINTR {
          throw ended()
        }
      }
    }
    let count = whole ?? 0
    defer { rest.removeFirst(count) }
    return Array(rest[..<count])
  }

  /// Why there is no answer from a program that is gone.
  private func ended() -> FileError {
    var status: Int32 = 0
    for _ in 0..<100 where waitpid(identifier, &status, WNOHANG) == 0 { usleep(10_000) }
    let how =
      status & 0x7f == 0 ? "with status \(status >> 8 & 0xff)" : "by signal \(status & 0x7f)"
    return FileError(
      command, "ended \(how) before it answered",
      remedy: "run it by itself; what it says of errors is above")
  }
}

private func monotonicSeconds() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_MONOTONIC, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}
