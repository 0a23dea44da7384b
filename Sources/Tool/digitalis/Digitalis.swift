import ArgumentParser
import Compute

struct Digitalis: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "digitalis",
    abstract: "Train variational autoencoders on images, and draw images of a chosen class.",
    version: digitalisVersion,
    subcommands: [
      Train.self, Label.self, StatisticsCommand.self, Fit.self, SearchCommand.self, Sample.self,
      Front.self, Evaluate.self,
      Interpolate.self, Traverse.self, Attribute.self, Reconstruct.self, Reproduce.self,
      Export.self, DataCommand.self, Devices.self, Tune.self, Bench.self,
    ])
}

extension ParsableCommand {
  /// Finds the command that the first words name.
  ///
  /// - Returns: The words that are names, and a word after them that should be one and is not.
  static func command(in words: some Collection<String>) -> (path: [String], stranger: String?) {
    guard let word = words.first, !word.hasPrefix("-") else { return ([], nil) }
    let commands = configuration.subcommands
    guard let command = commands.first(where: { $0._commandName == word }) else {
      // A word for the default command.
      let isArgument = commands.isEmpty || configuration.defaultSubcommand != nil
      return ([], isArgument ? nil : word)
    }
    let (path, stranger) = command.command(in: words.dropFirst())
    return ([word] + path, stranger)
  }
}

/// An invalid value of an option: the option, the value, and the rule that it breaks.
struct OptionError: Error, CustomStringConvertible {
  let description: String

  init(_ option: String, _ value: some CustomStringConvertible, _ rule: String) {
    description = "\(option) \(value): \(rule)"
  }

  /// Throws unless `value` lies in `range`.
  static func require<Value: Comparable & CustomStringConvertible>(
    _ option: String, _ value: Value, in range: ClosedRange<Value>
  ) throws {
    guard range.contains(value) else {
      throw OptionError(
        option, value, "must be between \(range.lowerBound) and \(range.upperBound)")
    }
  }
}
