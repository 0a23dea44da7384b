import Autograd
import Compute
import ComputeCPU
import Conformance
import TestSupport
import Testing

extension GradientCase {
  /// A dense layer of rows × columns, each row as a list.
  private static func layer(
    _ function: UnaryFunction, _ x: [[Double]], _ weights: [Float], _ bias: [Float]
  ) -> [[Double]] {
    x.map { row in
      bias.indices.map { j in
        Oracle.value(
          function,
          row.indices.reduce(Double(bias[j])) {
            $0 + row[$1] * Double(weights[$1 * bias.count + j])
          })
      }
    }
  }

  private static func rows(_ x: [Float], _ columns: Int) -> [[Double]] {
    stride(from: 0, to: x.count, by: columns).map { x[$0..<$0 + columns].map(Double.init) }
  }

  private static let layers = [Rows(3, 4), Rows(4, 5), Rows(1, 5), Rows(5, 5), Rows(1, 5)]

  /// A layer whose gradient passes through the activation of the one before it, and one where it must not.
  static let layered: [GradientCase] =
    [UnaryFunction.softplus, .sigmoid, .exp, .tanh, .gelu].map { function in
      GradientCase("dense after dense \(function)", layers) {
        try $0[0].dense($0[1], $0[2], activation: function).dense($0[3], $0[4])
      } exact: {
        layer(.identity, layer(function, rows($0[0], 4), $0[1], $0[2]), $0[3], $0[4])
          .flatMap(\.self)
      }
    } + [
      GradientCase("dense after dense that is used twice", layers) {
        let hidden = try $0[0].dense($0[1], $0[2], activation: .tanh)
        return try hidden.dense($0[3], $0[4], activation: .sigmoid) * hidden
      } exact: {
        let hidden = layer(.tanh, rows($0[0], 4), $0[1], $0[2])
        return zip(layer(.sigmoid, hidden, $0[3], $0[4]), hidden).flatMap { zip($0, $1).map(*) }
      },
      GradientCase("two dense layers after one", layers) {
        let hidden = try $0[0].dense($0[1], $0[2], activation: .sigmoid)
        return try hidden.dense($0[3], $0[4]) * hidden.dense($0[3], $0[4], activation: .tanh)
      } exact: {
        let hidden = layer(.sigmoid, rows($0[0], 4), $0[1], $0[2])
        return zip(layer(.identity, hidden, $0[3], $0[4]), layer(.tanh, hidden, $0[3], $0[4]))
          .flatMap { zip($0, $1).map(*) }
      },
    ]
}

/// Notes the names of the operations.
private final class ListingDevice: ForwardingDevice, @unchecked Sendable {
  var names: [String] = []

  override func didCall(_ name: String, _ results: [Buffer]) throws(DeviceError) {
    names.append(name)
  }

  func list(_ body: () throws -> Void) rethrows -> [String] {
    names = []
    try body()
    return names
  }
}

/// What is computed together in a playback, and what isn't stored.
@Suite struct FusionTests {
  private typealias Terms = [(tensor: Tensor, weight: Float)]

  private let device = ListingDevice(CPUDevice(threads: 1))

  private func tensor(_ rows: Int, _ columns: Int, _ requiresGradient: Bool = true) throws -> Tensor
  {
    try Tensor(
      numbers(rows * columns), Rows(rows, columns), on: device, requiresGradient: requiresGradient)
  }

  @Test func aLayerIsOneOperationEachWay() throws {
    let x = try tensor(3, 4, false)
    let (w, v, b) = (try tensor(4, 5), try tensor(5, 5), try tensor(1, 5))
    let c = try tensor(1, 5)
    let names = try device.list {
      try Tape.differentiate {
        try x.dense(w, b, activation: .softplus).dense(v, c, activation: .sigmoid)
      }
    }
    #expect(
      names == ["matmul", "matmul", "fill", "mapGradient", "denseGradients", "denseGradient"])
  }

  @Test func meansAndLossesNeedNoStoredGradient() throws {
    let (x, targets) = (try tensor(3, 4), try tensor(3, 4, false))
    let names = try device.list {
      try Tape.differentiate { try x.binaryCrossEntropy(targets: targets).mean() }
    }
    #expect(names == ["binaryCrossEntropy", "reduce", "binaryCrossEntropyGradient"])
    let mean: [Float] = try device.download(try #require(x.gradient))
    x.clearGradient()
    try Tape.differentiate(1 / 3) { try x.binaryCrossEntropy(targets: targets) }
    #expect(try device.download(try #require(x.gradient)) == mean)
  }

  /// The gradient of what the caller made is stored, however it came about.
  @Test func sumsOfLeaves() throws {
    let x = try tensor(2, 3)
    let tape = Tape()
    try tape.backward(
      from: try tape.record { () throws -> Terms in
        let (sum, mean) = (try x.sum(), try x.mean())
        return [(sum, 2), (mean, 3)]
      })
    #expect(
      try device.download(try #require(x.gradient)) == [Float](repeating: 2.5, count: 6))
  }

  @Test func aTermOfTheLossThatIsUsedFurther() throws {
    let (x, targets) = (try tensor(3, 4), try tensor(3, 4, false))
    func gradient(_ terms: () throws -> Terms) throws -> [Float] {
      let tape = Tape()
      x.clearGradient()
      try tape.backward(from: try tape.record(terms))
      return try device.download(try #require(x.gradient))
    }
    func terms(_ a: Tensor, _ b: Tensor) throws -> Terms {
      let squares = try b.map(.square)
      return [(a, 2), (squares, 1)]
    }
    let together: [Float] = try gradient {
      let loss = try x.binaryCrossEntropy(targets: targets)
      return try terms(loss, loss)
    }
    let apart: [Float] = try gradient {
      try terms(
        x.binaryCrossEntropy(targets: targets), x.binaryCrossEntropy(targets: targets))
    }
    for (a, b) in zip(together, apart) { #expect(abs(a - b) < 1e-5 * (1 + abs(b))) }
  }

  /// A tensor of an outer scope keeps its own gradient, not that before its activation.
  @Test func aLayerOfAnotherTapeIsLeftAlone() throws {
    let (x, w, b) = (try tensor(3, 4), try tensor(4, 5), try tensor(1, 5))
    let (v, c) = (try tensor(5, 2), try tensor(1, 2))
    let outer = Tape()
    let hidden = try outer.record {
      let hidden = try x.dense(w, b, activation: .sigmoid)
      try Tape.differentiate { try hidden.dense(v, c) }
      return hidden
    }
    let values = numbers(10)
    let gradient: [Float] = try device.download(try #require(hidden.gradient))
    for (i, element) in gradient.enumerated() {
      let row = 2 * (i % 5)
      #expect(abs(element - (values[row] + values[row + 1])) < 1e-6)
    }
  }
}
