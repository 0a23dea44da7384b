import Foundation

/// A program that answers requests: bytes on its standard input with bytes on its standard output, any
/// number of times.
package final class Dialogue {
  private let command: String
  private let program: PipedProgram
  /// The answers so far.
  private var answers = 0
  /// Why there can be no more: a late answer would be taken for the next one.
  private var failure: (any Error)?

  /// The seconds that a program has to end once its input has ended.
  private static let farewell = 5.0

  /// Starts a shell command; its standard error is that of this process.
  /// - Throws: ``FileError`` when no process or descriptor is available.
  package init(_ command: String) throws(FileError) {
    self.command = command
    program = try PipedProgram(command)
  }

  /// Ends the program's input so that it ends; if it doesn't, or has failed, it is killed.
  deinit {
    program.closeStreams()
    if failure != nil || program.end(within: Self.farewell) == nil { program.kill() }
  }

  /// Sends a request, and waits for the answer.
  ///
  /// - Parameters:
  ///   - patience: The time limit in seconds.
  ///   - size: The size of an answer from its first bytes; nil if there are too few yet.
  /// - Throws: ``FileError`` when the program ends, takes too long, answers before it has read the whole
  ///   request, or writes more than the answer; what `size` throws. After that there are no more answers.
  package func answer(
    to question: [UInt8], within patience: Double, size: ([UInt8]) throws -> Int?
  ) throws -> [UInt8] {
    if let failure { throw failure }
    do {
      var exchange = Exchange(question: question, limit: patience, patience: patience)
      try expectSilence()
      while exchange.size.map({ exchange.answer.count < $0 }) ?? true {
        try advance(&exchange, size)
      }
      try check(exchange)
      answers += 1
      return exchange.answer
    } catch {
      failure = error
      throw error
    }
  }

  /// A pending request, and its answer.
  private struct Exchange {
    let question: [UInt8]
    /// The time limit in seconds.
    let limit: Double
    /// The seconds left.
    var patience: Double
    var sent = 0
    /// Whether the program has closed its input.
    var isDeaf = false
    var answer: [UInt8] = []
    /// The size of the whole answer, once it is known.
    var size: Int?
  }

  /// Sends and reads what is possible without waiting, or waits briefly until something is.
  private func advance(_ exchange: inout Exchange, _ size: ([UInt8]) throws -> Int?) throws {
    let isSending = !exchange.isDeaf && exchange.sent < exchange.question.count
    var events = [
      pollfd(fd: program.output, events: Int16(POLLIN), revents: 0),
      pollfd(fd: isSending ? program.input : -1, events: Int16(POLLOUT), revents: 0),
    ]
    let start = monotonicSeconds()
    let count = poll(&events, 2, Int32(max(0, min(exchange.patience, 1)) * 1000) + 1)
    // Time in which both processes were suspended (Ctrl-Z) does not count.
    exchange.patience -= min(monotonicSeconds() - start, 2)
    guard exchange.patience > 0 else { throw silence(exchange) }
    guard count > 0 else { return }
    if events[1].revents != 0 { send(&exchange) }
    if events[0].revents != 0 {
      exchange.answer += try read()
      if exchange.size == nil { exchange.size = try size(exchange.answer) }
    }
  }

  private func send(_ exchange: inout Exchange) {
    let count = exchange.question[exchange.sent...].withUnsafeBytes {
      writeWithoutSignal(program.input, $0)
    }
    if count > 0 { exchange.sent += count }
    if count < 0 && errno != EAGAIN && errno != EINTR {
      // Most such programs end at once, or have reported why.
      exchange.isDeaf = true
      exchange.patience = min(exchange.patience, 1)
    }
  }

  /// The available output, which may be nothing.
  private func read() throws(FileError) -> [UInt8] {
    var code: Int32 = 0
    let bytes = [UInt8](unsafeUninitializedCapacity: 1 << 16) { bytes, count in
      let result = Foundation.read(program.output, bytes.baseAddress, bytes.count)
      code = result < 0 ? errno : result == 0 ? EPIPE : 0
      count = max(0, result)
    }
    guard [0, EAGAIN, EINTR].contains(code) else { throw ended() }
    return bytes
  }

  /// Checks that nothing was written since the last answer. Output before the first one is treated as a
  /// part of it.
  private func expectSilence() throws(FileError) {
    guard answers > 0 else { return }
    var event = pollfd(fd: program.output, events: Int16(POLLIN), revents: 0)
    guard poll(&event, 1, 0) > 0 else { return }
    let stray = try read()
    if !stray.isEmpty { throw excess(stray.count) }
  }

  /// Checks that the answer is complete, and to the whole request.
  private func check(_ exchange: Exchange) throws(FileError) {
    let stray = exchange.answer.count - (exchange.size ?? 0)
    guard stray == 0 else { throw excess(stray) }
    var unread: Int32 = 0
    _ = ioctl(program.input, UInt(FIONREAD), &unread)
    let missing = exchange.question.count - exchange.sent + Int(unread)
    guard missing == 0 else {
      throw FileError(
        command,
        "answered when it had \(missing) of \(exchange.question.count) bytes still to read",
        remedy: "let it read the whole array first")
    }
  }
}

// MARK: Errors

extension Dialogue {
  private func excess(_ count: Int) -> FileError {
    FileError(
      command, "wrote \(count) bytes after its answer",
      remedy: "let it write one array for each that it reads, and all else to standard error")
  }

  /// Why there is no answer from a program that is still running.
  private func silence(_ exchange: Exchange) -> FileError {
    if exchange.isDeaf {
      guard program.end(within: 0) == nil else { return ended() }
      return FileError(
        command, "closed its standard input before it answered",
        remedy: "let it read until its input ends")
    }
    let total = exchange.question.count
    let part =
      exchange.sent < total
      ? ": it has taken \(exchange.sent) of \(total) bytes"
      : exchange.answer.isEmpty ? "" : ": it wrote \(exchange.answer.count) bytes of one"
    return FileError(
      command, "gave no answer within \(String(format: "%g", exchange.limit)) s\(part)",
      remedy: "let it flush its output after each answer, or raise the limit "
        + "(--classifier-timeout)")
  }

  /// Why there is no answer from a program that has closed its output, usually by ending.
  private func ended() -> FileError {
    let before =
      answers == 0 ? "before it answered" : "after \(answers) answer\(answers == 1 ? "" : "s")"
    switch program.end(within: 1) {
    case nil:
      return FileError(
        command, "closed its standard output \(before)", remedy: "let it read until its input ends")
    case .unknown:
      return FileError(command, "ended \(before)", remedy: "run it by itself")
    case .status(0):
      return FileError(
        command, "ended with status 0 \(before)",
        remedy: "let it read arrays, and answer each, until its input ends")
    case .status(126):
      return FileError(
        command, "ended with status 126: it cannot be run",
        remedy: "make it executable (chmod +x), or name what runs it, such as python3")
    case .status(127):
      return FileError(
        command, "ended with status 127: there is no such program",
        remedy: "check its name and PATH, or name its whole path")
    case .status(let status) where status <= 128:
      return FileError(
        command, "ended with status \(status) \(before)",
        remedy: "run it by itself; what it says of errors is above")
    // A shell's exit status for a program that was ended by a signal.
    case .status(let number), .signal(let number):
      let signal = number > 128 ? number - 128 : number
      return FileError(
        command, "was ended by signal \(signal) (\(String(cString: strsignal(signal)))) \(before)",
        remedy: signal == SIGKILL
          ? "see whether memory has run out" : "run it by itself; what it says of errors is above")
    }
  }
}

/// Writes to a pipe; if its reader is gone, that is an error and not a signal that ends this process,
/// however it handles signals.
private func writeWithoutSignal(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> Int {
  var (signals, before, pending) = (sigset_t(), sigset_t(), sigset_t())
  sigemptyset(&signals)
  sigaddset(&signals, SIGPIPE)
  sigpending(&pending)
  pthread_sigmask(SIG_BLOCK, &signals, &before)
  let count = write(descriptor, bytes.baseAddress, bytes.count)
  let code = errno
  if count < 0 && code == EPIPE && sigismember(&pending, SIGPIPE) == 0 {
    // It was sent only to this thread, and is consumed here.
    var now = timespec()
    sigtimedwait(&signals, nil, &now)
  }
  pthread_sigmask(SIG_SETMASK, &before, nil)
  errno = code
  return count
}
