import Foundation
import Threads

/// Says that something takes long while it does, so that nobody takes it for a hang.
struct SlowNotice: Sendable {
  /// The seconds until the first line; the next ones come after twice as long, four times as long, and so on.
  var patience = 30.0
  /// Takes the lines.
  var say: @Sendable (String) -> Void = { logger.notice("\($0)") }

  /// Begins to watch; `work` says what is done.
  func watch(_ work: String) -> Watch {
    let done = DispatchSemaphore(value: 0)
    // Without a thread to spare nothing is said.
    let thread = startThread(stack: 512 << 10) {
      var seconds = patience
      var pause = patience
      while done.wait(timeout: .now() + pause) == .timedOut {
        say(
          "\(work) takes long: \(Int(seconds)) s so far; "
            + "a driver compiles each kernel when it is first used")
        (pause, seconds) = (seconds, 2 * seconds)
      }
    }
    return Watch(done: done, thread: thread)
  }

  /// Something that is done now.
  struct Watch {
    fileprivate let done: DispatchSemaphore
    fileprivate let thread: pthread_t?

    /// It is done: nothing more is said.
    func end() {
      done.signal()
      if let thread { pthread_join(thread, nil) }
    }
  }
}
