import Foundation
import TestSupport
import Testing

@testable import Files

/// Programs of `sh` that answer, and such that don't.
@Suite struct DialogueTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// Asks a new program once, for an answer of four bytes.
  private func ask(
    _ command: String, _ question: [UInt8] = [97, 98, 10], within patience: Double = 600
  )
    throws -> [UInt8]
  {
    try Dialogue(command).answer(to: question, within: patience) { _ in 4 }
  }

  private static let large = [UInt8](repeating: 10, count: 1 << 20)

  /// More than pipes hold goes both ways at once.
  @Test func largeQuestionsAreAnsweredAgainAndAgain() throws {
    let program = try Dialogue("cat")
    for count in [1 << 20, 1, 70_000] {
      let question = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) }
      #expect(try program.answer(to: question, within: 600) { _ in count } == question)
    }
  }

  @Test func theSizeFollowsFromTheBeginning() throws {
    // Two bytes that come late, the first of which is the size.
    let program = try Dialogue("read x; printf '\\003'; cat")
    let answer = try program.answer(to: [10, 7, 8], within: 600) { $0.first.map(Int.init) }
    #expect(answer == [3, 7, 8])
  }

  @Test(arguments: [
    ("exit 3", "ended with status 3 before it answered; run it by itself"),
    ("exit 0", "ended with status 0 before it answered; let it read arrays"),
    ("kill -9 $$", "was ended by signal 9 (Killed) before it answered; see whether memory"),
    ("kill -11 $$", "was ended by signal 11 (Segmentation fault)"),
    ("sh -c 'kill -9 $$'; exit $?", "was ended by signal 9 (Killed)"),
    ("printf 12; exit 4", "ended with status 4 before it answered"),
    ("no-such-program-here 2>/dev/null", "ended with status 127: there is no such program; check"),
    ("exec 2>/dev/null; /etc/passwd", "ended with status 126: it cannot be run; make it"),
    ("exec >&-; exec sleep 1000", "closed its standard output before it answered"),
  ])
  func endsAreSaid(_ command: String, _ text: String) throws {
    for question in [[97, 10], Self.large] {
      expectError("\(command): \(text)") { _ = try ask(command, question) }
    }
  }

  @Test func anEndAfterAnswersIsSaid() throws {
    let program = try Dialogue("head -c 4")
    #expect(try program.answer(to: [1, 2, 3, 4], within: 600) { _ in 4 } == [1, 2, 3, 4])
    for _ in 0..<2 {
      expectError("head -c 4: ended with status 0 after 1 answer; let it read arrays") {
        _ = try program.answer(to: [1, 2, 3, 4], within: 600) { _ in 4 }
      }
    }
  }

  /// Nor does SIGPIPE end a process that lets it.
  @Test func anInputThatIsClosedEarlyIsSaid() throws {
    let old = signal(SIGPIPE, SIG_DFL)
    defer { signal(SIGPIPE, old) }
    expectError("closed its standard input before it answered; let it read until") {
      _ = try ask("exec <&-; exec sleep 1000", Self.large)
    }
  }

  @Test func answersToHalfAQuestionAreRefused() throws {
    expectError("answered when it had 1048576 of 1048576 bytes still to read; let it read") {
      _ = try ask("printf 1234; exec sleep 1000", Self.large)
    }
    expectError("answered when it had 4 of 7 bytes still to read") {
      _ = try ask("read x; printf 1234; exec sleep 1000", [97, 98, 10, 97, 97, 97, 10])
    }
  }

  @Test func whatFollowsAnAnswerIsRefused() throws {
    expectError("wrote 2 bytes after its answer; let it write one array") {
      _ = try ask("read x; printf 123456; exec sleep 1000")
    }
    // It may come at once or later.
    let program = try Dialogue("read x; printf 1234; printf 56; read y; printf 7890; exec cat")
    expectError("wrote", "after its answer") {
      for _ in 0..<2 { _ = try program.answer(to: [97, 10], within: 600) { _ in 4 } }
    }
  }

  @Test func theLimitHolds() throws {
    expectError("gave no answer within 1 s; let it flush", "--classifier-timeout") {
      _ = try ask("read x; exec sleep 1000", within: 1)
    }
    expectError("gave no answer within 1 s: it wrote 2 bytes of one") {
      _ = try ask("read x; printf 12; exec sleep 1000", within: 1)
    }
    expectError("gave no answer within 1 s: it has taken", "of 1048576 bytes") {
      _ = try ask("exec sleep 1000", Self.large, within: 1)
    }
    // It says something again and again.
    expectError("gave no answer within 1 s: it wrote") {
      _ = try Dialogue("while printf x; do sleep 0.1; done").answer(to: [], within: 1) { _ in nil }
    }
  }

  /// A shell that is ended alone would leave the others.
  @Test func whatAProgramHasStartedEndsWithIt() throws {
    let path = folder["identifier"]
    expectError("gave no answer") {
      _ = try ask("sh -c 'echo $$ > \(path); exec sleep 1000' | cat; exit 1", within: 1)
    }
    #expect(isGone(try lines(path)[0]))
  }

  @Test func nothingIsLeftOfThose() throws {
    let path = folder["facts"]
    let pipes = "$(readlink /proc/$$/fd/0 /proc/$$/fd/1)"
    let command = "printf '%s\\n' $$ \"\(pipes)\" > \(path); exec cat"
    for _ in 0..<20 {
      #expect(try ask(command, [1, 2, 3, 4]) == [1, 2, 3, 4])
      let facts = try lines(path)
      #expect(facts.count == 3 && facts[1].hasPrefix("pipe:") && facts[2].hasPrefix("pipe:"))
      #expect(!FileManager.default.fileExists(atPath: "/proc/\(facts[0])"), "a zombie is left")
      let own = openFiles("self")
      #expect(own.allSatisfy { !facts.contains($0) }, "a pipe is left")
    }
  }

  @Test func noDescriptorsAreInherited() throws {
    let path = folder["open"]
    try writeAtomically("", to: path)
    let descriptor = open(path, O_RDONLY)
    defer { close(descriptor) }
    let first = try Dialogue("cat")
    _ = try first.answer(to: [1], within: 600) { _ in 1 }
    _ = try ask("readlink /proc/$$/fd/* > \(folder["inherited"]); exec cat", [1, 2, 3, 4])
    let inherited = try lines(folder["inherited"])
    let link = "/proc/self/fd/\(descriptor)"
    let name = try FileManager.default.destinationOfSymbolicLink(atPath: link)
    #expect(name.hasSuffix("/open") && !inherited.contains(name))
    #expect(inherited.count { $0.hasPrefix("pipe:") } >= 2)
  }

  /// Ctrl-C reaches all processes of a group.
  @Test func theGroupIsShared() throws {
    _ = try ask("cut -d ' ' -f 5 /proc/$$/stat > \(folder["group"]); exec cat", [1, 2, 3, 4])
    #expect(try lines(folder["group"]) == ["\(getpgrp())"])
  }

  private func lines(_ path: String) throws -> [String] {
    String(decoding: try readFile(path), as: UTF8.self).split(separator: "\n").map(String.init)
  }

  private func openFiles(_ process: String) -> [String] {
    let folder = "/proc/\(process)/fd"
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return names.compactMap {
      try? FileManager.default.destinationOfSymbolicLink(atPath: "\(folder)/\($0)")
    }
  }
}
