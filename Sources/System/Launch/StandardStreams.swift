import CLaunch
import Foundation

/// The descriptors 0, 1 and 2, from the first line of the program to its last.
public enum StandardStreams {
  /// Opens those that are closed: the first file that the program opens would take their place, and what
  /// is printed would end up in it.
  ///
  /// For reading alone, so that what is printed does not seem to arrive.
  public static func openMissing() {
    for descriptor in STDIN_FILENO...STDERR_FILENO where fcntl(descriptor, F_GETFD) == -1 {
      // The lowest free number is taken, which is this one.
      if open("/dev/null", O_RDONLY) < 0 { _ = open("/", O_RDONLY) }
    }
  }

  /// Writes a line to standard error, if there is one, after all that was printed before: both may lead to
  /// one place.
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

  /// Writes out what standard output still holds, and says so on standard error when not all that was
  /// printed has arrived.
  ///
  /// - Parameter code: How the program was about to end.
  /// - Returns: How it must end.
  public static func finish(_ code: Int32) -> Int32 {
    let error = finish_standard_output()
    if error == 0 { return code }
    // A reader that has read enough, as in `| head`, is no failure, and needs no line.
    if error == EPIPE { return code == 0 ? 128 + SIGPIPE : code }
    let reason = error > 0 ? String(cString: strerror(error)) : "some of it is lost"
    printError(
      "Error: standard output: cannot be written to: \(reason); what it shows is not whole")
    return code == 0 ? 1 : code
  }
}
