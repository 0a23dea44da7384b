import ArgumentParser
import Foundation
import Launch
import Logging

/// The program's startup and exit, around one command.
@main
enum Main {
  static func main() {
    StandardStreams.openMissing()
    Signals.setUp()
    LoggingSystem.bootstrap { _ in NoteLog() }
    Stacks.run { exit(StandardStreams.finish(runCommand())) }
  }

  /// Runs the command that the arguments name, and returns the exit code.
  private static func runCommand() -> Int32 {
    var path: [String] = []
    do {
      try Limits.check()
      let words = try Arguments.checked()
      path = try commandPath(in: words)
      var command = try Digitalis.parseAsRoot(words)
      try command.run()
      try ProfiledCommand.finish()
      return EXIT_SUCCESS
    } catch {
      ProfiledCommand.finish(after: error)
      return report(error, path)
    }
  }

  /// The names of the command. If one is wrong, the parser itself would misinterpret it.
  private static func commandPath(in words: [String]) throws -> [String] {
    let isHelp = words.first == "help"
    let names = words.dropFirst(isHelp ? 1 : 0)
    let (path, stranger) = Digitalis.command(in: names)
    let extra = isHelp ? names.dropFirst(path.count).first { !$0.hasPrefix("-") } : nil
    if let stranger = stranger ?? extra { throw ValidationError("\(stranger): no such command") }
    return path
  }

  /// Says in one line what went wrong, and returns the exit code for it.
  private static func report(_ error: any Error, _ path: [String]) -> Int32 {
    let code = Digitalis.exitCode(for: error)
    // Help, or the version, was asked for.
    if code.isSuccess {
      print(Digitalis.fullMessage(for: error))
      return code.rawValue
    }
    var message = Digitalis.message(for: error)
    guard !message.isEmpty else { return code.rawValue }
    if code == .validationFailure {
      let help = (["digitalis help"] + path).joined(separator: " ")
      message = "\(message.hasSuffix(".") ? String(message.dropLast()) : message); see: \(help)"
    }
    // Input quoted in it may contain line breaks and terminal escapes.
    let line = message.unicodeScalars.map {
      $0.properties.generalCategory == .control ? " " : String($0)
    }
    StandardStreams.printError("Error: \(line.joined())")
    return isMisuse(error) ? ExitCode.validationFailure.rawValue : code.rawValue
  }

  private static func isMisuse(_ error: any Error) -> Bool {
    error is OptionError || error is ArgumentError
  }
}
