import Compute
import ComputeCPU
import Files
import Models
import TestSupport
import Testing

@testable import Generation

@Suite struct LatentSpaceTests {
  @Test func pointsAreReadAsWritten() {
    #expect(LatentPoint("label:3") == .label(3))
    #expect(LatentPoint("image:12") == .images([12]))
    #expect(LatentPoint("images:1,2,3") == .images([1, 2, 3]))
    for text in ["label:3,4", "label", "label:x", "images:", "images:1,,2", "picture:1", "3"] {
      #expect(LatentPoint(text) == nil, "\(text)")
    }
    for text in ["label:3", "image:12", "images:1,2,3"] {
      #expect(LatentPoint(text)?.description == text)
    }
  }

  @Test func linesAndCircles() {
    let line = LatentSpace.interpolate([1, 0], [0, 3], steps: 3, isSpherical: false)
    #expect(line == [[1, 0], [0.5, 1.5], [0, 3]])
    let circle = LatentSpace.interpolate([1, 0], [0, 1], steps: 3, isSpherical: true)
    #expect(
      zip(circle[1], [0.5, 0.5].map { Float($0).squareRoot() }).allSatisfy { abs($0 - $1) < 1e-6 })
    #expect(circle.first == [1, 0] && abs(circle[2][0]) < 1e-6)
    // Where no circle is defined, the line serves.
    #expect(LatentSpace.interpolate([1, 0], [-1, 0], steps: 3, isSpherical: true)[1] == [0, 0])
    #expect(
      LatentSpace.interpolate([0, 0], [0, 0], steps: 2, isSpherical: true) == [[0, 0], [0, 0]])
  }

  @Test func traversalMovesOneDimensionAtATime() {
    let points = LatentSpace.traverse([1, 2], spread: [1, 0.5], steps: 3)
    #expect(points == [[-2, 2], [1, 2], [4, 2], [1, 0.5], [1, 2], [1, 3.5]])
  }

  private static func space() throws -> LatentSpace {
    let images = Blobs.dataset(40, side: 8)
    let model = try VariationalAutoencoder(
      AutoencoderShape(pixels: 64, hidden: 9, latentDimension: 3), seed: 1, on: CPUDevice())
    return LatentSpace(model, try LatentStatistics(of: images, under: model), images)
  }

  @Test func coordinatesAreMeans() throws {
    let space = try Self.space()
    let both = try space.encode([4, 7])
    let mean = try space.coordinates(.images([4, 7]))
    for d in 0..<3 { #expect(abs(mean[d] - (both[0][d] + both[1][d]) / 2) < 1e-6) }
    #expect(try space.coordinates(.label(2)) == space.statistics.classes[2].mean)
    #expect(try space.decode(both).count == 128)
    #expect(try space.pixels([3]) == space.images.selecting([3]).images.map { Float($0) / 255 })
  }

  @Test func unknownPointsAreErrors() throws {
    let space = try Self.space()
    for point in [LatentPoint.label(10), .images([40]), .images([0, -1])] {
      #expect(throws: FileError.self) { try space.coordinates(point) }
    }
  }

  /// One class is all there is: then the whole has its moments.
  @Test func overallSpreadIsTotal() {
    let same = LatentStatistics(
      classes: (0..<10).map { _ in
        .init(mean: [2], varianceOfMeans: [3], meanOfVariances: [1])
      })
    #expect(same.overall.mean == [2] && same.overall.spread == [2])
    let apart = LatentStatistics(
      classes: (0..<10).map {
        .init(mean: [$0 < 5 ? -3 : 3], varianceOfMeans: [7], meanOfVariances: [0])
      })
    #expect(apart.overall.mean == [0] && abs(apart.overall.spread[0] - 4) < 1e-5)
  }
}
