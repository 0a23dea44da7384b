import Files
import Foundation
import TestSupport
import Testing

/// Baselines and the evaluation of generators.
@Suite(.serialized) struct EvaluateTests {
  private let scene: Scene
  private var out: String { scene.folder["evaluation"] }

  init() throws { scene = try Scene() }

  private func succeed(_ arguments: [String]) throws -> String {
    let outcome = try digitalis(arguments + ["--device", "cpu"])
    #expect(outcome.status == 0, "\(arguments): \(outcome.errors)")
    return outcome.output
  }

  private func fail(_ arguments: [String], saying texts: String...) throws {
    try scene.expectUnchanged {
      expectOneLine(try digitalis(arguments + ["--device", "cpu"]), texts)
    }
  }

  private func baseline(_ kind: String, _ options: String...) throws -> String {
    try succeed(
      [
        "train", kind, "--dataset", scene.data, "--out", scene.folder[kind], "--epochs", "1",
        "--latent", "2",
      ] + options)
  }

  private func trainClassifiers() throws {
    for option in ["reconstructions", "real"] {
      _ = try succeed([
        "train", "classifier", "--run", scene.run, "--on", option, "--epochs", "1", "--target",
        "0",
      ])
    }
  }

  private func rows(_ folder: String) throws -> [[String: Any]] {
    let data = Data(try readFile("\(folder)/results.json"))
    let results = try JSONSerialization.jsonObject(with: data) as? [String: Any]
    return try #require(results?["rows"] as? [[String: Any]])
  }

  @Test func generatorsBesideBaselinesAndReferences() throws {
    try trainClassifiers()
    #expect(try baseline("cvae").contains("Conditional VAE: 300 images"))
    #expect(try baseline("gan").contains("epoch 1/1  discriminator "))
    let command = [
      "evaluate", "--run", scene.run, "--generator", "simple", "--against", scene.folder["cvae"],
      "--against", scene.folder["gan"], "--against", "\(scene.run):simple", "--samples", "20",
      "--classification-epochs", "1", "--keep-samples", "--out",
    ]
    let output = try succeed(command + [out])
    let names = [
      "real test images", "reconstructions", "simple", "Conditional VAE", "Conditional GAN",
      "\(scene.run):simple",
    ]
    let rows = try rows(out)
    #expect(rows.map { $0["name"] as? String } == names)
    for name in names { #expect(output.contains("\n\(name)  "), "\(name) in \(output)") }
    let report = String(decoding: try readFile("\(out)/report.html"), as: UTF8.self)
    for text in names + ["Nearest training images", "Fréchet", "<svg"] {
      #expect(report.contains(text), "\(text)")
    }
    let files = try FileManager.default.contentsOfDirectory(atPath: out)
    #expect(files.filter { $0.hasSuffix(".png") }.count == 6)
    #expect(files.filter { $0.hasSuffix(".safetensors") }.count == 7)

    // The same generator under another name scores the same, and so does the same command.
    func scores(_ row: [String: Any]) -> NSDictionary {
      var row = row
      row["name"] = nil
      row["seconds"] = nil
      return row as NSDictionary
    }
    #expect(scores(rows[2]) == scores(rows[5]))
    #expect(scores(rows[2]) != scores(rows[3]))
    let again = scene.folder["again"]
    #expect(try succeed(command + [again]).contains("simple"))
    #expect(try self.rows(again).map(scores) == rows.map(scores))

    _ = try succeed([
      "evaluate", "--run", scene.folder["cvae"], "--classifiers", scene.run, "--samples", "20",
      "--classification-epochs", "0", "--out", out,
    ])
    #expect(try self.rows(out).map { $0["name"] as? String } == Array(names[..<2]) + [names[3]])
    try fail(
      ["evaluate", "--run", scene.folder["gan"], "--out", out], saying: "--classifiers",
      scene.folder["gan"])
    try fail(
      [
        "evaluate", "--run", scene.folder["gan"], "--generator", "simple", "--classifiers",
        scene.run, "--out", out,
      ], saying: "--generator simple", "baseline")
    try fail(
      [
        "evaluate", "--run", scene.run, "--generator", "simple", "--against",
        "\(scene.folder["gan"]):simple", "--out", out,
      ], saying: scene.folder["gan"], "name its folder alone")
    try fail(
      ["evaluate", "--run", scene.run, "--generator", "magic", "--out", out], saying: "magic")
    try fail(
      [
        "evaluate", "--run", scene.run, "--generator", "simple", "--against", "nowhere:simple",
        "--out", out,
      ], saying: "nowhere: no such run")
    try scene.edit("gan/config.json") { $0.removeFirst(9) }
    try fail(
      [
        "evaluate", "--run", scene.run, "--generator", "simple", "--against",
        scene.folder["gan"], "--out", out,
      ], saying: "no such generator")
  }

  @Test func guidedGeneratorsHaveRowsOfTheirOwn() throws {
    try trainClassifiers()
    _ = try baseline("cvae")
    let command = [
      "evaluate", "--run", scene.run, "--generator", "simple", "--against", scene.folder["cvae"],
      "--samples", "20", "--classification-epochs", "0", "--by", "judge", "--out", out,
      "--min-confidence",
    ]
    let output = try succeed(command + ["0.01"])
    let guided = "simple, confidence 0.01 by the judge"
    #expect(output.contains("refused") && output.contains("\n\(guided)  "))
    let rows = try rows(out)
    #expect(rows[2...].map { $0["name"] as? String } == ["simple", guided, "Conditional VAE"])
    let shares = rows.map { $0["refusedShare"] as? Double }
    #expect(shares.indices.filter { shares[$0] != nil } == [3])
    #expect((0..<1).contains(try #require(shares[3])))
    try fail(command + ["1.5"], saying: "--min-confidence 1.5")
  }

  @Test func whatIsMissingIsNamed() throws {
    let command = ["evaluate", "--run", scene.run, "--out", scene.folder["data"]]
    try fail(command, saying: "--generator")
    try fail(
      command + ["--generator", "simple"], saying: "digitalis train classifier --run \(scene.run)")
    try fail(command + ["--generator", "simple", "--samples", "1"], saying: "--samples 1")
  }

  @Test func baselinesReplaceOnlyBaselines() throws {
    let first = try baseline("cvae")
    try fail(
      ["train", "cvae", "--dataset", scene.data, "--out", scene.folder["cvae"]],
      saying: "already holds a run", "--overwrite")
    try fail(
      ["train", "gan", "--dataset", scene.data, "--out", scene.run, "--overwrite"],
      saying: "holds a run of an autoencoder", "another folder")
    try fail(
      ["train", "gan", "--dataset", scene.data, "--out", scene.folder["gan"], "--epochs", "0"],
      saying: "--epochs 0")
    let weights = try readFile("\(scene.folder["cvae"])/weights.safetensors")
    let second = try baseline("cvae", "--overwrite")
    #expect(first.split(separator: "\n").count == second.split(separator: "\n").count)
    #expect(try readFile("\(scene.folder["cvae"])/weights.safetensors") == weights)
    _ = try baseline("cvae", "--overwrite", "--seed", "2")
    #expect(try readFile("\(scene.folder["cvae"])/weights.safetensors") != weights)
  }

  @Test(arguments: ["cvae", "gan"]) func baselinesGoOn(_ kind: String) throws {
    let (folder, other) = (scene.folder[kind], kind == "gan" ? "cvae" : "gan")
    let resume = ["train", kind, "--resume", "--out", folder]
    try fail(resume, saying: folder, "holds no run to resume")
    _ = try baseline(kind)
    #expect(try succeed(resume + ["--epochs", "2"]).contains("epoch 2/2 "))
    let (weights, losses) = (
      try readFile("\(folder)/weights.safetensors"), try readFile("\(folder)/metrics.csv"),
    )
    #expect(losses.count { $0 == UInt8(ascii: "\n") } == 3)
    // All is done already.
    #expect(try !succeed(resume).contains("epoch "))
    #expect(try readFile("\(folder)/weights.safetensors") == weights)
    _ = try succeed([
      "train", kind, "--dataset", scene.data, "--out", folder, "--epochs", "2", "--latent", "2",
      "--overwrite",
    ])
    #expect(try readFile("\(folder)/weights.safetensors") == weights)

    try fail(
      ["train", other, "--resume", "--out", folder],
      saying: folder, "digitalis train \(kind) --resume --out \(folder)")
    try fail(resume + ["--overwrite"], saying: "--overwrite", "give one of them")
    unlink("\(folder)/checkpoint.safetensors")
    try fail(resume, saying: "checkpoint.safetensors")
  }
}
