import Autograd
import Compute
import ComputeCPU
import Files
import Foundation
import NeuralNetwork
import TestSupport
import Testing

@Suite struct CheckpointTests {
  private let folder: TemporaryFolder
  private let device = CPUDevice(threads: 1)

  init() throws { folder = try TemporaryFolder() }

  private func model(_ outputs: Int = 5, seed: UInt64 = 1) throws -> Model<Dense> {
    try Model({ try Dense(3, outputs, $0["layer"]) }, seed: seed, on: device)
  }

  private func train(_ model: Model<Dense>, _ optimizer: Optimizer) throws {
    try optimizer.step { try model.weight.multiplied(by: model.weight) }
  }

  @Test func checkpointHoldsAllThatTrainingNeeds() throws {
    for kind in 0...1 {
      func optimizer(_ parameters: Parameters) throws -> Optimizer {
        kind == 0
          ? try Adam(parameters, learningRate: 0.1)
          : try SGD(parameters, learningRate: 0.1, momentum: 0.9)
      }
      let first = try model()
      let one = try optimizer(first.parameters)
      try train(first, one)
      try train(first, one)
      try [one].saveCheckpoint(to: folder["checkpoint"], metadata: ["epochs": "7"])

      let second = try model(seed: 2)
      let other = try optimizer(second.parameters)
      #expect(try [other].loadCheckpoint(from: folder["checkpoint"]).metadata["epochs"] == "7")
      #expect(other.steps == 2)
      for (model, optimizer) in [(first, one), (second, other)] { try train(model, optimizer) }
      #expect(try one.allValues() == other.allValues())
    }
  }

  @Test func weightsComeBack() throws {
    let (first, second) = (try model(), try model(seed: 2))
    #expect(try first.parameters.values() != second.parameters.values())
    try first.save(folder["weights"])
    try second.load(folder["weights"])
    #expect(try first.parameters.values() == second.parameters.values())
    let arrays = try SafeTensors.read(folder["weights"]).arrays
    #expect(arrays["layer.weight"]?.shape == [3, 5])
    #expect(arrays["layer.bias"]?.shape == [5])
  }

  @Test func otherShapesAreNamed() throws {
    try model(6).save(folder["weights"])
    expectFileError(naming: folder["weights"], "layer.weight", "[3, 6]", "[3, 5]") {
      try model().load(folder["weights"])
    }
  }

  @Test func whatIsMissingOrTooMuchIsNamed() throws {
    let weight = NamedArray("layer.weight", [3, 5], [Float](repeating: 0, count: 15))
    let bias = NamedArray("layer.bias", [5], [Float](repeating: 0, count: 5))
    try SafeTensors.write([weight], to: folder["weights"])
    expectFileError(naming: folder["weights"], "has no layer.bias") {
      try model().load(folder["weights"])
    }
    try SafeTensors.write([weight, NamedArray("layer.shift", [1], [0])], to: folder["weights"])
    expectFileError(naming: folder["weights"], "has no layer.bias, but layer.shift") {
      try model().load(folder["weights"])
    }
    try SafeTensors.write(
      [weight, bias, NamedArray("layer.shift", [1], [0])], to: folder["weights"])
    expectFileError(naming: folder["weights"], "has layer.shift, which this model has not") {
      try model().load(folder["weights"])
    }
  }

  @Test func aFailedLoadChangesNothing() throws {
    let model = try model()
    let before = try model.parameters.values()
    try self.model(6).save(folder["weights"])
    #expect(throws: FileError.self) { try model.load(folder["weights"]) }
    #expect(try model.parameters.values() == before)
  }

  @Test(arguments: ["many", "-1", "1.5", nil] as [String?])
  func checkpointsNeedTheirSteps(_ steps: String?) throws {
    let model = try model()
    try model.parameters.save(
      to: folder["checkpoint"], metadata: steps.map { ["steps": $0] } ?? [:])
    expectFileError(naming: folder["checkpoint"], "number of steps") {
      _ = try [try Adam(model.parameters, learningRate: 0.1)]
        .loadCheckpoint(from: folder["checkpoint"])
    }
  }

  @Test func checkpointsNeedTheirMoments() throws {
    try model().parameters.save(to: folder["checkpoint"], metadata: ["steps": "3"])
    let model = try model(seed: 5)
    let adam = try Adam(model.parameters, learningRate: 0.1)
    let before = try model.parameters.values()
    expectFileError(naming: folder["checkpoint"], "has no m.layer.weight") {
      _ = try [adam].loadCheckpoint(from: folder["checkpoint"])
    }
    #expect(adam.steps == 0)
    #expect(try model.parameters.values() == before, "nothing is half loaded")
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
