import Files
import Foundation
import TestSupport
import Testing

/// Fitted generators, guidance, and their searches from the command line.
@Suite(.serialized) struct GeneratorCommandTests {
  private let scene: Scene

  init() throws { scene = try Scene() }

  private func train() throws {
    _ = try succeed("train", "classifier", "--run", scene.run, "--epochs", "1", "--target", "0")
    _ = try succeed(
      "train", "classifier", "--run", scene.run, "--on", "real", "--epochs", "1", "--target", "0")
  }

  @Test(arguments: ["gaussian", "bayes-net", "mixture", "kernel"])
  func fittedGeneratorsAreDrawnFrom(_ name: String) throws {
    let (run, picture) = (scene.run, scene.picture)
    let sample = ["sample", "--run", run, "--generator", name, "--out", picture, "--device", "cpu"]
    expectOneLine(try digitalis(sample), ["digitalis fit \(name) --run \(run)"])
    _ = try succeed("fit", name, "--run", run)
    let file = try readFile("\(run)/generator-\(name).safetensors")
    var pictures: [[UInt8]] = []
    for more in [[], [], ["--theta", "0.5"], ["--seed", "2"]] {
      let outcome = try digitalis(sample + more)
      #expect(outcome.status == 0, "\(outcome.errors)")
      pictures.append(try readFile(picture))
    }
    #expect(pictures[0] == pictures[1] && Set(pictures).count == 3)
    _ = try succeed("fit", name, "--run", run, "--theta", "0.5")
    // The pictures differ in their notes alone where θ is the same.
    #expect(try readFile("\(run)/generator-\(name).safetensors") != file)
    let outcome = try digitalis(sample + ["--draws", "2"])
    expectOneLine(outcome, ["--draws 2"])
  }

  @Test func diffusionsAreTrained() throws {
    let (run, picture) = (scene.run, scene.picture)
    let fit = ["fit", "diffusion", "--run", run]
    for (words, problem) in [
      (["--guidance", "-1"], "--guidance -1"), (["--steps", "0"], "--steps 0"),
      (["--width", "4"], "--width 4"), (["--blocks", "99"], "--blocks 99"),
    ] {
      expectOneLine(try digitalis(fit + words), [problem])
    }
    try fail("fit", "kernel", "--run", run, "--epochs", "2", with: "--epochs 2", "for diffusion")
    _ = try succeed("fit", "diffusion", "--run", run, "--epochs", "2", "--width", "16")
    let path = "\(run)/generator-diffusion.safetensors"
    let first = try readFile(path)
    let checkpoint = "\(run)/generator-diffusion-checkpoint.safetensors"
    #expect(!FileManager.default.fileExists(atPath: checkpoint))
    _ = try succeed("fit", "diffusion", "--run", run, "--epochs", "2", "--width", "16")
    #expect(try readFile(path) == first)
    _ = try succeed("fit", "diffusion", "--run", run, "--epochs", "2", "--width", "16", "--restart")
    #expect(try readFile(path) == first)
    let changed = try succeed(
      "fit", "diffusion", "--run", run, "--epochs", "2", "--width", "16", "--guidance", "2")
    #expect(try changed.contains("trained already") && readFile(path) != first)
    // A few labels of one's own serve as well, with all images beside them.
    _ = try succeed("label", "--run", run, "--labels-per-class", "1")
    _ = try succeed("fit", "diffusion", "--run", run, "--epochs", "2", "--width", "16")
    #expect(try readFile(path) != first)
    _ = try succeed("sample", "--run", run, "--generator", "diffusion", "--out", picture)
    try train()
    let searched = try succeed(
      "search", "diffusion", "--run", run, "--samples", "20", "--report-samples", "20")
    #expect(searched.contains("Diffusion") && searched.contains("θ = ["))
  }

  @Test func otherAutoencodersAreTrained() throws {
    let out = scene.folder["other"]
    let options = [
      "--architecture", "conv", "--width", "8", "--likelihood", "sigma", "--kl-weight", "0.1",
      "--free-bits", "0.1", "--augment", "shift=1,flip", "--anneal",
    ]
    let command = [
      "train", "vae", "--dataset", scene.data, "--out", out, "--latent", "2", "--epochs", "1",
      "--batch", "100", "--device", "cpu",
    ]
    let outcome = try digitalis(command + options)
    #expect(outcome.status == 0, "\(outcome.errors)")
    _ = try succeed("sample", "--run", out, "--out", scene.picture)
    for (words, problem) in [
      (["--width", "8"], "needs --architecture conv"),
      (["--architecture", "conv", "--width", "12"], "multiple of 8"),
      (["--objective", "mmd", "--kl-weight", "0.5"], "needs --objective elbo"),
      (["--free-bits", "-1"], "--free-bits -1"), (["--augment", "turn"], "turn"),
      (["--augment", "shift=15"], "--augment shift 15"), (["--likelihood", "cauchy"], "cauchy"),
    ] {
      let outcome = try digitalis(command.map { $0 == out ? scene.folder["new"] : $0 } + words)
      #expect(outcome.status != 0 && outcome.errors.contains(problem), "\(outcome.errors)")
    }
  }

  @Test func temperaturesAreSearched() throws {
    let run = scene.run
    try train()
    _ = try succeed("fit", "gaussian", "--run", run)
    let path = "\(run)/generator-gaussian.safetensors"
    let before = try readFile(path)
    let search = [
      "search", "gaussian", "--run", run, "--samples", "20", "--report-samples", "20",
    ]
    let first = try succeed(
      search[0], search[1], "--run", run, "--samples", "20",
      "--report-samples", "20", "--accuracy-weight", "0.1")
    #expect(first.contains("θ = [") && first.contains("by the judge"))
    #expect(try readFile(path) != before)
    let judged = try digitalis(search + ["--by", "judge", "--device", "cpu"])
    #expect(judged.status == 0 && judged.output.contains("by the judge"), "\(judged.errors)")
    try fail(
      "search", "gaussian", "--run", run, "--method", "gradient", "--accuracy-weight", "1",
      with: "--method gradient")
    try fail("search", "gaussien", "--run", run, with: "gaussien", "gaussian, bayes-net")
    let front = try succeed(
      "front", "--run", run, "--generator", "simple", "--generator", "gaussian", "--theta", "0.5",
      "--theta", "1", "--samples", "20", "--min-confidence", "0.01")
    #expect(front.split(separator: "\n").count == 6, "\(front)")
    #expect(front.contains("refused") && front.contains("gaussian"))
  }

  @Test func gradientsFindTheta() throws {
    let run = scene.run
    try train()
    try fail("search", "medium2", "--run", run, "--method", "gradient", with: "--accuracy-weight")
    for generator in ["simple", "medium2"] {
      let output = try succeed(
        "search", generator, "--run", run, "--method", "gradient", "--accuracy-weight", "1",
        "--samples", "20", "--report-samples", "20", "--steps", "4")
      #expect(output.contains("objective"))
      _ = try succeed("sample", "--run", run, "--generator", generator, "--out", scene.picture)
    }
  }

  @Test func guidanceRefuses() throws {
    let (run, picture) = (scene.run, scene.picture)
    try fail(
      "sample", "--run", run, "--min-confidence", "0.5", "--out", picture,
      with: "digitalis train classifier --run \(run)")
    try train()
    for referee in ["classifier", "judge"] {
      let output = try succeed(
        "sample", "--run", run, "--min-confidence", "0.05", "--by", referee, "--out", picture,
        "--count", "2", "--label", "3")
      #expect(output.contains("refused") && output.contains("the \(referee) was less than 0.05"))
    }
    try scene.expectUnchanged {
      try fail(
        "sample", "--run", run, "--min-confidence", "1", "--out", picture, "--count", "2",
        with: "class 0: only 0 of 448 draws")
      try fail(
        "sample", "--run", run, "--min-confidence", "1.5", "--out", picture,
        with: "--min-confidence 1.5")
      try fail("sample", "--by", "judge", "--out", picture, with: "needs a --run")
      try fail("sample", "--run", run, "--generator", "kernal", with: "kernal", "mixture, kernel")
    }
  }
}
