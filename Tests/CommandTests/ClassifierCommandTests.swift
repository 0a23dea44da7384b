import Files
import Foundation
import TestSupport
import Testing

/// Commands with a classifier of the user's.
@Suite(.serialized) struct ClassifierCommandTests {
  private let scene: Scene
  private var run: String { scene.run }
  private var log: String { scene.folder["log"] }

  init() throws { scene = try Scene() }

  /// The command of a program, whose every start adds a line to ``log``.
  private func program(_ body: String) throws -> String {
    let start = #"""
      if "started" not in globals():
          started = print(os.getpid(), file=open(LOG, "a"))

      """#
    return try ClassifierProgram.write(
      start.replacing("LOG", with: "'\(log)'") + body, to: scene.folder["program.py"])
  }

  private func starts() throws -> [Substring] {
    String(decoding: try readFile(log), as: UTF8.self).split(separator: "\n")
  }

  private func succeed(_ arguments: [String], _ command: String, wrapper: [String] = []) throws
    -> String
  {
    let outcome = try Command(
      arguments + ["--run", run, "--classifier", command, "--device", "cpu"], wrapper: wrapper
    ).wait()
    #expect(outcome.status == 0, "\(arguments): \(outcome.errors)")
    return outcome.output
  }

  /// All are of the class 3, be they what they may.
  private static let three =
    "write([[.9 if k == 3 else .1 / 9 for k in range(10)] for i in images])"

  @Test func itsWordCounts() throws {
    let command = try program(Self.three)
    let front = try succeed(
      [
        "front", "--generator", "simple", "--theta", "0.4", "--theta", "1", "--samples", "20",
      ], command)
    #expect(
      front.split(separator: "\n").suffix(2).allSatisfy { $0.contains(" 0.1000 ") }, "\(front)")
    #expect(try starts().count == 1)
    let search = try succeed(
      ["search", "simple", "--samples", "10", "--starts", "0", "--report-samples", "20"], command)
    #expect(search.contains("accuracy 0.1000 ±") && search.contains("no candidate reached"))
  }

  /// It answers a standard input of its own where that of the tool is closed.
  @Test func theStandardInputMayBeClosed() throws {
    let front = try succeed(
      ["front", "--generator", "simple", "--theta", "1", "--samples", "20"],
      try program(Self.three), wrapper: ["sh", "-c", "exec \"$@\" <&-", "sh"])
    #expect(front.contains(" 0.1000 "))
  }

  @Test func whatItDoubtsIsNotDrawn() throws {
    let sample = ["sample", "--count", "2", "--out", scene.picture, "--label"]
    let sure = try succeed(sample + ["3", "--min-confidence", "0.9"], try program(Self.three))
    #expect(sure.contains("refused 0.0 % of 64 draws: the program was less than 0.9 sure"))
    #expect(try starts().count == 1, "one program says what is kept and how sure it is")
    try expectFailure(
      ["--label", "4", "--min-confidence", "0.5"], try program(Self.three),
      saying: "class 4: only 0 of 448 draws")
    // Every other image of a batch.
    let half = """
      write([[(j % 2 == 0) / 10 + (j % 2) * (k == 4) for k in range(10)] for j in range(len(images))])
      """
    let some = try succeed(sample + ["4", "--min-confidence", "0.5"], try program(half))
    #expect(some.contains("refused 50.0 % of 64 draws"), "\(some)")
  }

  @Test func confidencesGoWithTheSamples() throws {
    let path = scene.folder["samples.npz"]
    _ = try succeed(["sample", "--count", "5", "--out", path], try program(Self.three))
    let check = """
      import io, struct, sys, zipfile
      data = zipfile.ZipFile(sys.argv[1]).read("confidence.npy")
      values = struct.unpack("<50f", data[-200:])
      print([i for i in range(50) if abs(values[i] - (0.9 if i // 5 == 3 else 1 / 90)) > 1e-6])
      """
    let process = Process()
    let output = Pipe()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["python3", "-c", check, path]
    process.standardOutput = output
    try process.run()
    let data = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    #expect(String(decoding: data, as: UTF8.self) == "[]\n")
  }

  @Test func generatorsAreEvaluated() throws {
    let train = try digitalis(
      "train", "classifier", "--run", run, "--on", "real", "--epochs", "1", "--target", "0",
      "--device", "cpu")
    #expect(train.status == 0, "\(train.errors)")
    let output = try succeed(
      [
        "evaluate", "--generator", "simple", "--samples", "20", "--classification-epochs", "0",
        "--out", scene.folder["evaluation"], "--min-confidence", "0",
      ], try program(Self.three))
    #expect(output.contains("confidence 0.0 by the program"), "\(output)")
    #expect(try starts().count == 1)
  }

  // MARK: What goes wrong

  /// Runs a sampling that must fail, with one line of the tool's own, and leave all as it was.
  private func expectFailure(
    _ options: [String], _ command: String, status: Int32 = 1, saying texts: String...,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let before = try scene.contents().filter { !["log", "program.py"].contains($0.key) }
    let outcome = try digitalis(
      [
        "sample", "--run", run, "--count", "2", "--out", scene.picture, "--device", "cpu",
        "--classifier", command,
      ] + options)
    let errors = outcome.errors.split(separator: "\n")
    #expect(!outcome.wasKilled && outcome.status == status, sourceLocation: sourceLocation)
    #expect(
      errors.count { $0.hasPrefix("Error: ") } == 1, "\(errors)", sourceLocation: sourceLocation)
    for text in texts {
      #expect(errors.last?.contains(text) == true, "\(errors)", sourceLocation: sourceLocation)
    }
    let after = try scene.contents().filter { !["log", "program.py"].contains($0.key) }
    #expect(after == before, sourceLocation: sourceLocation)
  }

  @Test func failuresAreOneLine() throws {
    let guided = ["--min-confidence", "0.5"]
    try expectFailure(
      guided, "no-such-program model", saying: "Error: no-such-program model: ", "status 127",
      "no such program; check its name and PATH")
    try expectFailure(
      guided, "echo done", saying: #"echo done: wrote "done" where"#, "standard error")
    try expectFailure(
      guided, try program("print('no model', file=sys.stderr); sys.exit(7)"),
      saying: "ended with status 7 before it answered", "is above")
    try expectFailure(
      guided, try program("write([[3] * 10 for i in images])"), saying: "3.0 for class 0", "softmax"
    )
    try expectFailure(
      guided + ["--classifier-timeout", "1"], "exec sleep 1000",
      saying: "gave no answer within 1 s",
      "--classifier-timeout")
  }

  @Test func optionsAreChecked() throws {
    try expectFailure(
      ["--classifier-timeout", "0"], "cat", status: 64, saying: "--classifier-timeout 0", "between")
    try expectFailure(
      ["--classifier-timeout", "nan"], "cat", status: 64, saying: "--classifier-timeout nan")
    try expectFailure([], "cat", status: 64, saying: "--classifier cat: needs --min-confidence")
    try expectFailure(["--by", "judge"], "cat", status: 64, saying: "cannot go with --by judge")
    let outcome = try digitalis(
      "front", "--run", run, "--generator", "simple", "--classifier-timeout", "9")
    expectOneLine(outcome, ["--classifier-timeout 9", "needs a --classifier"])
    #expect(outcome.status == 64)
  }

  /// A terminal tells all processes of a group of Ctrl-C.
  private static let ownGroup = [
    "python3", "-c", "import os, sys; os.setpgid(0, 0); os.execvp(sys.argv[1], sys.argv[1:])",
  ]

  private func interrupt(_ arguments: [String], _ body: String) throws -> (Outcome, pid: String) {
    let command = try Command(
      arguments + ["--run", run, "--classifier", try program(body), "--device", "cpu"],
      wrapper: Self.ownGroup)
    let deadline = Date().addingTimeInterval(300)
    while (try? starts().isEmpty) ?? true, command.process.isRunning, Date() < deadline {
      Thread.sleep(forTimeInterval: 0.005)
    }
    let pid = String(try #require(try starts().first))
    kill(-command.process.processIdentifier, SIGINT)
    return (command.wait(), pid)
  }

  @Test func controlCEndsBoth() throws {
    let (outcome, pid) = try interrupt(
      ["front", "--generator", "simple", "--samples", "20"], "time.sleep(1000)")
    #expect(outcome.wasKilled && outcome.status == SIGINT, "\(outcome.errors)")
    #expect(isGone(pid))
  }

  /// The end of the program is no failure then.
  @Test func controlCStopsASearch() throws {
    let (outcome, pid) = try interrupt(
      ["search", "simple", "--samples", "10", "--starts", "0"], "time.sleep(1000)")
    #expect(outcome.status == 130 && !outcome.wasKilled, "\(outcome.errors)")
    #expect(outcome.output.contains("stopped; start the same search again"), "\(outcome.output)")
    #expect(!outcome.errors.contains("Error: "), "\(outcome.errors)")
    #expect(isGone(pid))
  }
}
