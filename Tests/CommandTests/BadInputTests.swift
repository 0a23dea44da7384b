import Files
import Foundation
import TestSupport
import Testing

/// Each ends with one line that names the thing and the remedy, and leaves what was there alone.
@Suite(.serialized) struct BadInputTests {
  private let scene: Scene

  init() throws { scene = try Scene() }

  private func expectSampleFails(
    _ options: String..., saying texts: [String],
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    try scene.expectUnchanged(sourceLocation: sourceLocation) {
      let command = ["sample", "--run", scene.run, "--out", scene.picture, "--device", "cpu"]
      let outcome = try Command(command + options).wait()
      expectOneLine(outcome, texts, sourceLocation: sourceLocation)
    }
  }

  private func expectTrainingFails(
    _ options: String..., saying texts: [String],
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    try scene.expectUnchanged(sourceLocation: sourceLocation) {
      let command = ["train", "vae", "--epochs", "1", "--latent", "2"]
      let outcome = try Command(command + options).wait()
      expectOneLine(outcome, texts, sourceLocation: sourceLocation)
    }
  }

  // MARK: Options

  @Test(arguments: ["12", "-1", "10"])
  func labels(_ label: String) throws {
    try expectSampleFails("--label", label, saying: ["--label \(label)", "between 0 and 9"])
  }

  @Test func classesByName() throws {
    try scene.edit("run/config.json") { bytes in
      let text = String(decoding: bytes, as: UTF8.self)
      bytes = Array(
        text.replacing("\"0\"", with: "\"Trouser\"").replacing("\"9\"", with: "\"Ankle boot\"").utf8
      )
    }
    try expectSampleFails("--label", "Trousers", saying: ["--label Trousers", "Trouser, 1, 2"])
    let outcome = try digitalis(
      "sample", "--run", scene.run, "--label", "ankle boot", "--out", scene.picture, "--device",
      "cpu")
    #expect(outcome.status == 0, "\(outcome.errors)")
  }

  @Test func thetas() throws {
    try expectSampleFails("--theta", "-1", saying: ["--theta -1", "between 0"])
    try expectSampleFails("--theta=-1", saying: ["--theta -1", "between 0"])
    try expectSampleFails("--theta", "nan", saying: ["--theta nan"])
  }

  @Test func countsAndDraws() throws {
    try expectSampleFails("--count", "0", saying: ["--count 0"])
    try expectSampleFails("--draws", "0", saying: ["--draws 0"])
  }

  @Test(arguments: [
    ("--latent", "0"), ("--latent", "-3"), ("--latent", "1001"), ("--epochs", "0"),
    ("--batch", "0"),
    ("--learning-rate", "-1"), ("--learning-rate", "nan"), ("--kernel-width", "0"),
    ("--log-every", "0"),
  ])
  func trainingOptions(_ option: String, _ value: String) throws {
    try expectTrainingFails(
      "--dataset", scene.data, "--out", scene.folder["new"], option, value,
      saying: ["\(option) \(value)", "must be between"])
  }

  @Test func optionsThatDoNotGoTogether() throws {
    try expectFailure("devices", "--quick", saying: ["--quick", "add --check"])
    try expectFailure("bench", "--only", "peak", "--no-peak", saying: ["--no-peak", "--only peak"])
  }

  // MARK: Devices

  @Test func devicesThatAreNotThere() throws {
    try expectSampleFails("--device", "opencl:9", saying: ["--device opencl:9", "cpu ("])
    try expectSampleFails("--device", "Voodoo", saying: ["--device Voodoo", "cpu ("])
    try scene.expectUnchanged {
      try expectFailure(
        "train", "vae", "--dataset", scene.data, "--out", scene.run, "--overwrite", "--device",
        "opencl:9", saying: ["--device opencl:9"])
    }
  }

  @Test func noDriverAtAll() throws {
    let drivers = scene.folder["drivers"]
    try makeFolder(drivers)
    let environment = ["OCL_ICD_VENDORS": drivers, "OPENCL_VENDOR_PATH": drivers]
    let list = try digitalis("devices", environment: environment)
    #expect(list.status == 0)
    #expect(list.errors.isEmpty)
    #expect(list.output.contains("cpu"))
    #expect(list.output.contains("note: no OpenCL driver is installed"))
    #expect(!list.output.contains("opencl:0"))

    let out = scene.folder["new"]
    let outcome = try digitalis(
      "train", "vae", "--dataset", scene.data, "--out", out, "--latent", "2", "--epochs", "1",
      environment: environment)
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(outcome.output.hasPrefix("device: cpu, "))
    try scene.expectUnchanged {
      try expectFailure(
        "sample", "--run", out, "--out", scene.picture, "--device", "opencl",
        environment: environment,
        saying: ["--device opencl", "no OpenCL driver is installed", "cpu ("])
    }
  }

  // MARK: Runs

  @Test func noRun() throws {
    let run = scene.folder["nowhere"]
    try expectFailure(
      "sample", "--run", run, "--out", scene.picture,
      saying: [run, "no such run", "digitalis train vae"])
    try expectTrainingFails(
      "--resume", "--out", run, saying: [run, "no run to resume", "without --resume"])
  }

  @Test func aFolderThatIsNoRun() throws {
    try scene.expectUnchanged {
      try expectFailure(
        "sample", "--run", scene.data, "--out", scene.picture,
        saying: ["config.json", "no configuration", "the folder of a run"])
    }
  }

  @Test func noWeights() throws {
    try scene.remove("run/weights.safetensors")
    try expectSampleFails(saying: ["weights.safetensors", "no weights", "--resume"])
  }

  @Test func noCheckpoint() throws {
    try scene.remove("run/checkpoint.safetensors")
    try expectTrainingFails(
      "--resume", "--out", scene.run, saying: ["checkpoint.safetensors", "no such file"])
  }

  @Test func weightsOfAnotherLatentSize() throws {
    try scene.edit("run/config.json") { bytes in
      let text = String(decoding: bytes, as: UTF8.self)
      bytes = Array(
        text.replacingOccurrences(
          of: "\"latentDimension\" : 2", with: "\"latentDimension\" : 3"
        ).utf8)
    }
    try expectSampleFails(saying: [
      "weights.safetensors", "shape.latentDimension 2 instead of 3", "config.json",
    ])
    try expectTrainingFails(
      "--resume", "--out", scene.run,
      saying: ["checkpoint.safetensors", "shape.latentDimension 2 instead of 3"])
  }

  @Test func brokenWeights() throws {
    let name = "run/weights.safetensors"
    try scene.edit(name) { $0.replaceSubrange($0.count - 4..<$0.count, with: [0, 0, 0xC0, 0x7F]) }
    try expectSampleFails(saying: ["weights.safetensors", "nan"])
    try scene.edit(name) { $0.removeLast(1000) }
    try expectSampleFails(saying: ["weights.safetensors", "truncated"])
    try scene.edit(name) { $0 = Array("not at all".utf8) }
    try expectSampleFails(saying: ["weights.safetensors", "not a safetensors file"])
    try scene.edit(name) { $0 = [] }
    try expectSampleFails(saying: ["weights.safetensors", "too short"])
  }

  @Test(arguments: ["", "{}", "[", "{\"shape\": 7}", "null", "[]", "true"])
  func brokenConfigurations(_ text: String) throws {
    try scene.edit("run/config.json") { $0 = Array(text.utf8) }
    try expectSampleFails(saying: ["config.json", "not a configuration"])
  }

  @Test(arguments: [
    ("null", "the whole has the wrong type"), ("{\"shape\": {}}", "shape.pixels is missing"),
    ("{\"shape\": null}", "shape has the wrong type"),
  ])
  func brokenConfigurationsAreNamed(_ text: String, _ why: String) throws {
    try scene.edit("run/config.json") { $0 = Array(text.utf8) }
    try expectSampleFails(saying: ["config.json: is not a configuration: \(why);"])
  }

  @Test func brokenStatistics() throws {
    try scene.edit("run/statistics.safetensors") { $0.removeLast(4) }
    try expectSampleFails(saying: ["statistics.safetensors", "truncated"])
  }

  @Test func statisticsThatCannotBeMadeAgain() throws {
    try scene.remove("run/statistics.safetensors")
    try FileManager.default.moveItem(atPath: scene.data, toPath: scene.folder["moved"])
    try scene.useOwnData()
    try expectSampleFails(saying: [scene.data, "no such file or folder"])
  }

  @Test func anExistingRunIsNotOverwritten() throws {
    try expectTrainingFails(
      "--dataset", scene.data, "--out", scene.run,
      saying: [scene.run, "already holds a run", "--resume or --overwrite"])
    try expectTrainingFails(
      "--dataset", scene.data, "--out", scene.run, "--resume", "--overwrite",
      saying: ["--resume", "--overwrite"])
    try expectTrainingFails(
      "--dataset", scene.folder["nowhere"], "--out", scene.run, "--overwrite",
      saying: ["no such file or folder"])
  }

  // MARK: Data

  @Test func brokenData() throws {
    let images = "data/train-images-idx3-ubyte"
    func expectBroken(
      _ texts: String..., sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
      try expectTrainingFails(
        "--dataset", scene.data, "--out", scene.folder["new"], saying: texts,
        sourceLocation: sourceLocation)
    }
    let whole = try readFile(scene.folder[images])
    try scene.edit(images) { $0.removeLast(10) }
    try expectBroken("train-images-idx3-ubyte", "truncated")
    try scene.edit(images) { $0 = whole + [0] }
    try expectBroken("train-images-idx3-ubyte")
    try scene.edit(images) {
      $0 = whole
      $0[2] = 13
    }
    try expectBroken("train-images-idx3-ubyte", "28 × 28 (32-bit floats) ask for")
    try scene.edit(images) { $0[2] = 10 }
    try expectBroken("train-images-idx3-ubyte", "starts with")
    try scene.edit(images) {
      $0 = whole
      $0[7] = 0
    }
    try expectBroken("train-images-idx3-ubyte")
    try scene.edit(images) { $0 = [] }
    try expectBroken("train-images-idx3-ubyte", "is empty")
    try scene.remove(images)
    try writeAtomically(whole, to: scene.folder[images + ".gz"])
    try expectBroken("train-images-idx3-ubyte.gz", "named .gz")
    try scene.edit(images + ".gz") { $0 = [0x1f, 0x8b, 8, 0, 1, 2, 3] }
    try expectBroken("train-images-idx3-ubyte.gz", "gzip")
    try scene.remove(images + ".gz")
    try expectBroken("train-labels-idx1-ubyte", "without images")
    try writeAtomically(whole, to: scene.folder[images])
    try scene.remove("data/train-labels-idx1-ubyte")
    try expectBroken("train-labels-idx1-ubyte", "is not beside it")
  }

  @Test func imagesOfAnotherSize() throws {
    try scene.useOwnData()
    try Blobs.write(
      training: Blobs.dataset(20, side: 9), test: Blobs.dataset(10, side: 9), to: scene.data)
    try expectTrainingFails(
      "--resume", "--out", scene.run, saying: [scene.data, "9 × 9", "28 × 28"])
    try scene.remove("run/statistics.safetensors")
    try expectSampleFails(saying: [scene.data, "9 × 9", "28 × 28"])
  }

  // MARK: Disks

  @Test func foldersThatCannotBe() throws {
    // Below a file, for the rights of root bar nothing.
    try expectTrainingFails(
      "--dataset", scene.data, "--out", "/dev/null/run",
      saying: ["/dev/null/run", "/dev/null is not a folder"])
    try expectFailure(
      "sample", "--run", scene.run, "--out", "/dev/null/picture.png", "--device", "cpu",
      saying: ["/dev/null/picture.png", "cannot create the file"])
    try expectFailure(
      "sample", "--run", scene.run, "--out", scene.folder["nowhere/picture.png"], "--device",
      "cpu", saying: ["nowhere/picture.png", "cannot create the file"])
  }

  /// Files may not grow beyond a few kilobytes, as on a disk that is almost full.
  private func limited(_ blocks: Int) -> [String] {
    ["sh", "-c", "ulimit -f \(blocks); exec \"$@\"", "sh"]
  }

  @Test func filesThatDoNotFitTheDisk() throws {
    try writeAtomically([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A], to: scene.picture)
    try scene.expectUnchanged {
      try expectFailure(
        "sample", "--run", scene.run, "--out", scene.picture, "--device", "cpu",
        wrapper: limited(1), saying: [scene.picture, "cannot write the file", "ulimit -f"])
    }
    try scene.expectUnchanged {
      try expectFailure(
        "train", "vae", "--resume", "--epochs", "2", "--out", scene.run, "--device", "cpu",
        wrapper: limited(16), saying: ["weights.safetensors", "cannot write the file"])
    }
    #expect(
      try digitalis(
        "sample", "--run", scene.run, "--out", scene.picture, "--device", "cpu"
      ).status == 0)
  }

  /// In a mount namespace of its own, where the system lets users have one.
  static let namespace = ["unshare", "--map-root-user", "--mount", "sh", "-c"]
  static let canMount: Bool = {
    guard let folder = try? TemporaryFolder() else { return false }
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = namespace + ["mount -t tmpfs -o size=1m none '\(folder.path)'"]
    process.standardError = FileHandle.nullDevice
    do { try process.run() } catch { return false }
    process.waitUntilExit()
    return process.terminationStatus == 0
  }()

  @Test(.enabled(if: canMount, "this system lets nobody mount a small disk"))
  func aFullDisk() throws {
    let disk = scene.folder["disk"]
    try makeFolder(disk)
    let mount = "mount -t tmpfs -o size=1m none '\(disk)' && exec \"$@\""
    try expectFailure(
      "train", "vae", "--dataset", scene.data, "--out", "\(disk)/run", "--latent", "2",
      "--epochs", "1", "--device", "cpu", wrapper: Self.namespace + [mount, "sh"],
      saying: ["weights.safetensors", "No space left on device", "free some space"])
  }
}
