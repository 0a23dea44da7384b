import Foundation

/// The effect of signals on a command that does not handle them.
///
/// SIGINT, SIGTERM, SIGHUP and SIGPIPE end it, as they do by default; a shell sees 128 plus their number.
public enum Signals {
  /// Sets up those whose default effect is not wanted; again after a driver was loaded, whose compiler may
  /// have replaced them.
  public static func setUp() {
    // A file that reaches its limit (`ulimit -f`) is a write error, with its own message.
    signal(SIGXFSZ, SIG_IGN)
    // Ctrl-\ ends the program like Ctrl-C: no core dump, no crash report.
    signal(SIGQUIT) { _exit(128 + $0) }
  }
}
