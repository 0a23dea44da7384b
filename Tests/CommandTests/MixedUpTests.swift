import Files
import Foundation
import TestSupport
import Testing

/// Files and data that do not belong to the run that they are in.
@Suite struct MixedUpTests {
  private let scene: Scene
  private var other: String { scene.folder["other"] }

  init() throws { scene = try Scene() }

  private func succeed(_ arguments: String...) throws {
    let outcome = try digitalis(arguments + ["--device", "cpu"])
    try #require(outcome.status == 0, "\(arguments): \(outcome.errors)")
  }

  private func fail(_ arguments: String..., saying texts: String...) throws {
    try scene.expectUnchanged {
      expectOneLine(try digitalis(arguments + ["--device", "cpu"]), texts)
    }
  }

  private func trainOther() throws {
    try succeed(
      "train", "vae", "--dataset", scene.data, "--out", other, "--latent", "2", "--epochs", "1",
      "--batch", "100", "--seed", "7")
  }

  private func take(_ name: String, from run: String, to target: String) throws {
    try writeAtomically(try readFile("\(run)/\(name)"), to: "\(target)/\(name)")
  }

  @Test func filesOfAnotherRun() throws {
    try trainOther()
    try succeed("fit", "gaussian", "--run", other)
    try succeed("train", "classifier", "--run", other, "--epochs", "1", "--target", "0")
    try take("weights.safetensors", from: scene.run, to: other)
    try fail(
      "sample", "--run", other, "--out", scene.picture,
      saying: "weights.safetensors", "seed 1 instead of 7")
    try trainOtherAgain()

    try take("checkpoint.safetensors", from: scene.run, to: other)
    try fail(
      "train", "vae", "--resume", "--out", other, saying: "checkpoint.safetensors", "seed 1")
    try trainOtherAgain()

    try succeed("fit", "gaussian", "--run", scene.run)
    for name in ["generator-gaussian.safetensors", "statistics.safetensors"] {
      try take(name, from: scene.run, to: other)
      try fail(
        "sample", "--run", other, "--generator", "gaussian", "--out", scene.picture,
        saying: name, "was made from other weights")
    }
  }

  private func trainOtherAgain() throws {
    try FileManager.default.removeItem(atPath: other)
    try trainOther()
  }

  @Test func otherPixels() throws {
    try scene.useOwnData()
    try trainOther()
    try scene.edit("data/train-images-idx3-ubyte") { $0[$0.count - 1] ^= 1 }
    try fail(
      "train", "vae", "--resume", "--epochs", "2", "--out", other,
      saying: scene.data, "train images or labels")
    try fail("fit", "gaussian", "--run", other, saying: scene.data, "train images or labels")
  }

  @Test func fewerEpochsThanThereWere() throws {
    try trainOther()
    try succeed("train", "vae", "--resume", "--epochs", "3", "--out", other)
    try fail(
      "train", "vae", "--resume", "--epochs", "2", "--out", other,
      saying: "has had 3 epochs already", "more than the 2 wanted")
    // Fewer than it was set up for, and as many as it has had: it ends there.
    let path = "\(other)/config.json"
    let text = String(decoding: try readFile(path), as: UTF8.self)
    try writeAtomically(
      text.replacingOccurrences(of: "\"epochs\" : 3", with: "\"epochs\" : 90"), to: path)
    try succeed("train", "vae", "--resume", "--epochs", "4", "--out", other)
    let metrics = String(decoding: try readFile("\(other)/metrics.csv"), as: UTF8.self)
    #expect(metrics.split(separator: "\n").count == 5)
  }

  @Test func whatIsLostComesBack() throws {
    try trainOther()
    let names = ["config.json", "weights.safetensors", "metrics.csv", "steps.csv"]
    let before = try names.map { try readFile("\(other)/\($0)") }
    for (name, contents) in zip(names, before) {
      unlink("\(other)/\(name)")
      let outcome = try digitalis(
        "train", "vae", "--resume", "--out", other, "--device", "cpu")
      #expect(outcome.status == 0, "\(outcome.errors)")
      #expect(outcome.output.contains("restored \(other)/\(name) from the checkpoint\n"))
      if name != "metrics.csv" { #expect(try readFile("\(other)/\(name)") == contents) }
    }
  }

  /// The folder holds files of the user under the names of a run.
  @Test func filesOfTheUserStay() throws {
    let folder = scene.folder["mine"]
    try makeFolder(folder)
    for name in ["classifier.safetensors", "weights.safetensors", "draft.999999.tmp"] {
      try writeAtomically("mine", to: "\(folder)/\(name)")
    }
    for flags in [[], ["--overwrite"]] {
      try scene.expectUnchanged {
        expectOneLine(
          try digitalis(
            ["train", "vae", "--dataset", scene.data, "--out", folder, "--device", "cpu"] + flags),
          [folder, "holds classifier.safetensors, draft.999999.tmp and weights", "empty folder"])
      }
    }
    // One that lost its configuration is a run nevertheless.
    try trainOther()
    unlink("\(other)/config.json")
    try fail(
      "train", "vae", "--dataset", scene.data, "--out", other, saying: "already holds a run")
    try fail("sample", "--run", other, saying: "no configuration", "--resume")
    // A file of the user under a name that a later command wants.
    try writeAtomically("{\"program\": \"digitalis\", \"files\": []}", to: "\(other)/files.json")
    try writeAtomically("mine", to: "\(other)/judge.safetensors")
    try fail(
      "train", "vae", "--resume", "--out", other, saying: "holds no run")
  }
}
