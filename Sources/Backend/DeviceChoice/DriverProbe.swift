import Foundation

/// Tries the OpenCL drivers in a separate process, since some abort or hang the calling program on a
/// machine that lacks something they need.
public struct DriverProbe: Sendable {
  /// The outcome.
  public enum Outcome: Sendable, Equatable {
    /// The process succeeded; the lines that it printed.
    case survived([String])
    /// It did not; the reason, in one line.
    case failed(String)
  }

  private let name: String
  private let start: @Sendable () -> ChildProcess?
  private let patience: Double

  /// The seconds after which a driver counts as hanging; the first start of a GPU compiles its kernels.
  public static let patience = 120.0

  /// Describes a command that calls the drivers as the program is about to.
  ///
  /// - Parameters:
  ///   - executable: The program.
  ///   - arguments: Its arguments.
  ///   - patience: The seconds after which a driver counts as hanging.
  public init(
    _ executable: String, _ arguments: [String], patience: Double = DriverProbe.patience
  ) {
    name = executable
    // The words of the driver are wanted, not where it was.
    start = {
      ChildProcess(executable, arguments, environment: ["SWIFT_BACKTRACE": "enable=no"])
    }
    self.patience = patience
  }

  /// Describes a copy of this program that calls the drivers as the program is about to. It must not have called
  /// them before: a driver need not survive being copied.
  ///
  /// - Parameters:
  ///   - patience: The seconds after which a driver counts as hanging.
  ///   - body: Calls the drivers, prints, and returns 0 unless something is wrong.
  init(patience: Double = DriverProbe.patience, _ body: @escaping @Sendable () -> Int32) {
    name = "a copy of this program"
    start = { ChildProcess(running: body) }
    self.patience = patience
  }

  /// Runs the command, unless the system has no room for a driver.
  public func run() -> Outcome {
    if let shortage = Headroom().shortage {
      return .failed("no OpenCL driver was tried: \(shortage)")
    }
    guard let process = start() else {
      return .failed("\(name) cannot be started: \(String(cString: strerror(errno)))")
    }
    let end = process.wait(patience: patience)

    let lines = String(decoding: process.output, as: UTF8.self)
      .split(whereSeparator: \.isNewline).map(String.init)
    let said = lines.last.map { ", having said: \($0)" } ?? ""
    return switch end {
    case .exit(0): .survived(lines)
    case .exit(let status): .failed("an OpenCL driver ended with status \(status)\(said)")
    case .signal(SIGKILL): .failed("an OpenCL driver hung, or was killed\(said)")
    case .signal(let signal):
      .failed("an OpenCL driver crashed (\(String(cString: strsignal(signal))))\(said)")
    }
  }
}
