import Foundation

/// Tries the OpenCL drivers in a process of its own, for some end or hang the program that calls them on a
/// machine that lacks what they need.
public struct DriverProbe: Sendable {
  /// What came of it.
  public enum Outcome: Sendable, Equatable {
    /// The process ended well; the lines that it printed.
    case survived([String])
    /// It did not; why, in one line.
    case failed(String)
  }

  private let executable: String
  private let arguments: [String]
  private let patience: Double

  /// The seconds after which a driver counts as hanging; the first start of a GPU compiles its kernels.
  public static let patience = 120.0

  /// Describes a command that calls the drivers as the program is about to.
  ///
  /// - Parameter patience: The seconds after which a driver counts as hanging.
  public init(
    _ executable: String, _ arguments: [String], patience: Double = DriverProbe.patience
  ) {
    self.executable = executable
    self.arguments = arguments
    self.patience = patience
  }

  /// Runs the command.
  public func run() -> Outcome {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: executable)
    process.arguments = arguments
    let output = Pipe()
    // The words of the driver are wanted, not where it was.
    process.environment = ProcessInfo.processInfo.environment
      .merging(["SWIFT_BACKTRACE": "enable=no"]) { $1 }
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = output
    process.standardError = output
    do { try process.run() } catch { return .failed("\(executable) cannot be started: \(error)") }

    let identifier = process.processIdentifier
    let timer = DispatchSource.makeTimerSource()
    timer.setEventHandler { kill(identifier, SIGKILL) }
    timer.schedule(deadline: .now() + patience)
    timer.activate()
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    timer.cancel()

    let lines = text.split(whereSeparator: \.isNewline).map(String.init)
    let said = lines.last.map { ", having said: \($0)" } ?? ""
    return switch (process.terminationReason, process.terminationStatus) {
    case (.exit, 0): .survived(lines)
    case (.exit, let status): .failed("an OpenCL driver ended with status \(status)\(said)")
    case (_, SIGKILL): .failed("an OpenCL driver hung, or was killed\(said)")
    case (_, let signal):
      .failed("an OpenCL driver crashed (\(String(cString: strsignal(signal))))\(said)")
    }
  }
}
