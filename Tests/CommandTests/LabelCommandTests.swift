import Datasets
import Files
import Foundation
import Models
import TestSupport
import Testing

/// Labels of a run from the command line, and what follows from them.
@Suite(.serialized) struct LabelCommandTests {
  private let scene: Scene

  init() throws { scene = try Scene() }

  @Test func fewLabelsGoAllTheWay() throws {
    let (run, picture) = (scene.run, scene.picture)
    #expect(try succeed("label", "--run", run).contains("300 images of 10 classes"))
    let output = try succeed("label", "--run", run, "--labels-per-class", "3", "--spread")
    #expect(output.contains("labels found") && output.contains("% of what was kept is right"))
    let labels = try #require(try Run(run).labels())
    #expect(labels.counts(of: labels.given) == [Int](repeating: 3, count: 10))
    #expect(labels.entries.count > 100)
    // Statistics of other labels are gone, and come back from these.
    #expect(!FileManager.default.fileExists(atPath: Run(run).statisticsPath))
    let trained = try succeed(
      "train", "classifier", "--run", run, "--epochs", "1", "--target", "0")
    #expect(trained.contains("the run's own labels"))
    _ = try succeed("fit", "kernel", "--run", run)
    _ = try succeed("sample", "--run", run, "--generator", "kernel", "--out", picture)
    let front = try succeed("front", "--run", run, "--generator", "kernel", "--samples", "20")
    #expect(front.contains("kernel") && front.contains("–"), "no judge yet")
    _ = try succeed(
      "train", "classifier", "--run", run, "--on", "real", "--epochs", "1", "--target", "0")
    _ = try succeed("front", "--run", run, "--generator", "kernel", "--samples", "20")
    _ = try succeed(
      "train", "cvae", "--labels-of", run, "--epochs", "1", "--out", scene.folder["cvae"])
    let beside = try succeed(
      "front", "--run", run, "--generator", scene.folder["cvae"], "--samples", "20")
    #expect(beside.contains("cvae"))

    // Other labels: the classifier and the fit no longer belong, and say so; the judge does.
    _ = try succeed("label", "--run", run, "--labels-per-class", "2", "--forget")
    try fail(
      "sample", "--run", run, "--generator", "kernel", "--out", picture,
      with: "other weights, images or labels", "digitalis fit kernel")
    try fail(
      "front", "--run", run, "--generator", "simple", with: "classifier.safetensors",
      "other weights, images or labels")
    #expect(try succeed("label", "--run", run, "--forget").contains("300 images of 10 classes"))
    #expect(try Run(run).labels() == nil)
  }

  @Test func suggestionsAreFilledIn() throws {
    let (run, sheet, table) = (scene.run, scene.folder["s.png"], scene.folder["s.csv"])
    let output = try succeed("label", "--run", run, "--suggest", "7", "--out", sheet)
    #expect(output.contains("7 pictures to label") && output.contains("s.csv --spread"))
    let lines = String(decoding: try readFile(table), as: UTF8.self).split(separator: "\n")
    #expect(lines.count == 8 && lines[0] == "number,image,label")
    try fail("label", "--run", run, "--labels", table, with: table, "holds no label")
    let filled = [lines[0]] + lines[1...].map { "\($0)\(($0.first ?? "0") < "4" ? "low" : "high")" }
    try writeAtomically(filled.joined(separator: "\n"), to: table)
    let shown = try succeed("label", "--run", run, "--labels", table, "--spread", "--keep", "0.5")
    #expect(shown.contains("low") && shown.contains("high") && !shown.contains("is right"))
    #expect(try Run(run).classNames() == ["low", "high"])
    _ = try succeed(
      "sample", "--run", run, "--label", "HIGH", "--out", scene.folder["out"], "--count", "2")
    let names = try FileManager.default.contentsOfDirectory(atPath: scene.folder["out/high"])
    #expect(names.sorted() == ["digitalis-1-00001.png", "digitalis-1-00002.png"])
  }

  @Test func classesAreAdded() throws {
    let run = scene.run
    let pictures = scene.folder["pictures"]
    _ = try succeed(
      "sample", "--run", run, "--label", "3", "--count", "4", "--out", scene.folder["drawn"])
    try makeFolder(pictures)
    try FileManager.default.moveItem(
      atPath: scene.folder["drawn/3"], toPath: "\(pictures)/star")
    let output = try succeed("statistics", "--run", run, "--labelled", pictures)
    #expect(output.contains("star") && output.contains("4"))
    #expect(try Run(run).classNames() == (0..<10).map(String.init) + ["star"])
    _ = try succeed("sample", "--run", run, "--label", "star", "--out", scene.picture)
    _ = try succeed("train", "classifier", "--run", run, "--epochs", "1", "--target", "0")
    _ = try succeed(
      "train", "classifier", "--run", run, "--on", "real", "--epochs", "1", "--target", "0")
    _ = try succeed("front", "--run", run, "--generator", "simple", "--samples", "20")
    let like = "\(pictures)/star/digitalis-1-00001.png"
    _ = try succeed(
      "sample", "--run", run, "--like", "\(like),\(like)", "--out", scene.picture)
    try fail("sample", "--like", like, "--out", scene.picture, with: "--like", "needs a --run")
    try fail(
      "sample", "--run", run, "--like", "\(run)/config.json", "--out", scene.picture,
      with: "config.json", "starts with")
  }

  @Test func whatCannotBe() throws {
    let run = scene.run
    try scene.expectUnchanged {
      try fail("label", "--run", run, "--spread", with: "--spread", "no labels to spread")
      try fail("label", "--run", run, "--keep", "1.5", with: "--keep 1.5")
      try fail("label", "--run", run, "--suggest", "0", with: "--suggest 0")
      try fail("label", "--run", run, "--suggest", "5", "--spread", with: "--suggest 5")
      try fail("label", "--run", run, "--simulate", with: "--simulate", "--suggest")
      try fail("label", "--run", run, "--labels-per-class", "31", with: "30 images of class 0")
      try fail("label", "--run", run, "--labels", "/nowhere.csv", with: "/nowhere.csv")
      try fail("label", "--run", run, "--labelled", "/nowhere", with: "/nowhere")
    }
    try writeAtomically([UInt8](repeating: 1, count: 40), to: Run(run).labelsPath)
    try fail(
      "sample", "--run", run, "--out", scene.picture, with: "other weights, images or labels")
  }

  @Test(arguments: ["samples.npz", "pictures", "idx"])
  func samplesThatCanBeUsed(_ name: String) throws {
    let out = scene.folder[name]
    let options = name == "idx" ? ["--format", "idx"] : []
    let outcome = try digitalis(
      ["sample", "--run", scene.run, "--count", "3", "--out", out, "--device", "cpu"] + options)
    #expect(outcome.status == 0 && outcome.output.contains("30 images of 10 classes"))
    let data = try Dataset.loadAll(out)
    #expect(data.count == 30 && data.classNames == (0..<10).map(String.init))
    #expect(data.indicesByLabel().allSatisfy { $0.count == 3 })
    // In each format the same images.
    let grid = try digitalis(
      "sample", "--run", scene.run, "--count", "3", "--label", "4", "--out", scene.folder["four"],
      "--device", "cpu")
    #expect(grid.status == 0, "\(grid.errors)")
    let four = try Dataset.loadAll(scene.folder["four"])
    let size = data.pixels
    func images(_ set: ImageDataset, _ label: Int) -> Set<[UInt8]> {
      Set(
        set.indices(label: label).map {
          Array(set.images[Int($0) * size..<(Int($0) + 1) * size])
        })
    }
    #expect(images(data, 4) == images(four, 0))
    // Written again, it replaces its own and nothing else.
    let again = try digitalis(
      ["sample", "--run", scene.run, "--count", "3", "--out", out, "--device", "cpu"] + options)
    #expect(again.status == 0, "\(again.errors)")
    try fail("sample", "--run", scene.run, "--out", "\(scene.run)/", with: "holds a run")
  }
}
