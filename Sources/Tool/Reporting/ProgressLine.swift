import Foundation

/// The state of a long task: one line that is rewritten on a terminal; when piped, the lines worth keeping,
/// and after a minute without any, the state as a line.
public struct ProgressLine {
  private let terminal: Terminal
  private let patience: Duration
  private var isOpen = false
  private var lastLine = ContinuousClock.now

  /// A line on standard output.
  /// - Parameters:
  ///   - terminal: Where it is shown, which decides how.
  ///   - patience: The time without a line after which a passing state is printed as one when piped.
  public init(_ terminal: Terminal = .standardOutput(), patience: Duration = .seconds(60)) {
    self.terminal = terminal
    self.patience = patience
  }

  /// Shows a passing state.
  public mutating func update(_ text: String) {
    guard terminal.isTerminal else {
      if ContinuousClock.now - lastLine >= patience { print(line: text) }
      return
    }
    print("\r\u{1B}[2K" + text.prefix(max(1, terminal.width - 1)), terminator: "")
    fflush(nil)
    isOpen = true
  }

  /// Replaces the passing state by a line that stays.
  public mutating func print(line: String) {
    print((isOpen ? "\r\u{1B}[2K" : "") + line, terminator: "\n")
    fflush(nil)
    isOpen = false
    lastLine = .now
  }

  /// Clears the passing state, if there is one.
  public mutating func clear() {
    guard isOpen else { return }
    print("\r\u{1B}[2K", terminator: "")
    fflush(nil)
    isOpen = false
  }

  private func print(_ text: String, terminator: String) {
    Swift.print(text, terminator: terminator)
  }
}
