import Foundation
import Testing

/// What the words of the command line may be.
@Suite struct CommandLineTests {
  /// Expects a line that names a remedy, and the exit code of wrong words.
  private func expectMisuse(
    _ arguments: String..., saying texts: String...,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let outcome = try digitalis(arguments)
    expectOneLine(outcome, texts, sourceLocation: sourceLocation)
    #expect(outcome.status == 64 && outcome.output.isEmpty, sourceLocation: sourceLocation)
  }

  @Test func commandsThatAreNone() throws {
    for words in [
      ["nosuch"], ["help", "nosuch"], ["help", "train", "nosuch"], ["train", "nosuch"],
    ] {
      let outcome = try digitalis(words)
      expectOneLine(outcome, ["nosuch: no such command", "see: digitalis help"])
      #expect(outcome.status == 64)
    }
    try expectMisuse("help", "sample", "extra", saying: "extra: no such command")
    for words in [["help"], ["help", "train"], ["help", "train", "vae"], ["--version"], []] {
      let outcome = try digitalis(words)
      #expect(outcome.status == 0 && outcome.errors.isEmpty && !outcome.output.isEmpty, "\(words)")
    }
  }

  @Test func theParserSaysItInOneLine() throws {
    try expectMisuse("train", "vae", saying: "--out <out>", "see: digitalis help train vae")
    try expectMisuse("sample", "--nosuch", saying: "--nosuch", "see: digitalis help sample")
    try expectMisuse("sample", "--seed", saying: "Missing value for '--seed")
    try expectMisuse("sample", "--seed", "-1", saying: "'-1'", "--seed")
    try expectMisuse("sample", "--seed", "a\nb", saying: "'a b'", "--seed")
    try expectMisuse("sample", "--threads", "0", saying: "--threads 0", "between 1 and 1024")
    try expectMisuse("sample", "--count", "0", saying: "--count 0", "between 1 and")
    try expectMisuse("fit", "nosuch", "--run", "x", saying: "'nosuch'", "mixture")
  }

  @Test(arguments: ["--out", "--run", "--label", "--generator", "--device"])
  func emptyValues(_ option: String) throws {
    try expectMisuse("sample", option, "", saying: "\(option) '': must not be empty")
    try expectMisuse("sample", "\(option)=", saying: "\(option) '': must not be empty")
  }

  /// A value that begins with a hyphen belongs to its option, in every command.
  @Test func optionsTakeWhatFollows() throws {
    struct Information: Decodable {
      struct Argument: Decodable {
        var kind: String
        var parsingStrategy: String
        var valueName: String?
      }
      struct Command: Decodable {
        var commandName: String
        var arguments: [Argument]?
        var subcommands: [Command]?
      }
      var command: Command
    }
    func check(_ command: Information.Command) -> Int {
      let options = (command.arguments ?? []).filter { $0.kind == "option" }
      for option in options {
        #expect(
          option.parsingStrategy == "unconditional",
          "\(command.commandName) \(option.valueName ?? "")")
      }
      return options.count + (command.subcommands ?? []).map(check).reduce(0, +)
    }
    let text = try digitalis("--experimental-dump-help").output
    let information = try JSONDecoder().decode(Information.self, from: Data(text.utf8))
    #expect(check(information.command) > 100)
  }
}
