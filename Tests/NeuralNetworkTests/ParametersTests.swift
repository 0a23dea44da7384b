import Autograd
import Compute
import Foundation
import NeuralNetwork
import TestSupport
import Testing

/// A layer whose shape fills no slice, and one more.
private struct TwoLayers: Module {
  let first, second: Dense

  init(_ p: Parameters) throws {
    first = try Dense(7, 5, .softplus, p["first"])
    second = try Dense(5, 300, p["second"])
  }

  func callAsFunction(_ x: Tensor) throws -> Tensor { try second(first(x)) }
}

@Suite struct ParametersTests {
  private func model(_ device: any Device, seed: UInt64 = 1) throws -> Model<TwoLayers> {
    try Model(TwoLayers.init, seed: seed, on: device)
  }

  @Test func startsAlikeOnEveryDevice() throws {
    let values = try TestDevice.allVariants.map {
      try model($0.device, seed: 3).parameters.values()
    }
    let first = try #require(values.first)
    #expect(values.allSatisfy { $0 == first })
    let limit = Float(6.0 / 12).squareRoot()
    #expect(first[0].allSatisfy { abs($0) <= limit })
    #expect(first[0].contains { $0 > limit / 2 } && first[0].contains { $0 < -limit / 2 })
    #expect(first[1].allSatisfy { $0 == 0 }, "biases start at 0")
    #expect(first[0] != Array(first[2].prefix(35)), "each parameter has a stream of its own")
    #expect(try model(TestDevice.all[0].device, seed: 4).parameters.values()[0] != first[0])
  }

  @Test(arguments: TestDevice.all)
  func initializations(_ device: TestDevice) throws {
    let (all, tensors) = try Parameters.declare(seed: 1, on: device.device) { p in
      [
        try p("ones", [3], .ones), try p("constant", [2, 2], .constant(0.5)),
        try p("normal", [10_000], .normal(0.1)), try p("he", [10_000], .he(inputs: 50)),
        try p("none", [2], .uniform(0)),
      ]
    }
    #expect(all.count == 20_009 && all.names == ["ones", "constant", "normal", "he", "none"])
    let values = try tensors.map { try $0.values() }
    #expect(values[0] == [1, 1, 1] && values[1] == [0.5, 0.5, 0.5, 0.5] && values[4] == [0, 0])
    for (values, variance) in [(values[2], 0.01), (values[3], 0.04)] {
      let square = values.reduce(0.0) { $0 + Double($1 * $1) } / 10_000
      #expect(abs(square / variance - 1) < 0.06 && values.contains { $0 < 0 })
    }
  }

  @Test(arguments: TestDevice.all)
  func valuesComeBack(_ device: TestDevice) throws {
    let parameters = try model(device.device).parameters
    let values = parameters.descriptions.map { parameter in
      (0..<parameter.shape.count).map { Float($0) / 8 }
    }
    try parameters.setValues(values)
    #expect(try parameters.values() == values)
    // The tensors show the same memory, each its own part.
    for (name, values) in zip(parameters.names, values) {
      #expect(try #require(parameters.tensor(name)).values() == values)
    }
    // A scope is a part of it.
    let second = parameters["second"]
    #expect(second.names == ["second.weight", "second.bias"] && second.count == 1800)
    try second.setValues([[Float](repeating: 1, count: 1500), [Float](repeating: 2, count: 300)])
    #expect(try parameters.values()[1] == values[1])
    #expect(try second.tensor("bias")?.values() == [Float](repeating: 2, count: 300))
    #expect(second.tensor("second.bias") == nil)
  }

  @Test func aSurveyTakesNoMemory() throws {
    let found = try Parameters.survey(TwoLayers.init)
    #expect(found.map(\.name) == ["first.weight", "first.bias", "second.weight", "second.bias"])
    #expect(found.map(\.extents) == [[7, 5], [5], [5, 300], [300]])
  }

  @Test func twoParametersOfAName() throws {
    let error = #expect(throws: ParameterError.self) {
      _ = try Model(
        { p in (try Dense(2, 3, p["a"]), try Dense(2, 3, p["a"])) }, on: TestDevice.all[0].device)
    }
    #expect(error?.description == "two parameters are called a.weight")
  }

  @Test func aParameterAfterItsModel() throws {
    var late: Parameters?
    _ = try Model(
      { p in
        late = p
        return try Dense(2, 3, p)
      }, on: TestDevice.all[0].device)
    let error = #expect(throws: ParameterError.self) { _ = try late?("more", [2]) }
    #expect(error?.description.contains("more") == true)
  }

  @Test(arguments: TestDevice.all)
  func denseIsTheFormula(_ device: TestDevice) throws {
    let model = try Model({ try Dense(2, 3, .relu, $0["layer"]) }, on: device.device)
    try model.parameters.setValues([[1, 2, 3, 4, 5, 6], [0.5, -20, 0]])
    let x = try Tensor([1, -1, 2, 0], Rows(2, 2), on: device.device)
    #expect(try model(x).values() == [0, 0, 0, 2.5, 0, 6])
  }
}
