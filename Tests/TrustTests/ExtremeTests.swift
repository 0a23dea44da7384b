import Compute
import Foundation
import TestSupport
import Testing

/// Losses where single precision is at its end, beside double precision.
@Suite struct ExtremeTests {
  private static let magnitudes: [Float] = [
    0, 1e-38, 1e-10, 1e-4, 0.01, 0.5, 1, 2, 3, 10, 16, 17, 18, 30, 80, 87, 88.5, 89, 103, 104, 120,
    1e4, 1e30, 3e38,
  ]
  private static let inputs = magnitudes + magnitudes.map { -$0 }

  private static func softplus(_ x: Double) -> Double { max(x, 0) + log1p(exp(-abs(x))) }

  /// Whether a result is as near as its last places, or differs by less than the least normal number,
  /// below which devices may round to 0.
  private static func isNear(_ value: Float, _ exact: Double, ulp: Double, least: Float = 0) -> Bool
  {
    let place = Double(max(abs(Float(exact)), least, .leastNormalMagnitude).ulp)
    return abs(Double(value) - exact) <= max(ulp * place, Double(Float.leastNormalMagnitude))
  }

  @Test(arguments: TestDevice.allVariants)
  func softplusAndItsGradient(_ device: TestDevice) throws {
    let device = device.device
    let x = try device.makeBuffer(Self.inputs)
    let y = try device.makeBuffer(count: x.count, type: .float32)
    try device.map(.softplus, x, into: y)
    let dx = try device.makeBuffer(count: x.count, type: .float32)
    let one = try device.makeBuffer(Self.inputs.map { _ in Float(1) })
    try device.mapGradient(.softplus, at: y, outputGradient: one, into: dx, accumulate: false)
    let (values, slopes) = (try device.download(y), try device.download(dx))
    for (i, input) in Self.inputs.enumerated() {
      let exact = Self.softplus(Double(input))
      #expect(
        Self.isNear(values[i], exact, ulp: 4), "softplus(\(input)) = \(values[i]), not \(exact)")
      let slope = 1 / (1 + exp(-Double(input)))
      #expect(
        Self.isNear(slopes[i], slope, ulp: 8), "slope at \(input): \(slopes[i]), not \(slope)")
    }
  }

  @Test(arguments: TestDevice.allVariants)
  func binaryCrossEntropy(_ device: TestDevice) throws {
    let device = device.device
    for target: Float in [0, 0.25, 0.5, 1] {
      let shape = Rows(Self.inputs.count, 1)
      let logits = try device.makeBuffer(Self.inputs)
      let targets = try device.makeBuffer(Self.inputs.map { _ in target })
      let loss = try device.makeBuffer(count: shape.rows, type: .float32)
      try device.binaryCrossEntropy(shape, logits: logits, targets: targets, into: loss)
      for (logit, value) in zip(Self.inputs, try device.download(loss)) {
        let l = Double(logit)
        let exact = max(l, 0) - Double(target) * l + log1p(exp(-abs(l)))
        #expect(
          Self.isNear(value, exact, ulp: 4),
          "logit \(logit), target \(target): \(value), not \(exact)")
      }
    }
  }

  /// log Σ exp of a row, less one of its elements: to a few places of the larger of 1 and the result,
  /// for the sum holds a 1 beside what may be tiny.
  @Test(arguments: TestDevice.allVariants)
  func softmaxCrossEntropy(_ device: TestDevice) throws {
    let device = device.device
    let rows: [[Float]] = [
      [0, 0, 0], [1e4, -1e4, 0], [88, 89, 90], [-88, -89, -90], [1000, 1001, 1002],
      [-1e30, 0, 1e30], [1e38, -1e38, 0], [0, 17, -17], [1e-30, -1e-30, 0], [-104, 0, 104],
    ]
    for label in 0..<3 {
      let shape = Rows(rows.count, 3)
      let logits = try device.makeBuffer(rows.flatMap { $0 })
      let labels = try device.makeBuffer(rows.map { _ in Int32(label) })
      let loss = try device.makeBuffer(count: shape.rows, type: .float32)
      try device.softmaxCrossEntropy(shape, logits: logits, labels: labels, into: loss)
      for (row, value) in zip(rows, try device.download(loss)) {
        let greatest = Double(row.max() ?? 0)
        let sum = row.map { exp(Double($0) - greatest) }.reduce(0, +)
        let exact = log(sum) - (Double(row[label]) - greatest)
        #expect(
          Self.isNear(value, exact, ulp: 4, least: 1),
          "\(row), label \(label): \(value), not \(exact)")
      }
    }
  }

  // MARK: Sizes

  /// Kernels count in 32 bits: the host refuses what they could not count.
  @Test(arguments: TestDevice.all)
  func sizesBeyondWhatKernelsCount(_ device: TestDevice) throws {
    let isOpenCL = device.device.description.platform != "Swift"
    for count in [1 << 31, 1 << 33, 1 << 60, Int.max / 4, Int.max] where isOpenCL || count > 1 << 58
    {
      for type in ElementType.allCases {
        let error = #expect(throws: DeviceError.self) {
          _ = try device.device.makeBuffer(count: count, type: type)
        }
        #expect(error?.description.contains("\(count)") == true, "\(error?.description ?? "")")
      }
    }
    // The device goes on.
    let buffer = try device.device.makeBuffer([Float(1), 2])
    #expect(try device.device.download(buffer) == [Float(1), 2])
  }
}
