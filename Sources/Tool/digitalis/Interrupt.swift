import Foundation
import Synchronization

/// Whether long work should stop and save: because of Ctrl-C or Ctrl-\, SIGTERM, the end of the terminal,
/// or a reader that closed the output.
enum Interrupt {
  private static let requested = Atomic<Bool>(false)

  /// Whether a signal has arrived since ``watch()``.
  static var isRequested: Bool { requested.load(ordering: .relaxed) }

  /// Notes the first signal; a second Ctrl-C, Ctrl-\ or SIGTERM ends the program at once. The end of
  /// a terminal often comes as several signals.
  static func watch() {
    _ = isRequested  // The handler must not be the first to touch the atomic.
    unblock([SIGINT, SIGTERM, SIGQUIT, SIGHUP, SIGPIPE])
    for number in [SIGINT, SIGTERM, SIGQUIT] {
      signal(number) { number in
        if Interrupt.requested.exchange(true, ordering: .relaxed) { _exit(128 + number) }
      }
    }
    for number in [SIGHUP, SIGPIPE] {
      var old = sigaction()
      sigaction(number, nil, &old)
      // Under nohup the end of the terminal is ignored.
      if old.__sigaction_handler.sa_handler == nil || number == SIGPIPE {
        signal(number) { _ in Interrupt.requested.store(true, ordering: .relaxed) }
      }
    }
  }

  /// Lets this thread take some signals: a parent that blocks them passes its mask on.
  static func unblock(_ numbers: [Int32]) {
    var signals = sigset_t()
    sigemptyset(&signals)
    for number in numbers { sigaddset(&signals, number) }
    pthread_sigmask(SIG_UNBLOCK, &signals, nil)
  }
}
