import ArgumentParser
import Files
import Models

/// What the one file that a command writes may replace.
struct OutputOptions: ParsableArguments {
  @Flag(
    help: """
      Replace a file of another kind than what is written; a file of the same kind is \
      replaced anyway, and a file that belongs to a run never.
      """)
  var overwrite = false

  /// Checks the path before work begins.
  ///
  /// - Parameters:
  ///   - run: The folder of the run that the command reads.
  ///   - others: Other files that it reads.
  /// - Returns: Whether something is replaced.
  @discardableResult
  func check(_ path: String, _ kind: FileKind, reading run: String?, also others: [String] = [])
    throws(FileError) -> Bool
  {
    try checkOutput(
      path, kind, inputs: (run.map { Run($0).paths } ?? []) + others, overwrite: overwrite)
  }
}
