import ComputeCPU
import Foundation
import Testing

@testable import Benchmark

@Suite struct BenchmarkTests {
  private let settings = BenchmarkSettings(
    batch: 2, chunk: 3, latentDimension: 3, repeats: 1, seconds: 0)

  @Test func namesAreUnique() {
    let names = BenchmarkCase.all(settings).map(\.name)
    #expect(Set(names).count == names.count)
    #expect(names.contains("matmul 2x784x500 NN"))
    #expect(names.contains("matmul 256x256x256 NN"))
    #expect(names.contains("matmul 4096x4096x16 NN"))
    #expect(names.contains("matmul 1x784x500 NN"))
    #expect(names.contains("score D=3 15 images by 3"))
    #expect(names.contains("sample D=3 2 images"))
    #expect(names.contains("neighbours of 2 images"))
  }

  /// Every case runs, and the report can be read back from its JSON.
  @Test func everyCaseRunsAndTheReportIsJSON() throws {
    let device = CPUDevice()
    let cases =
      try BenchmarkCase.peaks(of: device, arrayBytes: 4096)
      + BenchmarkCase.all(settings).filter {
        !["1024x", "2048x", "4096x"].contains(where: $0.name.contains)
      }
    var report = BenchmarkReport("cpu", device.description, settings)
    for item in cases { report.measurements.append(try item.measure(on: device, settings)) }

    let read = try JSONDecoder().decode(BenchmarkReport.self, from: Data(report.json().utf8))
    #expect(read.device.label == "cpu")
    #expect(read.measurements.map(\.name) == cases.map(\.name))
    #expect(Set(read.measurements.map(\.group)) == Set(BenchmarkCase.Group.allCases))
    for item in read.measurements {
      #expect(item.fastest > 0 && item.fastest <= item.seconds && item.seconds <= item.slowest)
      #expect(Measurement.header.count == item.cells.count)
    }
  }

  /// The calls of a timing fill the time asked for, and speeds are amounts over the median time.
  @Test func timingsAreLongEnough() throws {
    var settings = settings
    settings.seconds = 0.02
    settings.repeats = 4
    let item = try #require(BenchmarkCase.all(settings).first { $0.name.hasPrefix("fill") })
    let result = try item.measure(on: CPUDevice(), settings)
    // A fill of 6 kB takes far less than a millisecond, on a loaded machine too.
    #expect(result.calls > 20)
    let bytes = try #require(item.work.bytes)
    let speed = try #require(result.gigabytesPerSecond)
    #expect(abs(speed * result.seconds * 1e9 / bytes - 1) < 1e-9)
    #expect(median([1, 2, 4]) == 2 && median([1, 2, 4, 8]) == 3)
  }

  /// Forward, and backward twice, without the gradient of the images: by hand from tables 1 to 3.
  @Test func operationsAreThoseOfThePaper() throws {
    let settings = BenchmarkSettings(batch: 1, chunk: 1, latentDimension: 20)
    let operations = Dictionary(
      uniqueKeysWithValues: BenchmarkCase.all(settings).map { ($0.name, $0.work.operations) })
    let autoencoder = 2 * (784 * 500 + 500 * 500 + 500 * 40 + 20 * 500 + 500 * 500 + 500 * 784)
    #expect(
      operations["training step elbo D=20 batch 1"]
        == Double(3 * autoencoder - 2 * 784 * 500))
    let first = 2 * 26 * 26 * 9 * 32
    let second = 2 * 24 * 24 * 9 * 32 * 64
    let dense = 2 * (9216 * 128 + 128 * 10)
    #expect(operations["classify batch 1"] == Double(first + second + dense))
    #expect(
      operations["classifier training step batch 1"] == Double(2 * first + 3 * (second + dense)))
    let decoder = 2 * (20 * 500 + 500 * 500 + 500 * 784)
    #expect(
      operations["score D=20 5 images by 1"] == Double(5 * (first + second + dense + decoder)))
  }
}
