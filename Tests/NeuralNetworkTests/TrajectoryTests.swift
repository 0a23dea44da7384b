import Autograd
import Compute
import NeuralNetwork
import TestSupport
import Testing

/// Each layer, loss, optimiser and schedule, for ten steps from the parameters that PyTorch began with.
@Suite struct TrajectoryTests {
  /// The greatest error, as a part of the greatest expected number. The script takes only cases in which PyTorch's
  /// own single precision comes within 2e-6.
  private static let tolerance: Float = 5e-6
  private static let cases = TrajectoryCase.ofLayers + TrajectoryCase.ofOptimizers

  private func expect(
    _ values: [Float], _ expected: NamedArray, _ what: String,
    at location: SourceLocation = #_sourceLocation
  ) {
    let scale = expected.values.map(abs).max() ?? 0
    let error = zip(values, expected.values).map { abs($0 - $1) }.max() ?? .infinity
    #expect(
      values.count == expected.values.count && error <= Self.tolerance * scale,
      "\(what): \(error / scale)", sourceLocation: location)
  }

  @Test(arguments: cases, TestDevice.all)
  func goesAsInPyTorch(_ example: TrajectoryCase, _ device: TestDevice) throws {
    let trajectory = try #require(try Trajectory.all()[example.description])
    let model = try Model({ Sequential(try example.layers($0)) }, on: device.device)
    let names = model.parameters.names
    #expect(Set(names) == trajectory.parameters)
    try model.parameters.setValues(names.map { try trajectory.array("start/\($0)").values })
    let (losses, rates) = (try trajectory.array("losses"), try trajectory.array("rates"))
    let optimizer = try example.optimizer(
      model.parameters, example.schedule ?? .constant(rates.values[0]))
    let input = try Tensor(try trajectory.array("input"), on: device.device)
    let targets = try trajectory.array("targets")

    expect(rates.values.indices.map { optimizer.learningRate($0) }, rates, "learning rates")
    for (step, loss) in losses.values.enumerated() {
      let own = try optimizer.step { try example.loss(try model(input), targets) }
      expect(try own.values(), NamedArray("", [1], [loss]), "loss of step \(step + 1)")
    }
    #expect(optimizer.steps == 10)
    for (name, values) in zip(names, try model.parameters.values()) {
      expect(values, try trajectory.array("end/\(name)"), name)
    }
    expect(try model(input).values(), try trajectory.array("output"), "output")
  }

  @Test func noneIsForgotten() throws {
    #expect(try Set(Trajectory.all().keys) == Set(Self.cases.map(\.description)))
  }
}
