import Files
import Foundation
import TestSupport
import Testing

/// `--profile`, as a user sees it.
@Suite(.serialized) struct ProfileTests {
  private let scene: Scene
  private var trace: String { scene.folder["trace.json"] }
  private var run: String { scene.folder["new"] }

  init() throws { scene = try Scene() }

  private func training(_ run: String, epochs: Int, _ options: [String] = []) -> [String] {
    [
      "train", "vae", "--dataset", scene.data, "--out", run, "--latent", "2", "--epochs",
      "\(epochs)", "--batch", "20", "--device", "cpu",
    ] + options
  }

  /// The time that each row of the table shows, in nanoseconds, and the last digit's worth.
  private func table(in output: String) -> [String: (time: Double, digit: Double)] {
    let units = ["µs": (1e3, 1), "ms": (1e6, 2), "s": (1e9, 2)]
    let lines = output.split(separator: "\n").drop { !$0.hasPrefix("operation ") }.dropFirst()
    return lines.reduce(into: [:]) { rows, line in
      let cells = line.split(separator: #/ {2,}/#)
      for cell in cells.dropFirst() {
        let words = cell.split(separator: " ")
        guard words.count == 2, let number = Double(words[0]), let unit = units[String(words[1])]
        else { continue }
        rows[String(cells[0])] = (number * unit.0, unit.0 / pow(10, Double(unit.1)))
        return
      }
    }
  }

  @Test func theTableShowsWhatTheTraceHolds() throws {
    let outcome = try digitalis(training(run, epochs: 2, ["--profile", trace]))
    #expect(outcome.status == 0, "\(outcome.errors)")
    let rows = table(in: outcome.output)
    let times = try TraceFile(trace).times
    #expect(rows.count > 20 && outcome.output.contains("profile: \(trace)"))
    for (name, row) in rows where !["in no operation", "all"].contains(name) {
      if name.hasSuffix(" others") { continue }
      let time = try #require(times[name], "\(name)")
      #expect(abs(Double(time) - row.time) <= row.digit, "\(name) \(time) \(row)")
    }
    let shown = rows.keys.filter { times[$0] != nil }
    let others = times.filter { !shown.contains($0.key) }.reduce(0) { $0 + $1.value }
    if let row = rows.first(where: { $0.key.hasSuffix(" others") })?.value {
      #expect(abs(Double(others) - row.time) <= row.digit)
    }
    let (all, idle) = (try #require(rows["all"]), try #require(rows["in no operation"]))
    let sum = Double(times.values.reduce(0, +)) + idle.time
    #expect(abs(all.time - sum) <= all.digit + idle.digit)
    // The peaks were measured.
    #expect(outcome.output.contains(#/matmul 20x784x500 NN +\d.* %  +\d.*  +\d.* %  /#))

    // A trace replaces a trace; nothing else changes what is trained.
    #expect(try digitalis(training(scene.folder["second"], epochs: 2)).status == 0)
    for name in ["weights.safetensors", "checkpoint.safetensors", "steps.csv", "config.json"] {
      #expect(
        try readFile("\(run)/\(name)") == readFile("\(scene.folder["second"])/\(name)"), "\(name)")
    }
    #expect(
      try digitalis(training(scene.folder["third"], epochs: 1, ["--profile", trace])).status == 0)
    #expect(try TraceFile(trace).overlaps.isEmpty)
  }

  @Test func everyLongCommandTakesIt() throws {
    let commands = [
      ["train", "classifier", "--run", scene.run, "--on", "real", "--epochs", "1"],
      ["train", "gan", "--dataset", scene.data, "--out", run, "--epochs", "1"],
      ["fit", "gaussian", "--run", scene.run],
      ["sample", "--run", scene.run, "--out", scene.picture],
      ["bench", "--only", "matmul", "--matching", "64x64x64", "--seconds", "0", "--no-peak"],
    ]
    for command in commands {
      let outcome = try digitalis(command + ["--device", "cpu", "--profile", trace])
      #expect(outcome.status == 0, "\(outcome.errors)")
      #expect(outcome.output.contains("in no operation"), "\(outcome.output)")
      let read = try TraceFile(trace)
      #expect(read.overlaps.isEmpty && !read.times.isEmpty)
    }
  }

  @Test func badPathsBeforeAnythingIsDone() throws {
    try writeAtomically("notes", to: scene.folder["notes.txt"])
    try scene.expectUnchanged {
      for (path, texts) in [
        (scene.folder["none/t.json"], ["there is no folder \(scene.folder["none"])"]),
        (scene.folder.path, ["it is a folder"]),
        (scene.folder["notes.txt"], ["is something else, not a trace", "name another file"]),
        ("\(scene.run)/config.json", ["belongs to the run"]),
        ("\(scene.folder["notes.txt"])/t.json", ["is not a folder"]),
      ] {
        for command in [training(run, epochs: 1), ["sample", "--out", scene.picture]] {
          let outcome = try digitalis(command + ["--profile", path])
          expectOneLine(outcome, texts + [path])
          #expect(outcome.status == 64)
        }
      }
      try expectFailure("tune", "--profile", trace, saying: ["--profile", trace])
      try expectFailure(
        "bench", "--json", "--profile", trace, saying: ["--profile", trace, "--json"])
    }
  }

  /// The work is done and saved; the trace is not, which is said.
  @Test func aFullDisk() throws {
    let outcome = try digitalis(training(run, epochs: 1, ["--profile", "/dev/full"]))
    expectOneLine(outcome, ["/dev/full", "No space left on device"])
    #expect(outcome.status == 1 && outcome.output.contains("saved in \(run)"))
    #expect(outcome.output.contains("in no operation"))
    #expect(access("\(run)/weights.safetensors", F_OK) == 0)
  }

  @Test(arguments: [SIGINT, SIGTERM, SIGQUIT])
  func trainingThatIsStopped(_ signal: Int32) throws {
    let command = try Command(training(run, epochs: 90_000, ["--profile", trace]))
    try #require(command.waitForOutput("\nepoch 1/90000 "))
    kill(command.process.processIdentifier, signal)
    let outcome = command.wait()
    #expect(outcome.status == 130 && outcome.output.contains("in no operation"))
    let read = try TraceFile(trace)
    #expect(read.overlaps.isEmpty && read.events.contains { $0.name == "training step" })
  }

  /// A command that doesn't save ends as it would without a trace, which is whole.
  @Test(arguments: [SIGINT, SIGTERM, SIGHUP, SIGQUIT])
  func otherWorkThatIsStopped(_ signal: Int32) throws {
    var ignored = sigaction()
    sigaction(signal, nil, &ignored)
    // Under nohup the tool inherits that.
    guard signal != SIGHUP || ignored.__sigaction_handler.sa_handler == nil else { return }
    let command = try Command([
      "sample", "--run", scene.run, "--count", "500000", "--out", scene.folder["samples.npz"],
      "--device", "cpu", "--profile", trace,
    ])
    let deadline = Date().addingTimeInterval(60)
    while (try? fileSize(trace)) ?? 0 == 0 && Date() < deadline && command.process.isRunning {
      Thread.sleep(forTimeInterval: 0.01)
    }
    kill(command.process.processIdentifier, signal)
    let outcome = command.wait()
    #expect(outcome.wasKilled == (signal != SIGQUIT), "\(outcome)")
    #expect(outcome.status == (signal == SIGQUIT ? 128 + SIGQUIT : signal), "\(outcome)")
    #expect(outcome.output.contains("in no operation"))
    #expect(try !TraceFile(trace).times.isEmpty)
  }

  @Test func trainingThatIsKilled() throws {
    let command = try Command(training(run, epochs: 90_000, ["--profile", trace]))
    try #require(command.waitForOutput("\nepoch 2/90000 "))
    kill(command.process.processIdentifier, SIGKILL)
    #expect(command.wait().wasKilled)
    let bytes = Data(try readFile(trace))
    #expect(bytes.last != UInt8(ascii: "]"))
    #expect(try TraceFile.readable(bytes).contains { $0.name == "epoch 1" })
  }
}
