import Files
import Foundation
import TestSupport
import Testing

@Suite(.serialized) struct TrainAndSampleTests {
  private let scene: Scene

  init() throws { scene = try Scene() }

  @Test func aRunHoldsItsFiles() throws {
    let names = try FileManager.default.contentsOfDirectory(atPath: scene.run).sorted()
    #expect(
      names == [
        "checkpoint.safetensors", "config.json", "files.json", "metrics.csv",
        "statistics.safetensors", "steps.csv", "weights.safetensors",
      ])
  }

  @Test func interruptedAndResumed() throws {
    let run = scene.folder["new"]
    let training = try Command([
      "train", "vae", "--dataset", scene.data, "--out", run, "--latent", "2", "--epochs", "90000",
      "--batch", "100", "--device", "cpu",
    ])
    try #require(training.waitForOutput("\nepoch 1/90000 "))
    training.process.interrupt()
    let outcome = training.wait()
    #expect(outcome.status == 130)
    #expect(outcome.errors.isEmpty)
    #expect(outcome.output.contains("stopped\n"))
    #expect(outcome.output.contains("continue with: digitalis train vae --resume --out \(run)"))
    let epochs = try rows(run)
    #expect(epochs >= 1)
    #expect(try FileManager.default.contentsOfDirectory(atPath: run).count == 7)

    #expect(try digitalis("sample", "--run", run, "--out", scene.picture).status == 0)

    // Make it a run that was meant for one epoch more.
    let path = "\(run)/config.json"
    let text = String(decoding: try readFile(path), as: UTF8.self)
    try writeAtomically(
      text.replacingOccurrences(of: "90000", with: String(epochs + 1)), to: path)
    let resumed = try digitalis("train", "vae", "--resume", "--out", run, "--device", "cpu")
    #expect(resumed.status == 0, "\(resumed.errors)")
    #expect(resumed.output.contains("\nepoch \(epochs + 1)/\(epochs + 1) "))
    #expect(!resumed.output.contains("\nepoch \(epochs)/"))
    #expect(try rows(run) == epochs + 1)
    let further = try digitalis(
      "train", "vae", "--resume", "--epochs", "\(epochs + 2)", "--out", run, "--device", "cpu")
    #expect(further.status == 0)
    #expect(try rows(run) == epochs + 2)
  }

  private func rows(_ run: String) throws -> Int {
    String(decoding: try readFile("\(run)/metrics.csv"), as: UTF8.self).split(separator: "\n").count
      - 1
  }

  @Test func theSameCommandGivesTheSameWeights() throws {
    let run = scene.folder["again"]
    let outcome = try digitalis(
      "train", "vae", "--dataset", try Fixture.shared().data, "--out", run, "--latent", "2",
      "--epochs", "1", "--batch", "100", "--device", "cpu")
    #expect(outcome.status == 0)
    #expect(outcome.output.contains("test loss: reconstruction "))
    for name in ["weights.safetensors", "checkpoint.safetensors", "statistics.safetensors"] {
      #expect(try readFile("\(run)/\(name)") == readFile("\(scene.run)/\(name)"), "\(name)")
    }
  }

  @Test func overwriteStartsAnew() throws {
    let outcome = try digitalis(
      "train", "vae", "--dataset", scene.data, "--out", scene.run, "--overwrite", "--latent", "3",
      "--epochs", "1", "--objective", "mmd", "--device", "cpu")
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(outcome.output.contains("MMD-3: 300 training and 60 test images"))
    #expect(
      try digitalis("sample", "--run", scene.run, "--out", scene.picture, "--device", "cpu")
        .status == 0)
  }

  @Test func thePictureSaysHowItWasMade() throws {
    let outcome = try digitalis(
      "sample", "--run", scene.run, "--label", "7", "--count", "9", "--theta", "0.5", "--draws",
      "3", "--seed", "42", "--out", scene.picture, "--device", "cpu")
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(outcome.output.contains("9 images, 3 to a row"))
    let bytes = try readFile(scene.picture)
    let notes = try texts(bytes)
    #expect(notes["Software"] == "digitalis")
    #expect(notes["Run"] == scene.run)
    #expect(notes["Seed"] == "42")
    #expect(notes["Settings"] == "generator simple, theta 0.5, draws 3, labels 7, count 9")

    let again = scene.folder["again.png"]
    func sample(_ seed: String) throws -> [UInt8] {
      let outcome = try digitalis(
        "sample", "--run", scene.run, "--label", "7", "--count", "9", "--theta", "0.5", "--draws",
        "3", "--seed", seed, "--out", again, "--device", "cpu")
      #expect(outcome.status == 0)
      return try readFile(again)
    }
    #expect(try sample("42") == bytes)
    #expect(try sample("43") != bytes)
  }

  @Test func allLabelsAreOneToARow() throws {
    let outcome = try digitalis(
      "sample", "--run", scene.run, "--count", "2", "--out", scene.picture, "--device", "cpu")
    #expect(outcome.output.contains("20 images, 2 to a row"))
    #expect(try texts(readFile(scene.picture))["Settings"]?.contains("0 1 2 3 4 5 6 7 8 9") == true)
  }

  @Test func statisticsAreMadeAgainWhereTheyAreMissing() throws {
    let before = try readFile("\(scene.run)/statistics.safetensors")
    try scene.remove("run/statistics.safetensors")
    #expect(
      try digitalis("sample", "--run", scene.run, "--out", scene.picture, "--device", "cpu")
        .status == 0)
    #expect(try readFile("\(scene.run)/statistics.safetensors") == before)
  }

  @Test func devicesAreListed() throws {
    let outcome = try digitalis("devices")
    #expect(outcome.status == 0)
    #expect(outcome.output.contains("taken by auto"))
    #expect(outcome.output.split(separator: "\n").filter { $0.hasPrefix("*") }.count == 1)
  }

  /// The tEXt and iTXt chunks of a PNG file, by keyword.
  private func texts(_ png: [UInt8]) throws -> [String: String] {
    var notes: [String: String] = [:]
    var offset = 8
    while offset + 12 <= png.count {
      let length = png[offset..<offset + 4].reduce(0) { $0 << 8 | Int($1) }
      let kind = String(decoding: png[offset + 4..<offset + 8], as: UTF8.self)
      let body = png[offset + 8..<offset + 8 + length]
      if ["tEXt", "iTXt"].contains(kind) {
        let end = try #require(body.firstIndex(of: 0))
        // In iTXt two flags, a language and a translation stand before the text.
        let start = end + (kind == "tEXt" ? 1 : 5)
        notes[String(decoding: body[..<end], as: UTF8.self)] = String(
          decoding: body[start...], as: UTF8.self)
      }
      offset += 12 + length
    }
    return notes
  }
}
