import Compute
import Testing

@testable import ComputeOpenCL

/// Every OpenCL device of this machine under both families of kernels, and under that for GPUs with
/// the small work-groups of lesser devices.
struct TestDevice: Sendable, CustomTestStringConvertible {
  let device: OpenCLDevice
  var testDescription: String {
    "\(device.description.name), \(device.description.kernels), groups of \(device.tuning.group)"
  }

  static let all: [TestDevice] = OpenCLDevice.available().devices.flatMap { handle in
    [(KernelFamily.cpu, Int.max), (.gpu, .max), (.gpu, 64), (.gpu, 16), (.gpu, 1)].compactMap {
      try? TestDevice(device: OpenCLDevice(handle, kernels: $0, maximumGroup: $1))
    }
  }
  /// Also with each of the tiles of matrix products.
  static let tiled: [TestDevice] = all.flatMap { test in
    [test] + test.device.variants.compactMap { ($0 as? OpenCLDevice).map(TestDevice.init) }
  }
  static var any: Bool { !all.isEmpty }
}

/// Numbers in -1..<1 that repeat from run to run.
func numbers(_ count: Int, seed: UInt32 = 1) -> [Float] {
  (0..<count).map { i in
    let word = threefry(key: SIMD4(seed, 0, 0, 9), counter: SIMD4(UInt32(i), 0, 0, 0)).x
    return Float(word >> 8) * 0x1p-23 - 1
  }
}

/// Expects each element within `tolerance`, relative to the larger of 1 and the expected value.
func expectClose(
  _ values: [Float], _ expected: [Double], tolerance: Double = 2e-6,
  _ comment: @autoclosure () -> String = "", sourceLocation: SourceLocation = #_sourceLocation
) {
  #expect(values.count == expected.count, sourceLocation: sourceLocation)
  for (i, (value, expected)) in zip(values, expected).enumerated() {
    let error = abs(Double(value) - expected) / max(1, abs(expected))
    guard error <= tolerance else {
      Issue.record(
        "element \(i) is \(value), not \(expected); \(comment())", sourceLocation: sourceLocation)
      return
    }
  }
}
