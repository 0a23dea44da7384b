import Compute
import Foundation

/// The measurements of one run on one device.
public struct BenchmarkReport: Sendable, Codable {
  /// The device's description of itself.
  public struct DeviceEntry: Sendable, Hashable, Codable {
    /// How to ask for it: `cpu` or `opencl:N`.
    public var label: String
    /// The marketing name.
    public var name: String
    /// `cpu`, `gpu`, `accelerator` or `other`.
    public var kind: String
    /// `Swift`, or the name of the OpenCL platform.
    public var platform: String
    /// The version of the driver.
    public var driver: String
    /// The number of compute units or threads.
    public var computeUnits: Int
    /// The family of kernels in use.
    public var kernels: String
    /// The memory in bytes.
    public var memory: Int
  }

  /// The device.
  public var device: DeviceEntry
  /// The dimensions and the effort.
  public var settings: BenchmarkSettings
  /// The peak that shares refer to, where it was measured.
  public var peak: Peak?
  /// The results, in the order of the cases.
  public var measurements: [Measurement] = []

  /// A report without measurements.
  ///
  /// - Parameter label: How to ask for the device.
  public init(_ label: String, _ device: DeviceDescription, _ settings: BenchmarkSettings) {
    self.device = DeviceEntry(
      label: label, name: device.name, kind: device.kind.rawValue, platform: device.platform,
      driver: device.driver, computeUnits: device.computeUnits, kernels: device.kernels,
      memory: device.memory)
    self.settings = settings
  }

  /// The report as JSON, with sorted keys.
  public func json() throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
    return String(decoding: try encoder.encode(self), as: UTF8.self)
  }
}

extension Measurement {
  /// The column titles of ``cells``.
  public static let header = [
    "name", "time", "fastest", "slowest", "GFLOP/s", "of peak", "GB/s", "of peak", "images/s",
    "launches",
  ]

  /// The measurement as a row of a table.
  public var cells: [String] {
    func cell(_ value: Double?, _ format: String) -> String {
      value.map { String(format: format, $0) } ?? "-"
    }
    return [
      name, readable(briefSeconds: seconds), readable(briefSeconds: fastest),
      readable(briefSeconds: slowest),
      cell(gigaflops, "%.1f"), cell(arithmeticShare.map { 100 * $0 }, "%.0f %%"),
      cell(gigabytesPerSecond, "%.2f"), cell(bandwidthShare.map { 100 * $0 }, "%.0f %%"),
      cell(imagesPerSecond, "%.0f"), launches.map(String.init) ?? "-",
    ]
  }
}

/// A short duration with three or four digits: `12.3 µs`, `4.56 ms`.
public func readable(briefSeconds seconds: Double) -> String {
  if seconds < 1e-3 { return String(format: "%.1f µs", seconds * 1e6) }
  if seconds < 1 { return String(format: "%.2f ms", seconds * 1e3) }
  return String(format: "%.2f s", seconds)
}
