import Autograd
import Compute
import NeuralNetwork
import TestSupport
import Testing

/// Dropout, whose random numbers no other library has.
@Suite struct DropoutTests {
  /// Numbers that learn, and two layers of dropout of them.
  private struct Dropped {
    let weight: Tensor
    let first, second: Dropout

    init(_ p: Parameters, rate: Float) throws {
      weight = try p("weight", [100, 200], .ones)
      (first, second) = (Dropout(rate), Dropout(rate))
    }
  }

  private func model(_ device: TestDevice, rate: Float = 0.3, seed: UInt64 = 1) throws
    -> Model<Dropped>
  {
    try Model({ try Dropped($0, rate: rate) }, seed: seed, on: device.device)
  }

  /// What the two layers make of ones in each of some steps, and a plain descent at rate 1 of the weight.
  private func outputs(_ model: Model<Dropped>, steps: Int) throws -> [[[Float]]] {
    let optimizer = try SGD(model.parameters, learningRate: 1)
    let ones = try Tensor(
      [Float](repeating: 1, count: 20_000), [100, 200], on: model.device)
    return try (0..<steps).map { _ in
      var results: [[Float]] = []
      try optimizer.step {
        results = [try model.first(ones).values(), try model.second(ones).values()]
        return try model.weight.mean()
      }
      return results
    }
  }

  private func sharesZeros(_ values: [Float]) -> Double {
    Double(values.count { $0 == 0 }) / Double(values.count)
  }

  @Test(arguments: [0.1, 0.5, 0.9] as [Float], TestDevice.all)
  func theRateIsThePartOfZeros(_ rate: Float, _ device: TestDevice) throws {
    let rate64 = Double(rate)
    for values in try outputs(try model(device, rate: rate), steps: 3).joined() {
      // Five standard deviations of a binomial share.
      let deviation = (rate64 * (1 - rate64) / 20_000).squareRoot()
      #expect(abs(sharesZeros(values) - rate64) < 5 * deviation)
      #expect(values.allSatisfy { $0 == 0 || abs($0 * (1 - rate) - 1) < 1e-6 })
    }
  }

  /// Two layers, two steps and two seeds have masks that agree as often as independent ones do; the same of all
  /// three has the same mask, on every device.
  @Test(arguments: TestDevice.all)
  func masks(_ device: TestDevice) throws {
    let own = try outputs(try model(device), steps: 2)
    let others = try outputs(try model(device, seed: 2), steps: 1)
    #expect(try outputs(try model(device), steps: 2) == own)
    #expect(
      try outputs(try model(TestDevice.all[0]), steps: 2).map { $0.map { $0.map { $0 == 0 } } }
        == own.map { $0.map { $0.map { $0 == 0 } } })
    let all = own.flatMap { $0 } + others.flatMap { $0 }
    for (number, one) in all.enumerated() {
      for other in all.dropFirst(number + 1) {
        let share = Double(zip(one, other).count { ($0 == 0) == ($1 == 0) }) / 20_000
        // 0.3² + 0.7², within five standard deviations.
        #expect(abs(share - 0.58) < 5 * (0.58 * 0.42 / 20_000).squareRoot())
      }
    }
  }

  /// The gradient has the mask and the factor of the output.
  @Test(arguments: TestDevice.all)
  func theGradientIsDroppedAlike(_ device: TestDevice) throws {
    let model = try model(device)
    var output: [Float] = []
    try SGD(model.parameters, learningRate: 1).step {
      let dropped = try model.first(model.weight)
      output = try dropped.values()
      return try dropped.sum()
    }
    // A weight of 1 less its gradient; the output is the gradient, as the weight was 1.
    let expected = output.map { 1 - $0 }
    #expect(zip(try model.weight.values(), expected).allSatisfy { abs($0 - $1) < 1e-6 })
    #expect(output.contains(0))
  }

  @Test(arguments: TestDevice.all)
  func outsideOfAStepNothingIsDropped(_ device: TestDevice) throws {
    let model = try model(device)
    try SGD(model.parameters, learningRate: 0.1).step { try model.first(model.weight).mean() }
    #expect(try model.first(model.weight).values() == (try model.weight.values()))
    let recorded = try Tape().record { try model.first(model.weight).values() }
    #expect(try recorded == model.weight.values(), "recording alone is no training")
    let whole = try self.model(device, rate: 0)
    #expect(try outputs(whole, steps: 1)[0].allSatisfy { $0.allSatisfy { $0 == 1 } })
  }
}
