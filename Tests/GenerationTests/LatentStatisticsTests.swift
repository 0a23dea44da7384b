import Autograd
import Compute
import Datasets
import Files
import Foundation
import Models
import NeuralNetwork
import TestSupport
import Testing

@testable import Generation

/// More images than a batch of the statistics, which is 1000.
private let images = Blobs.dataset(1013, side: 6)

private func model(on device: any Device, seed: UInt64 = 1) throws -> VariationalAutoencoder {
  try VariationalAutoencoder(
    AutoencoderShape(pixels: 36, hidden: 17, latentDimension: 3), seed: seed, on: device)
}

@Suite struct LatentStatisticsTests {
  @Test(arguments: TestDevice.all)
  func areTheMomentsOfEachClass(_ device: TestDevice) throws {
    let model = try model(on: device.device)
    let statistics = try LatentStatistics(of: images, under: model)
    #expect(statistics.classes.count == 10)
    #expect(statistics.latentDimension == 3)

    for label in 0..<10 {
      let own = images.selecting(images.indices(label: label))
      let pixels = own.images.map { Float($0) / 255 }
      let encoded = try model.encode(
        Tensor(pixels, Rows(own.count, 36), on: device.device)
      ).values().map(Double.init)
      for d in 0..<3 {
        let means = (0..<own.count).map { encoded[$0 * 6 + d] }
        let variances = (0..<own.count).map { exp(encoded[$0 * 6 + 3 + d]) }
        let n = Double(own.count)
        let mean = means.reduce(0, +) / n
        let varianceOfMeans = means.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / n
        let meanOfVariances = variances.reduce(0, +) / n
        let moments = statistics.classes[label]
        expectClose(moments.mean[d], mean)
        expectClose(moments.varianceOfMeans[d], varianceOfMeans)
        expectClose(moments.meanOfVariances[d], meanOfVariances)
        expectClose(moments.spread()[d], (varianceOfMeans + meanOfVariances).squareRoot())
        #expect(varianceOfMeans > 1e-5, "the images of a class differ")
        expectClose(moments.spread(of: .means)[d], varianceOfMeans.squareRoot())
        for e in 0..<3 {
          let others = (0..<own.count).map { encoded[$0 * 6 + e] }
          let other = others.reduce(0, +) / n
          let covariance = zip(means, others).map { ($0 - mean) * ($1 - other) }.reduce(0, +) / n
          expectClose(moments.covarianceOfMeans[3 * d + e], covariance)
          expectClose(
            moments.covariance[3 * d + e], covariance + (d == e ? meanOfVariances : 0))
        }
      }
    }
  }

  private func expectClose(
    _ value: Float, _ expected: Double, sourceLocation: SourceLocation = #_sourceLocation
  ) {
    #expect(
      abs(Double(value) - expected) < 1e-5 * max(0.1, abs(expected)),
      sourceLocation: sourceLocation)
  }

  @Test func spreadIsTheRootOfTheTotalVariance() {
    let moments = LatentStatistics.ClassMoments(
      mean: [0, 0], varianceOfMeans: [9, 0], meanOfVariances: [16, 4])
    #expect(moments.spread(of: .means) == [3, 0])
    #expect(moments.covariance == [25, 0, 0, 4])
    #expect(moments.spread() == [5, 2])
  }

  @Test func comeBackFromAFile() throws {
    let folder = try TemporaryFolder()
    let statistics = try LatentStatistics(of: images, under: model(on: TestDevice.all[0].device))
    try statistics.save(to: folder["statistics"])
    #expect(
      try LatentStatistics(from: folder["statistics"], classes: 10, latentDimension: 3)
        == statistics)
  }

  @Test func filesThatDoNotFit() throws {
    let folder = try TemporaryFolder()
    let path = folder["statistics"]
    func expectError(_ dimension: Int, _ text: String) {
      let error = #expect(throws: FileError.self) {
        _ = try LatentStatistics(from: path, classes: 10, latentDimension: dimension)
      }
      #expect(error?.path == path)
      #expect(error?.description.contains(text) == true)
      #expect(error?.description.contains("\n") == false)
    }
    expectError(3, "no such file")
    var statistics = try LatentStatistics(of: images, under: model(on: TestDevice.all[0].device))
    try statistics.save(to: path)
    expectError(4, "has no mean of 10 × 4")
    statistics.classes[4].meanOfVariances[1] = .nan
    try statistics.save(to: path)
    expectError(3, "nan in meanOfVariances")
    try SafeTensors.write(
      [NamedArray("mean", [10, 3], [Float](repeating: 0, count: 30))], to: path)
    expectError(3, "has no covarianceOfMeans of 10 × 3 × 3")
    try SafeTensors.write(
      [("mean", [3]), ("covarianceOfMeans", [3, 3]), ("meanOfVariances", [3])].map {
        NamedArray($0, [10] + $1, [Float](repeating: -1, count: 10 * $1.reduce(1, *)))
      }, to: path)
    expectError(3, "negative")
  }

  @Test func aClassWithoutImagesIsNamed() throws {
    let some = images.selecting((0..<9).map { Int32($0) })
    let error = #expect(throws: FileError.self) {
      _ = try LatentStatistics(of: some, under: model(on: TestDevice.all[0].device))
    }
    #expect(error?.description.contains("no labelled image of class 9") == true)
  }
}
