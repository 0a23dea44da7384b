import Files
import Foundation
import TestSupport
import Testing

/// How a run of the tool ended.
struct Outcome {
  var status: Int32
  /// Whether a signal ended it, as a crash does.
  var wasKilled: Bool
  var output: String
  var errors: String
}

/// The `digitalis` that was built beside the tests.
let tool: String = {
  let tests = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
  let folder = URL(fileURLWithPath: tests ?? CommandLine.arguments[0]).deletingLastPathComponent()
  return folder.appendingPathComponent("digitalis").path
}()

/// A run of the tool that may go on for a while.
final class Command {
  let process = Process()
  private let folder: TemporaryFolder

  /// Starts the tool.
  ///
  /// - Parameter wrapper: A command that runs the tool, given before its path.
  init(_ arguments: [String], wrapper: [String] = [], environment: [String: String] = [:]) throws {
    folder = try TemporaryFolder()
    let words = wrapper + [tool] + arguments
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = words
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    process.standardInput = FileHandle.nullDevice
    // Files, for a pipe that nobody empties would stop the tool.
    for name in ["output", "errors"] { try writeAtomically("", to: folder[name]) }
    process.standardOutput = FileHandle(forWritingAtPath: folder["output"])
    process.standardError = FileHandle(forWritingAtPath: folder["errors"])
    // The tool inherits the signals that this thread blocks, and those of Dispatch block them all.
    var (signals, old) = (sigset_t(), sigset_t())
    sigemptyset(&signals)
    sigaddset(&signals, SIGINT)
    pthread_sigmask(SIG_UNBLOCK, &signals, &old)
    defer { pthread_sigmask(SIG_SETMASK, &old, nil) }
    try process.run()
  }

  /// What the tool has printed so far.
  var output: String { (try? String(contentsOfFile: folder["output"], encoding: .utf8)) ?? "" }

  /// Waits for the end; a tool that takes more than fifteen minutes is ended: it hangs.
  func wait() -> Outcome {
    let deadline = Date().addingTimeInterval(900)
    while process.isRunning && Date() < deadline { Thread.sleep(forTimeInterval: 0.005) }
    if process.isRunning {
      Issue.record("\(process.arguments ?? []) hangs: \(output)")
      kill(process.processIdentifier, SIGKILL)
    }
    process.waitUntilExit()
    let errors = (try? String(contentsOfFile: folder["errors"], encoding: .utf8)) ?? ""
    return Outcome(
      status: process.terminationStatus,
      wasKilled: process.terminationReason == .uncaughtSignal, output: output, errors: errors)
  }

  /// Waits until the tool has printed `text`.
  func waitForOutput(_ text: String) -> Bool {
    let deadline = Date().addingTimeInterval(900)
    while Date() < deadline {
      if output.contains(text) { return true }
      if !process.isRunning { return output.contains(text) }
      Thread.sleep(forTimeInterval: 0.005)
    }
    return false
  }
}

/// Runs the tool to its end.
func digitalis(
  _ arguments: String..., wrapper: [String] = [], environment: [String: String] = [:]
) throws -> Outcome {
  try Command(arguments, wrapper: wrapper, environment: environment).wait()
}

/// Runs the tool, which must fail with one line that holds all of `texts`.
func expectFailure(
  _ arguments: String..., wrapper: [String] = [], environment: [String: String] = [:],
  saying texts: [String], sourceLocation: SourceLocation = #_sourceLocation
) throws {
  let outcome = try Command(arguments, wrapper: wrapper, environment: environment).wait()
  expectOneLine(outcome, texts, sourceLocation: sourceLocation)
}

/// Expects a failure, not a crash, in one line that holds all of `texts`.
func expectOneLine(
  _ outcome: Outcome, _ texts: [String], sourceLocation: SourceLocation = #_sourceLocation
) {
  let errors = outcome.errors
  #expect(!outcome.wasKilled && outcome.status != 0, "\(errors)", sourceLocation: sourceLocation)
  #expect(errors.hasPrefix("Error: "), "\(errors)", sourceLocation: sourceLocation)
  #expect(
    errors.hasSuffix("\n") && !errors.dropLast().contains("\n"), "one line, not \(errors)",
    sourceLocation: sourceLocation)
  for text in texts {
    #expect(errors.contains(text), "\(errors)", sourceLocation: sourceLocation)
  }
}

/// Runs the tool to its end.
func digitalis(_ arguments: [String]) throws -> Outcome { try Command(arguments).wait() }
