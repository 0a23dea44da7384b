import Foundation

/// The state of a long task: one line that is rewritten on a terminal; when piped, only the lines
/// worth keeping.
public struct ProgressLine {
  private let terminal: Terminal
  private var isOpen = false

  /// A line on standard output.
  public init(_ terminal: Terminal = .standardOutput()) { self.terminal = terminal }

  /// Shows a passing state; nothing when piped.
  public mutating func update(_ text: String) {
    guard terminal.isTerminal else { return }
    print("\r\u{1B}[2K" + text.prefix(max(1, terminal.width - 1)), terminator: "")
    fflush(nil)
    isOpen = true
  }

  /// Replaces the passing state by a line that stays.
  public mutating func print(line: String) {
    print((isOpen ? "\r\u{1B}[2K" : "") + line, terminator: "\n")
    fflush(nil)
    isOpen = false
  }

  /// Takes the passing state away, where there is one.
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
