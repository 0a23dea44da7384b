import Autograd
import Compute
import ComputeCPU
import Files
import Foundation
import NeuralNetwork
import Testing
import TestSupport
import Training

@Suite struct CheckpointTests {
  private let folder: TemporaryFolder
  private let device = CPUDevice(threads: 1)

  init() throws { folder = try TemporaryFolder() }

  private func store(_ outputs: Int = 5, seed: UInt64 = 1) throws -> ParameterStore {
    try ParameterStore(
      Dense.specifications("layer", inputs: 3, outputs: outputs), seed: seed, on: device)
  }

  private func train(_ store: ParameterStore) throws {
    let weight = store["layer.weight"]
    try Tape.differentiate { try weight.multiplied(by: weight) }
    try store.step(learningRate: 0.1)
  }

  @Test func checkpointHoldsAllThatTrainingNeeds() throws {
    let first = try store()
    try train(first)
    try train(first)
    try first.saveCheckpoint(to: folder["checkpoint"], metadata: ["epochs": "7"])

    let second = try store(seed: 2)
    #expect(try second.loadCheckpoint(from: folder["checkpoint"]).metadata["epochs"] == "7")
    #expect(second.steps == 2)
    for store in [first, second] { try train(store) }
    for part in ParameterStore.Part.allCases {
      #expect(try first.values(part) == second.values(part))
    }
  }

  @Test func weightsComeBack() throws {
    let (first, second) = (try store(), try store(seed: 2))
    #expect(try first.values() != second.values())
    try first.save(to: folder["weights"])
    try second.load(from: folder["weights"])
    #expect(try first.values() == second.values())
    let arrays = try SafeTensors.read(folder["weights"]).arrays
    #expect(arrays["layer.weight"]?.shape == [3, 5])
    #expect(arrays["layer.bias"]?.shape == [5])
  }

  @Test func otherExtentsAreNamed() throws {
    try store(6).save(to: folder["weights"])
    expectFileError(naming: folder["weights"], "layer.weight", "[3, 6]", "[3, 5]") {
      try store().load(from: folder["weights"])
    }
  }

  @Test func aMissingParameterIsNamed() throws {
    try SafeTensors.write(
      [NamedArray("layer.weight", [3, 5], [Float](repeating: 0, count: 15))],
      to: folder["weights"])
    expectFileError(naming: folder["weights"], "has no layer.bias") {
      try store().load(from: folder["weights"])
    }
  }

  @Test func aFailedLoadChangesNothing() throws {
    let store = try store()
    let before = try store.values()
    try self.store(6).save(to: folder["weights"])
    #expect(throws: FileError.self) { try store.load(from: folder["weights"]) }
    #expect(try store.values() == before)
  }

  @Test(arguments: ["many", "-1", "1.5", nil] as [String?])
  func checkpointsNeedTheirSteps(_ steps: String?) throws {
    try store().save(to: folder["checkpoint"], metadata: steps.map { ["steps": $0] } ?? [:])
    expectFileError(naming: folder["checkpoint"], "number of steps") {
      _ = try store().loadCheckpoint(from: folder["checkpoint"])
    }
  }

  @Test func checkpointsNeedTheirMoments() throws {
    try store().save(to: folder["checkpoint"], metadata: ["steps": "3"])
    let store = try store(seed: 5)
    let before = try store.values()
    expectFileError(naming: folder["checkpoint"], "has no m.layer.weight") {
      _ = try store.loadCheckpoint(from: folder["checkpoint"])
    }
    #expect(store.steps == 0)
    #expect(try store.values() == before, "nothing is half loaded")
  }
}

/// Expects a `FileError` of one line that holds all of `texts`.
func expectFileError(
  naming path: String, _ texts: String..., sourceLocation: SourceLocation = #_sourceLocation,
  _ body: () throws -> Void
) {
  let error = #expect(throws: FileError.self, sourceLocation: sourceLocation) { try body() }
  guard let error else { return }
  #expect(error.path == path, sourceLocation: sourceLocation)
  #expect(!error.problem.isEmpty && !error.remedy.isEmpty, sourceLocation: sourceLocation)
  #expect(!error.description.contains("\n"), "\(error)", sourceLocation: sourceLocation)
  for text in texts {
    #expect(error.description.contains(text), "\(error)", sourceLocation: sourceLocation)
  }
}
