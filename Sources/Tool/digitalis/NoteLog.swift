import Foundation
import Launch
import Logging

/// Shows what the libraries log as notes on standard error, without times and labels.
struct NoteLog: LogHandler {
  var logLevel = Logger.Level.info
  var metadata: Logger.Metadata = [:]
  var metadataProvider: Logger.MetadataProvider?

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) {
    // On a terminal the line of progress may be in the way.
    let clearing = isatty(STDERR_FILENO) == 1 ? "\r\u{1B}[2K" : ""
    StandardStreams.printError("\(clearing)note: \(event.message)")
  }
}
