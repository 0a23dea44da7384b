import Compute
import ComputeCPU
import ComputeOpenCL
import TestSupport
import Testing

@testable import Benchmark

@Suite struct PeakTests {
  private let settings = BenchmarkSettings(
    batch: 2, chunk: 3, latentDimension: 3, repeats: 1, seconds: 0)

  private func measurement(
    _ name: String, on device: any Device, peak: Peak? = nil
  ) throws -> Measurement {
    let item = try #require(BenchmarkCase.all(settings).first { $0.name.hasPrefix(name) })
    return try item.measure(on: device, settings, peak: peak)
  }

  /// The best speeds of the fastest timings.
  @Test func peakIsTheBest() {
    func row(_ gigaflops: Double?, _ gigabytes: Double?) -> Measurement {
      Measurement(
        group: .peak, name: "", calls: 1, seconds: 2, fastest: 1, slowest: 3, gigaflops: gigaflops,
        gigabytesPerSecond: gigabytes)
    }
    let peak = Peak([row(50, nil), row(nil, 8), row(nil, 5)])
    #expect(peak.gigaflops == 100 && peak.gigabytesPerSecond == 16)
  }

  @Test func sharesAreOfThePeak() throws {
    let device = CPUDevice()
    var peak = Peak([])
    peak.gigaflops = 4
    peak.gigabytesPerSecond = 2
    let product = try measurement("matmul 512", on: device, peak: peak)
    #expect(product.arithmeticShare == product.gigaflops.map { $0 / 4 })
    #expect(product.bandwidthShare == product.gigabytesPerSecond.map { $0 / 2 })
    let fill = try measurement("fill", on: device, peak: peak)
    #expect(fill.arithmeticShare == nil && fill.bandwidthShare != nil)
    #expect(try measurement("fill", on: device).bandwidthShare == nil)
  }

  /// The operations are in proportion to the length of the loop, with every variant.
  @Test(arguments: TestDevice.allVariants)
  func multiplyAdds(on device: TestDevice) throws {
    let measurable = try #require(device.device as? any MeasurableDevice)
    let once = try measurable.multiplyAdds(rounds: 1)
    #expect(once > 0)
    #expect(try measurable.multiplyAdds(rounds: 7) == 7 * once)
    try measurable.synchronize()
  }

  /// A device that is not measurable has a bandwidth all the same.
  @Test func otherDevices() throws {
    let device = ForwardingDevice(CPUDevice())
    let rows = try BenchmarkCase.peaks(of: device, arrayBytes: 4096).map {
      try $0.measure(on: device, settings)
    }
    let peak = Peak(rows)
    #expect(peak.gigaflops == nil && peak.gigabytesPerSecond != nil)
    #expect(try measurement("fill", on: device).launches == nil)
  }

  // MARK: Launches

  /// Devices of their own for a test: other tests enqueue on the shared ones at the same time.
  private func drivenDevices() throws -> [OpenCLDevice] {
    try OpenCLDevice.available().devices.flatMap { handle in
      try KernelFamily.allCases.map { try handle.makeDevice(kernels: $0) }
    }
  }

  /// A kernel and a copy count one each, on a device with a driver.
  @Test func operationsAreOneLaunch() throws {
    for device in try drivenDevices() {
      for name in ["fill", "copy", "write", "read", "zip add", "adam"] {
        #expect(try measurement(name, on: device).launches == 1, "\(name)")
      }
    }
    #expect(try measurement("fill", on: CPUDevice()).launches == nil)
  }

  /// A launch costs as much as a small kernel: a step must not gain any unseen.
  @Test(
    arguments: [
      ("training step elbo", 34), ("training step mmd", 41), ("classifier training step", 36),
    ])
  func stepsKeepToTheirLaunches(_ name: String, _ limit: Int) throws {
    for device in try drivenDevices() {
      let launches = try #require(try measurement(name, on: device).launches)
      #expect(launches > 0 && launches <= limit, "\(name), \(device.description.kernels) kernels")
    }
  }
}
