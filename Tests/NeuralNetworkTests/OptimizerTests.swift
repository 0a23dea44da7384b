import Autograd
import Compute
import Foundation
import NeuralNetwork
import TestSupport
import Testing

@Suite struct OptimizerTests {
  private struct TwoLayers: Module {
    let first, second: Dense

    init(_ p: Parameters) throws {
      first = try Dense(7, 5, .softplus, p["first"])
      second = try Dense(5, 300, p["second"])
    }

    func callAsFunction(_ x: Tensor) throws -> Tensor { try second(first(x)) }
  }

  private func model(_ device: TestDevice, seed: UInt64 = 1) throws -> Model<TwoLayers> {
    try Model(TwoLayers.init, seed: seed, on: device.device)
  }

  /// `Σ first.weight²`, which depends on none of the other parameters.
  private func loss(_ model: Model<TwoLayers>) throws -> Tensor {
    try model.first.weight.multiplied(by: model.first.weight)
  }

  private func input(_ device: TestDevice) throws -> Tensor {
    try Tensor((0..<14).map { Float($0) / 7 - 1 }, Rows(2, 7), on: device.device)
  }

  @Test(arguments: TestDevice.all)
  func whatWasNotReachedHasGradientZero(_ device: TestDevice) throws {
    let model = try model(device)
    let adam = try Adam(model.parameters, learningRate: 0.01)
    // Leave stale gradients behind in all parameters.
    try adam.step { try model(try input(device)) }
    let before = try adam.allValues()[1]
    #expect(before.allSatisfy { $0.contains { $0 != 0 } })
    try adam.step { try loss(model) }
    let after = try adam.allValues()[1]
    for i in 1..<before.count {
      #expect(
        zip(before[i], after[i]).allSatisfy { abs($0 * 0.9 - $1) <= abs($0) * 1e-6 },
        "\(model.parameters.names[i]) only decays")
    }
    #expect(adam.steps == 2)
  }

  @Test(arguments: TestDevice.all)
  func adamFollowsTheReference(_ device: TestDevice) throws {
    let model = try model(device, seed: 9)
    let rate = 0.01
    let adam = try Adam(model.parameters, learningRate: Schedule.constant(Float(rate)))
    var p = try model.parameters.values()[0].map(Double.init)
    let untouched = try model.parameters.values()[2]
    var (m, v) = (p.map { _ in 0.0 }, p.map { _ in 0.0 })
    for t in 1...8 {
      try adam.step { try loss(model) }
      for i in p.indices {
        let g = 2 * p[i]
        m[i] = 0.9 * m[i] + 0.1 * g
        v[i] = 0.999 * v[i] + 0.001 * g * g
        let (mHat, vHat) = (m[i] / (1 - pow(0.9, Double(t))), v[i] / (1 - pow(0.999, Double(t))))
        p[i] -= rate * mHat / (vHat.squareRoot() + 1e-8)
      }
    }
    for (values, expected) in zip(try adam.allValues(), [p, m, v]) {
      for (value, expected) in zip(values[0], expected) {
        #expect(abs(Double(value) - expected) < 2e-6)
      }
    }
    #expect(try model.parameters.values()[2] == untouched, "a gradient of 0 moves nothing")
  }

  /// AdamW decays unless told otherwise: where the gradient is 0, nothing else moves a parameter.
  @Test(arguments: TestDevice.all)
  func adamWDecays(_ device: TestDevice) throws {
    let model = try model(device)
    let before = try model.parameters.values()[2]
    let adam = try AdamW(model.parameters, learningRate: 0.5)
    try adam.step { try loss(model) }
    let after = try model.parameters.values()[2]
    #expect(zip(before, after).allSatisfy { abs($0 * 0.995 - $1) <= abs($0) * 1e-6 })
  }

  /// What is frozen, or not in the scope, stays as it is; the rest learns as it would alone.
  @Test(arguments: TestDevice.all)
  func frozenAndScoped(_ device: TestDevice) throws {
    let x = try input(device)
    let (frozen, scoped, plain) = (try model(device), try model(device), try model(device))
    let start = try plain.parameters.values()
    frozen.parameters["first"].isFrozen = true
    #expect(frozen.parameters["first"].isFrozen && !frozen.parameters.isFrozen)
    for (model, parameters) in [
      (frozen, frozen.parameters), (scoped, scoped.parameters["second"]), (plain, plain.parameters),
    ] {
      let sgd = try SGD(parameters, learningRate: 0.1, momentum: 0.9)
      for _ in 0..<3 { try sgd.step { try model(x) } }
    }
    for model in [frozen, scoped] {
      let values = try model.parameters.values()
      #expect(Array(values[..<2]) == Array(start[..<2]))
      #expect(values[2] != start[2] && values[3] != start[3])
      #expect(values[3] == (try plain.parameters.values()[3]), "the bias's gradient is the same")
    }
    frozen.parameters.isFrozen = true
    let sgd = try SGD(frozen.parameters, learningRate: 0.1)
    let error = #expect(throws: ParameterError.self) { try sgd.step { try frozen(x) } }
    #expect(error?.description.contains("depends on none") == true)
  }

  @Test(arguments: TestDevice.all)
  func clippingIsToTheNorm(_ device: TestDevice) throws {
    let model = try Model(
      { p in (try p("a", [300], .ones), try p("b", [2], .constant(2))) }, on: device.device)
    // The gradients are 1, 300 times, and 2 · 2 twice: their norm is √(300 + 32).
    let norm = Float(332).squareRoot()
    for (limit, factor) in [(norm * 2, Float(1)), (norm / 10, 0.1)] {
      try model.parameters.setValues([
        [Float](repeating: 1, count: 300), [2, 2],
      ])
      let sgd = try SGD(model.parameters, learningRate: 1, clippingNorm: limit)
      try sgd.step {
        let (a, b) = model.network
        return WeightedSum([(try a.map(.absolute), 1), (try b.multiplied(by: b), 1)])
      }
      let values = try model.parameters.values()
      #expect(values[0].allSatisfy { abs($0 - (1 - factor)) < 1e-5 })
      #expect(values[1].allSatisfy { abs($0 - (2 - 4 * factor)) < 1e-5 })
    }
  }

  @Test func schedules() {
    #expect(Schedule.constant(0.5)(1000) == 0.5)
    let warm = Schedule.warmUp(4, then: .stepwise(0.8, every: 2, factor: 0.5))
    #expect(
      (0..<9).map { warm($0) } == [0.2, 0.4, 0.6, 0.8, 0.8, 0.8, 0.4, 0.4, 0.2].map(Float.init))
    let cosine = Schedule.cosine(1, steps: 4, to: 0.2)
    let expected = [
      1, 0.2 + 0.4 * (1 + 0.5.squareRoot()), 0.6, 0.2 + 0.4 * (1 - 0.5.squareRoot()), 0.2, 0.2,
    ]
    for (step, rate) in expected.enumerated() { #expect(abs(Double(cosine(step)) - rate) < 1e-6) }
  }

  @Test(arguments: [0, -1, .nan, .infinity] as [Float])
  func ratesThatAreNone(_ rate: Float) throws {
    let model = try model(TestDevice.all[0])
    for make in [
      { try Adam(model.parameters, learningRate: Schedule.constant(rate)) as Optimizer },
      { try SGD(model.parameters, learningRate: Schedule.constant(rate)) },
      { try AdamW(model.parameters, learningRate: Schedule.constant(rate)) },
    ] {
      let error = #expect(throws: ParameterError.self) { _ = try make() }
      #expect(error?.description.contains("\(rate)") == true)
    }
  }

  @Test func aRateThatBecomesNone() throws {
    let model = try model(TestDevice.all[0])
    let adam = try Adam(model.parameters, learningRate: Schedule { $0 < 2 ? 0.1 : .nan })
    for _ in 0..<2 { try adam.step { try loss(model) } }
    let before = try model.parameters.values()
    let error = #expect(throws: ParameterError.self) { try adam.step { try loss(model) } }
    #expect(error?.description.contains("step 3") == true)
    #expect(try model.parameters.values() == before && adam.steps == 2)
  }

  @Test func otherBadSettings() throws {
    let parameters = try model(TestDevice.all[0]).parameters
    #expect(throws: ParameterError.self) { _ = try SGD(parameters, learningRate: 1, momentum: 1) }
    #expect(throws: ParameterError.self) {
      _ = try Adam(parameters, learningRate: 1, firstDecay: .nan)
    }
    #expect(throws: ParameterError.self) {
      _ = try SGD(parameters, learningRate: 1, clippingNorm: 0)
    }
    let error = #expect(throws: ParameterError.self) {
      _ = try Adam(parameters["third"], learningRate: 0.1)
    }
    #expect(error?.description.contains("third") == true)
  }

  /// A gradient that nobody asked for within a step.
  @Test func anUpdateWithoutGradients() throws {
    let model = try model(TestDevice.all[0])
    let adam = try Adam(model.parameters, learningRate: 0.1)
    let error = #expect(throws: ParameterError.self) { try adam.update() }
    #expect(error?.description.contains("step 1") == true)
    // A loss that was made outside of the step depends on nothing.
    let outside = try loss(model)
    #expect(throws: ParameterError.self) { try adam.step { outside } }
    #expect(adam.steps == 0)
  }
}
