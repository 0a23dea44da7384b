import Foundation

/// What signals do to a command that does not ask for them.
///
/// SIGINT, SIGTERM, SIGHUP and SIGPIPE end it, which is what they do anyhow; a shell sees 128 and their
/// number.
public enum Signals {
  /// Sets up those whose own effect is not wanted; again after a driver was loaded, whose compiler may have
  /// taken them.
  public static func setUp() {
    // A file that reaches its limit (`ulimit -f`) is an error of the write, with a line of its own.
    signal(SIGXFSZ, SIG_IGN)
    // Ctrl-\ ends the program as Ctrl-C does: no core is written, no crash reported.
    signal(SIGQUIT) { _exit(128 + $0) }
  }
}
