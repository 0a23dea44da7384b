import Files
import Foundation
import TestSupport
import Testing

/// The commands after training: classifier, search, pictures of the latent space, the whole paper.
@Suite(.serialized) struct GenerateTests {
  private let scene: Scene

  init() throws { scene = try Scene() }

  private func succeed(_ arguments: String...) throws {
    let outcome = try digitalis(arguments + ["--device", "cpu"])
    #expect(outcome.status == 0, "\(arguments): \(outcome.errors)")
  }

  private func fail(_ arguments: String..., with text: String) throws {
    let outcome = try digitalis(arguments + ["--device", "cpu"])
    #expect(outcome.status != 0 && !outcome.wasKilled)
    #expect(
      outcome.errors.hasPrefix("Error: ") && outcome.errors.contains(text), "\(outcome.errors)")
    #expect(outcome.errors.split(separator: "\n").count == 1, "\(outcome.errors)")
  }

  @Test func searchedThetaIsUsedForSamples() throws {
    let run = scene.run
    try fail("search", "medium2", "--run", run, with: "digitalis train classifier --run \(run)")
    try fail(
      "sample", "--run", run, "--generator", "medium2", "--out", scene.picture,
      with: "digitalis search medium2 --run \(run)")
    try succeed("train", "classifier", "--run", run, "--epochs", "1", "--target", "0")
    try succeed(
      "train", "classifier", "--run", run, "--on", "real", "--epochs", "1", "--target", "0")
    for generator in ["simple", "medium1", "medium2"] {
      let search = [
        "search", generator, "--run", run, "--samples", "20", "--starts", "0",
        "--report-samples", "20", "--accuracy-weight", "1", "--device", "cpu",
      ]
      let first = try digitalis(search)
      #expect(first.status == 0, "\(first.errors)")
      #expect(first.output.contains("by the judge"))
      let history = try readFile("\(run)/search-\(generator).jsonl")
      let again = try digitalis(search)
      #expect(again.output == first.output, "what was searched is known")
      #expect(try readFile("\(run)/search-\(generator).jsonl") == history)
      try succeed("sample", "--run", run, "--generator", generator, "--out", scene.picture)
    }
    try succeed(
      "search", "medium1", "--run", run, "--order", "paper", "--candidates", "5", "--samples", "20",
      "--report-samples", "20")
    try fail("search", "simple", "--run", run, "--order", "paper", with: "--order paper")
    try fail("search", "simple", "--run", run, "--min-accuracy", "1.1", with: "--min-accuracy 1.1")
    try succeed(
      "search", "simple", "--run", run, "--samples", "20", "--report-samples", "20", "--spread",
      "means", "--theta-scale", "variance", "--cosine", "center")
    let found = String(decoding: try readFile("\(run)/search-simple.json"), as: UTF8.self)
    for text in ["\"spread\" : \"means\"", "\"theta\" : \"variance\"", "\"cosine\" : \"center\""] {
      #expect(found.contains(text), "\(text)")
    }
    try succeed("sample", "--run", run, "--generator", "simple", "--out", scene.picture)
    try succeed("export", "--run", run, "--samples", "20", "--out", scene.folder["model"])
    let other = try readFile("\(run)/search-medium2.json")
    try writeAtomically(
      String(decoding: other, as: UTF8.self).replacing(/\n *\],/, with: ",\n0.5],"),
      to: "\(run)/search-medium2.json")
    try fail(
      "sample", "--run", run, "--generator", "medium2", "--out", scene.picture,
      with: "no θ of 10 × 2")
    try fail(
      "sample", "--run", run, "--generator", "medium1", "--theta", "1", with: "--generator medium1")
  }

  /// What a search has scored when its power goes is not scored again.
  @Test func killedSearchGoesOn() throws {
    let run = scene.run
    try succeed("train", "classifier", "--run", run, "--epochs", "1", "--target", "0")
    let search = [
      "search", "medium2", "--run", run, "--samples", "200", "--starts", "0", "--report-samples",
      "20", "--accuracy-weight", "1", "--device", "cpu",
    ]
    let history = "\(run)/search-medium2.jsonl"
    let killed = try Command(search)
    let deadline = Date().addingTimeInterval(120)
    func lines() -> Int { (try? readFile(history).count { $0 == 10 }) ?? 0 }
    while lines() < 20 && killed.process.isRunning && Date() < deadline {
      Thread.sleep(forTimeInterval: 0.002)
    }
    kill(killed.process.processIdentifier, SIGKILL)
    #expect(killed.wait().wasKilled, "it was done already")
    let before = try readFile(history)
    let whole = before.prefix(through: before.lastIndex(of: 10) ?? 0)
    #expect(!FileManager.default.fileExists(atPath: "\(run)/search-medium2.json"))
    let resumed = try digitalis(search)
    #expect(resumed.status == 0, "\(resumed.errors)")
    let after = try readFile(history)
    #expect(after.starts(with: whole) && after.count > whole.count)
    try FileManager.default.removeItem(atPath: history)
    #expect(try digitalis(search).output == resumed.output)
    #expect(try readFile(history) == after)
  }

  @Test func picturesOfTheLatentSpace() throws {
    let options = ["--run", scene.run, "--out", scene.picture]
    for arguments in [
      ["interpolate", "--from", "label:1", "--to", "image:5"],
      ["traverse"], ["traverse", "--around", "label:3", "--steps", "5"],
      ["attribute", "--add", "label:1", "--subtract", "images:2,3", "--to", "images:4,5"],
      ["reconstruct"], ["reconstruct", "--of", "images:1,2"],
    ] {
      try? FileManager.default.removeItem(atPath: scene.picture)
      let outcome = try digitalis(arguments + options + ["--device", "cpu"])
      #expect(outcome.status == 0, "\(arguments): \(outcome.errors)")
      #expect(try readFile(scene.picture).starts(with: [0x89, 0x50, 0x4E, 0x47]))
    }
    for (arguments, text) in [
      (["interpolate", "--from", "label:10", "--to", "image:5"], "label:10"),
      (["interpolate", "--from", "label:1", "--to", "image:60"], "image:60"),
      (["attribute", "--add", "label:1", "--subtract", "label:2", "--to", "label:3"], "--to"),
      (["reconstruct", "--of", "label:1"], "--of"), (["traverse", "--steps", "1"], "--steps"),
    ] {
      let outcome = try digitalis(arguments + options + ["--device", "cpu"])
      #expect(
        outcome.status != 0 && outcome.errors.contains(text), "\(arguments): \(outcome.errors)")
      #expect(outcome.errors.split(separator: "\n").count == 1)
    }
  }

  @Test func thePackagedModelNeedsNoRun() throws {
    try succeed("sample", "--label", "7", "--count", "4", "--out", scene.picture)
    let first = try readFile(scene.picture)
    try succeed("sample", "--label", "7", "--count", "4", "--out", scene.picture)
    #expect(try readFile(scene.picture) == first)
    try fail("sample", "--generator", "medium2", with: "needs a --run")
  }

  @Test func theWholePaperOnAFewImages() throws {
    let out = scene.folder["paper"]
    let arguments = [
      "reproduce", "--quick", "--dataset", scene.data, "--out", out, "--device", "cpu",
    ]
    let interrupted = try Command(arguments)
    #expect(interrupted.waitForOutput("ELBO-2 "))
    interrupted.process.interrupt()
    #expect(interrupted.wait().status == 130)

    let outcome = try digitalis(arguments)
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(!outcome.output.contains("ELBO-2  test loss"), "it was trained before")
    let page = String(decoding: try readFile("\(out)/report.html"), as: UTF8.self)
    for text in ["ELBO-20 Simple", "MMD-10 Medium-2", "0.9200", "Figure 5"] {
      #expect(page.contains(text), "\(text)")
    }
    let results = try TrainedFiles.results(out)
    #expect(results.rows?.count == 6 && results.fronts?.count == 2)

    // The networks of another reproduction, which are not trained again, give the same search.
    let again = scene.folder["again"]
    let taken = try Command([
      "reproduce", "--quick", "--dataset", scene.data, "--device", "cpu", "--trained", out, "--out",
      again,
    ])
    #expect(taken.waitForOutput("MMD-20 Simple  "))
    taken.process.interrupt()
    #expect(!taken.wait().output.contains("classifier of"), "it was trained before")
    let search = "elbo20/search-simple.json"
    #expect(try readFile("\(again)/\(search)") == readFile("\(out)/\(search)"))
    try fail(
      "reproduce", "--quick", "--dataset", scene.data, "--trained", scene.folder.path,
      "--out", scene.folder["none"], with: "results.json")

    let other = try digitalis(arguments + ["--seed", "2"])
    #expect(other.status != 0 && other.errors.contains("name another --out"))
  }
}

/// What a reproduction leaves.
private enum TrainedFiles {
  struct Results: Decodable {
    struct Anything: Decodable {}
    var rows: [Anything]?
    var fronts: [Anything]?
  }

  static func results(_ folder: String) throws -> Results {
    try JSONDecoder().decode(Results.self, from: Data(try readFile("\(folder)/results.json")))
  }
}
