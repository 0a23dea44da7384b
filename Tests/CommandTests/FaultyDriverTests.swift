import Foundation
import TestSupport
import Testing

/// The tool behind the driver of faults, an OpenCL layer that shows the processor as a GPU;
/// `tools/checks/faults` has many more cases.
@Suite(.serialized) struct FaultyDriverTests {
  private let folder: TemporaryFolder
  private let data: String

  init() throws {
    folder = try TemporaryFolder()
    data = try Fixture.shared().data
  }

  /// The layer, built once.
  private static let layer = Result {
    let folder = try TemporaryFolder()
    let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().appendingPathComponent("FaultyDriver/build")
    let compiler = try Process.run(script, arguments: [folder["layer.so"]])
    compiler.waitUntilExit()
    try #require(compiler.terminationStatus == 0)
    return folder
  }

  /// Runs the tool with `FAULTY_DRIVER_…` variables.
  private func run(_ words: [String], _ faults: [String: String]) throws -> Outcome {
    var environment = ["OPENCL_LAYERS": try Self.layer.get()["layer.so"]]
    environment["FAULTY_DRIVER_REPORT"] = folder["report"]
    for (name, value) in faults { environment["FAULTY_DRIVER_\(name)"] = value }
    return try Command(words, environment: environment).wait()
  }

  private func train(_ faults: [String: String]) throws -> Outcome {
    try run(
      [
        "train", "vae", "--dataset", data, "--out", folder["run"], "--latent", "2", "--epochs", "1",
        "--batch", "100", "--device", "auto",
      ], faults)
  }

  /// What the layer has written.
  private func report() throws -> String {
    try String(contentsOfFile: folder["report"], encoding: .utf8)
  }

  @Test func aGPUThatWorks() throws {
    let outcome = try train(["NAME": "Imitated GPU"])
    #expect(outcome.status == 0 && outcome.errors.isEmpty, "\(outcome.errors)")
    #expect(outcome.output.contains("Imitated GPU"), "\(outcome.output)")
    #expect(outcome.output.contains("gpu kernels (it passed the self-check)"))
    // Every object of every process is released, once.
    let objects = try report().split(separator: "\n").filter { $0.contains(" objects ") }
    #expect(objects.contains { $0.contains("memory made") && !$0.contains("made 0") })
    #expect(objects.allSatisfy { $0.hasSuffix("unknown 0 live 0") }, "\(objects)")
  }

  @Test(arguments: [
    ("crash", "an OpenCL driver crashed (Segmentation fault)"),
    ("exit", "an OpenCL driver ended with status 1"),
  ])
  func aDriverThatEndsTheProbe(_ fault: String, _ reason: String) throws {
    let outcome = try train(["FAULT": fault, "AT": "500", "COMMAND": "--probe"])
    #expect(outcome.status == 0 && outcome.errors.isEmpty, "\(outcome.errors)")
    #expect(outcome.output.contains("device: cpu") && outcome.output.contains(reason))
  }

  /// The probe succeeds, and the process itself gets no context, or no queue.
  @Test(arguments: ["clCreateContext", "clCreateCommandQueue"])
  func aGPUThatIsGoneAfterTheProbe(_ call: String) throws {
    let outcome = try train(["FAULT": "fail", "OF": call, "AT": "1", "COMMAND": "!--probe"])
    #expect(outcome.status == 0 && outcome.errors.isEmpty, "\(outcome.errors)")
    #expect(outcome.output.contains("device: cpu"), "\(outcome.output)")
    #expect(outcome.output.contains("opencl:0 passed the self-check, then failed: \(call)"))
  }

  /// The first of hundreds of releases that fail is enough to read.
  @Test func aDeviceThatIsLost() throws {
    let outcome = try train(["FAULT": "lose", "AT": "600", "COMMAND": "!--probe"])
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(outcome.output.contains("takes over"), "\(outcome.output)")
    let logged = outcome.errors.split(separator: "\n")
    #expect(!logged.isEmpty && logged.count <= 6, "\(outcome.errors)")
  }

  @Test func aKernelThatIsWrong() throws {
    let outcome = try train(["WRONG": "matmul", "WRONG_OPTIONS": "-DTILE"])
    #expect(outcome.status == 0 && outcome.errors.isEmpty, "\(outcome.errors)")
    #expect(outcome.output.contains("gpu kernels: matmul"), "\(outcome.output)")
    #expect(try report().contains(/spoiled argument \d of matmul/))
  }
}
