import Datasets
import Files
import Foundation
import Foundation
import TestSupport
import Testing

@Suite struct DataTests {
  let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    func part(_ count: Int, from first: Int) -> [(name: String, array: NPYArray)] {
      let images = (0..<count * 16).map { UInt8(truncatingIfNeeded: 17 * (first + $0 / 16) + $0) }
      let labels = (0..<count).map { Int32($0 % 3) }
      let split = first == 0 ? "train" : "test"
      return [
        ("x_\(split)", NPYArray(images, dimensions: [count, 4, 4])),
        ("y_\(split)", NPYArray(labels, dimensions: [count])),
      ]
    }
    try NPZFile.write(
      part(12, from: 0) + part(3, from: 100), classNames: ["ant", "bee", "cat"],
      to: folder["set.npz"])
  }

  private func run(_ words: String...) throws -> Outcome { try Command(["data"] + words).wait() }

  @Test func saysWhatASetIs() throws {
    let outcome = try run(folder["set.npz"])
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(
      outcome.output == """
        \(folder["set.npz"]): 12 images to learn from and 3 to judge by, 4 rows × 4 columns, gray
        3 classes
        class  to learn from  to judge by
        ant    4              1
        bee    4              1
        cat    4              1

        """)
    #expect(try run("show", folder["set.npz"]).output == outcome.output)
  }

  @Test(arguments: ["out.npz", "out"])
  func writesWhatItPrepares(name: String) throws {
    let out = folder[name]
    let outcome = try run(
      folder["set.npz"], "--size", "6x2", "--fit", "stretch", "--channels", "3", "--out", out,
      "--sheet", folder["sheet.png"])
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(outcome.output.hasSuffix("wrote \(folder["sheet.png"])\nwrote \(out)\n"))
    let data = try Dataset.load(.path(out))
    #expect(data.training.shape == ImageShape(rows: 2, columns: 6, channels: 3))
    #expect(data.training.count == 12 && data.test.count == 3)
    #expect(data.training.classNames == ["ant", "bee", "cat"])
    #expect(try readFile(folder["sheet.png"]).prefix(4) == [0x89, 0x50, 0x4E, 0x47])
    // Nothing else is replaced.
    try writeAtomically("mine", to: folder["mine"])
    expectOneLine(
      try run(folder["set.npz"], "--sheet", folder["mine"]), [folder["mine"], "--overwrite"])
    expectOneLine(
      try run(folder["set.npz"], "--out", folder["set.npz"]), ["is \(folder["set.npz"]), which"])
  }

  @Test func refusesWrongOptions() throws {
    let set = folder["set.npz"]
    for size in ["0", "x", "3x", "1x2x3", "1025", "-4"] {
      expectOneLine(try run(set, "--size", size), ["--size \(size)", "32x24"])
    }
    expectOneLine(try run(set, "--channels", "2"), ["--channels 2", "1 (gray) or 3"])
    expectOneLine(try run(set, "--fit", "pad"), ["--fit pad", "--size"])
    expectOneLine(try run(folder["none"]), [folder["none"], "no such file or folder", ".npz"])
    expectOneLine(try run("fetch", "kmnist"), ["kmnist", "mnist or fashion-mnist"])
  }

  @Test func aClassWithoutTrainingImagesIsNotTrained() throws {
    try NPZFile.write(
      [
        ("x_train", NPYArray([UInt8](0..<128), dimensions: [8, 4, 4])),
        ("y_train", NPYArray([Int32](repeating: 0, count: 8), dimensions: [8])),
        ("x_test", NPYArray([UInt8](200..<232), dimensions: [2, 4, 4])),
        ("y_test", NPYArray([0, 1] as [Int32], dimensions: [2])),
      ], classNames: ["ant", "bee"], to: folder["odd.npz"])
    expectOneLine(
      try Command([
        "train", "vae", "--dataset", folder["odd.npz"], "--device", "cpu", "--out", folder["run"],
      ]).wait(), [folder["odd.npz"], "no labelled image of class bee to learn from", "test images"])
    #expect(!FileManager.default.fileExists(atPath: folder["run"]))
  }

  @Test func trainsOnArrays() throws {
    let outcome = try Command([
      "train", "vae", "--dataset", folder["set.npz"], "--size", "8", "--latent", "2", "--epochs",
      "1", "--batch", "4", "--device", "cpu", "--out", folder["run"],
    ]).wait()
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(outcome.output.contains("12 training and 3 test images of \(folder["set.npz"])"))
  }
}
