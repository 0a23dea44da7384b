import Autograd
import Compute
import Foundation
import NeuralNetwork
import Testing
import TestSupport

/// A layer whose extents fill no slice, and one more.
private let specifications =
  Dense.specifications("first", inputs: 7, outputs: 5)
  + Dense.specifications("second", inputs: 5, outputs: 300)

@Suite struct ParameterStoreTests {
  @Test func startsAlikeOnEveryDevice() throws {
    let values = try TestDevice.allVariants.map {
      try ParameterStore(specifications, seed: 3, on: $0.device).values()
    }
    let first = try #require(values.first)
    #expect(values.allSatisfy { $0 == first })
    for (specification, values) in zip(specifications, first) {
      #expect(values.allSatisfy { abs($0) <= specification.limit })
    }
    let limit = Float(6.0 / 12).squareRoot()
    #expect(specifications[0].limit == limit)
    #expect(first[0].contains { $0 > limit / 2 } && first[0].contains { $0 < -limit / 2 })
    #expect(first[1].allSatisfy { $0 == 0 }, "biases start at 0")
    #expect(first[0] != Array(first[2].prefix(35)), "each parameter has a stream of its own")
    let other = try ParameterStore(specifications, seed: 4, on: TestDevice.all[0].device)
    #expect(try other.values()[0] != first[0])
  }

  @Test(arguments: TestDevice.all)
  func valuesComeBack(_ device: TestDevice) throws {
    let store = try ParameterStore(specifications, seed: 1, on: device.device)
    for (offset, part) in ParameterStore.Part.allCases.enumerated() {
      let values = specifications.map { specification in
        (0..<specification.shape.count).map { Float($0 + offset) / 8 }
      }
      try store.setValues(values, part)
      #expect(try store.values(part) == values)
    }
    // The tensors show the same memory, each its own part.
    for (offset, specification) in specifications.enumerated() {
      #expect(try store[specification.name].values() == store.values()[offset])
    }
  }

  /// Plays back `Σ first.weight²`, which reaches none of the other parameters.
  private func playBack(_ store: ParameterStore) throws {
    let weight = store["first.weight"]
    try Tape.differentiate { try weight.multiplied(by: weight) }
  }

  @Test(arguments: TestDevice.all)
  func whatWasNotReachedHasGradientZero(_ device: TestDevice) throws {
    let store = try ParameterStore(specifications, seed: 1, on: device.device)
    // Leave stale gradients behind in all parameters.
    let x = try Tensor(
      [Float](repeating: 1, count: 14), Rows(2, 7), on: device.device)
    try Tape.differentiate {
      try Dense("second", in: store)(Dense("first", activation: .softplus, in: store)(x))
    }
    try store.step(learningRate: 0.01)
    let before = try store.values(.firstMoments)
    #expect(before.allSatisfy { $0.contains { $0 != 0 } })

    try playBack(store)
    try store.step(learningRate: 0.01)
    let after = try store.values(.firstMoments)
    for i in 1..<specifications.count {
      #expect(
        zip(before[i], after[i]).allSatisfy { abs($0 * 0.9 - $1) <= abs($0) * 1e-6 },
        "\(specifications[i].name) only decays")
    }
    #expect(store.steps == 2)
  }

  @Test(arguments: TestDevice.all)
  func adamFollowsTheReference(_ device: TestDevice) throws {
    let store = try ParameterStore(specifications, seed: 9, on: device.device)
    var p = try store.values()[0].map(Double.init)
    let untouched = try store.values()[2]
    var (m, v) = (p.map { _ in 0.0 }, p.map { _ in 0.0 })
    let rate = 0.01
    for t in 1...8 {
      try playBack(store)
      try store.step(learningRate: Float(rate))
      for i in p.indices {
        let g = 2 * p[i]
        m[i] = 0.9 * m[i] + 0.1 * g
        v[i] = 0.999 * v[i] + 0.001 * g * g
        let (mHat, vHat) = (m[i] / (1 - pow(0.9, Double(t))), v[i] / (1 - pow(0.999, Double(t))))
        p[i] -= rate * mHat / (vHat.squareRoot() + 1e-8)
      }
    }
    for (value, expected) in zip(try store.values()[0], p) {
      #expect(abs(Double(value) - expected) < 2e-6)
    }
    for (value, expected) in zip(try store.values(.firstMoments)[0], m) {
      #expect(abs(Double(value) - expected) < 2e-6)
    }
    for (value, expected) in zip(try store.values(.secondMoments)[0], v) {
      #expect(abs(Double(value) - expected) < 2e-6)
    }
    #expect(try store.values()[2] == untouched, "a gradient of 0 moves nothing")
  }

  @Test(arguments: TestDevice.all)
  func denseIsTheFormula(_ device: TestDevice) throws {
    let specifications = Dense.specifications("layer", inputs: 2, outputs: 3)
    let store = try ParameterStore(specifications, seed: 1, on: device.device)
    try store.setValues([[1, 2, 3, 4, 5, 6], [0.5, -20, 0]])
    let x = try Tensor([1, -1, 2, 0], Rows(2, 2), on: device.device)
    let y = try Dense("layer", activation: .relu, in: store)(x)
    #expect(try y.values() == [0, 0, 0, 2.5, 0, 6])
  }
}

extension Dense {
  fileprivate init(_ name: String, in store: ParameterStore) {
    self.init(name, activation: .identity, in: store)
  }
}
