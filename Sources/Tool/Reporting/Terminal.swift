import Foundation

/// What standard output is connected to.
public struct Terminal: Sendable, Equatable {
  /// Whether it is a terminal, rather than a file or a pipe.
  public let isTerminal: Bool
  /// Its width in characters; 80 if unknown.
  public let width: Int
  /// Whether colours may be sent: to a terminal that is not `dumb`, unless `NO_COLOR` is set.
  public let allowsColor: Bool

  /// Looks at standard output as it is now.
  public static func standardOutput() -> Terminal {
    var size = winsize()
    let isTerminal = isatty(STDOUT_FILENO) == 1
    let isKnown = ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0
    return Terminal(
      isTerminal: isTerminal, width: isKnown ? Int(size.ws_col) : 80,
      environment: ProcessInfo.processInfo.environment)
  }

  /// Decides about colours by the environment.
  init(isTerminal: Bool, width: Int, environment: [String: String]) {
    self.isTerminal = isTerminal
    self.width = width
    let isPlain = environment["TERM"].map { $0.isEmpty || $0 == "dumb" } ?? true
    allowsColor = isTerminal && !isPlain && (environment["NO_COLOR"] ?? "").isEmpty
  }
}
