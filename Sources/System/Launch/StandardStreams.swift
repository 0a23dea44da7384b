import CLaunch
import Foundation

/// The descriptors 0, 1 and 2, from the first line of the program to its last.
public enum StandardStreams {
  /// Opens those that are closed: otherwise the first file that the program opens would take their place,
  /// and output would end up in it.
  ///
  /// Read-only, so that output does not seem to arrive.
  public static func openMissing() {
    for descriptor in STDIN_FILENO...STDERR_FILENO where fcntl(descriptor, F_GETFD) == -1 {
      // The lowest free number is taken, which is this one.
      if open("/dev/null", O_RDONLY) < 0 { _ = open("/", O_RDONLY) }
    }
  }

  /// Writes a line to standard error, if there is one, after all earlier output: both may lead to the same
  /// place.
  public static func printError(_ line: String) {
    fflush(nil)
    var bytes = Array("\(line)\n".utf8)[...]
    while !bytes.isEmpty {
      let written = bytes.withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
      if written < 0 && errno == EINTR { continue }
      guard written > 0 else { return }
      bytes = bytes.dropFirst(written)
    }
  }

  /// Flushes standard output, and reports on standard error if some output was lost.
  ///
  /// - Parameter code: The exit code so far.
  /// - Returns: The final exit code.
  public static func finish(_ code: Int32) -> Int32 {
    let error = finish_standard_output()
    if error == 0 { return code }
    // A reader that has read enough, as in `| head`, is no failure, and needs no message.
    if error == EPIPE { return code == 0 ? 128 + SIGPIPE : code }
    let reason = error > 0 ? String(cString: strerror(error)) : "some of it is lost"
    printError(
      "Error: standard output: cannot be written to: \(reason); what it shows is not whole")
    return code == 0 ? 1 : code
  }
}
