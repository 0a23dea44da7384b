import Compute
import Evaluation
import Foundation
import TestSupport
import Testing

@testable import Labelling

/// Standard normal numbers that a seed fixes.
func normals(_ count: Int, seed: UInt32) -> [Float] {
  (0..<count).map { i in
    let words = threefry(key: SIMD4(seed, 0, 0, 11), counter: SIMD4(UInt32(i), 0, 0, 0))
    let radius = (-2 * log((Double(words.x) + 1) * 0x1p-32)).squareRoot()
    return Float(radius * cos(2 * .pi * Double(words.y) * 0x1p-32))
  }
}

/// Two bent bands, one inside the other's bow, that no line parts; even points are of the first.
private func moons(_ count: Int) -> [Float] {
  let noise = normals(2 * count, seed: 5)
  return (0..<count).flatMap { i -> [Float] in
    let angle = Float(i / 2) / Float(count / 2 - 1) * .pi
    let (x, y) = i % 2 == 0 ? (cos(angle), sin(angle)) : (1 - cos(angle), 0.5 - sin(angle))
    return [x + 0.05 * noise[2 * i], y + 0.05 * noise[2 * i + 1]]
  }
}

@Suite struct LabelSpreadingTests {
  @Test(arguments: TestDevice.all)
  func oneLabelEachFollowsTheBands(_ device: TestDevice) throws {
    let points = Points(moons(400), width: 2, on: device.device)
    let spread = try LabelSpreading(over: points, given: [(0, 0), (1, 1)], classes: 2)
    let right = spread.labels.indices.filter { spread.labels[$0] == $0 % 2 }
    #expect(right.count >= 396)
    #expect(spread.certainties[0] > 0.5 && spread.certainties.allSatisfy { (0...1).contains($0) })
    // The surest are righter than the rest, and as many of each class.
    let surest = spread.surest(0.5, classes: 2)
    #expect(surest.allSatisfy { spread.labels[$0] == $0 % 2 } && surest == surest.sorted())
    let ones = surest.filter { spread.labels[$0] == 1 }
    #expect(abs(ones.count - surest.count / 2) <= 2)
  }

  /// A class that begins in a dense place would take a sparse one's points, were it not for the shares.
  @Test func classesKeepTheirShares() throws {
    let noise = normals(4 * 300, seed: 9)
    // 300 points near (0, 0) and 300 that are spread three times as wide about (5, 0).
    var values: [Float] = []
    for point in 0..<600 {
      let (middle, width): (Float, Float) = point < 300 ? (0, 0.5) : (5, 1.5)
      values += [middle + width * noise[2 * point], width * noise[2 * point + 1]]
    }
    let device = TestDevice.all[0].device
    let spread = try LabelSpreading(
      over: Points(values, width: 2, on: device), given: [(0, 0), (300, 1)], classes: 2)
    let first = spread.labels.filter { $0 == 0 }.count
    #expect((270...330).contains(first), "\(first) of 600")
  }

  @Test func whatNothingReachesStaysUnknown() throws {
    // Two islands of twelve, and labels on one of them alone.
    var values: [Float] = []
    for point in 0..<24 {
      values += [Float(point % 4 + (point < 12 ? 0 : 1000)), Float(point / 4 % 3)]
    }
    let device = TestDevice.all[0].device
    let spread = try LabelSpreading(
      over: Points(values, width: 2, on: device), given: [(0, 0), (11, 1)], classes: 2)
    #expect(spread.certainties[12...].allSatisfy { $0 == 0 })
    #expect(spread.certainties[..<12].allSatisfy { $0 > 0 })
    #expect(spread.surest(1, classes: 2) == Array(0..<12))
    #expect(spread.surest(0, classes: 2).isEmpty)
  }

  @Test func copiesOfOnePictureAreTies() throws {
    let device = TestDevice.all[0].device
    let points = Points([Float](repeating: 3, count: 40), width: 2, on: device)
    let spread = try LabelSpreading(over: points, given: [(7, 0)], classes: 1)
    #expect(spread.labels == [Int](repeating: 0, count: 20))
    #expect(spread.certainties.allSatisfy { $0.isFinite })
  }

  /// D^(−½) W D^(−½) by hand: three points on a line, each tied to its nearest other one.
  @Test func aStepAlongTheTies() throws {
    let device = TestDevice.all[0].device
    let graph = try NeighbourGraph(Points([0, 1, 3], width: 1, on: device), k: 1)
    // Distances to the nearest are 1, 1 and 2, so w = exp(−1/1) and exp(−4/(1·2)).
    let (near, far) = (Float(exp(-1.0)), Float(exp(-2.0)))
    #expect(graph.degrees == [near, near + far, far])
    let step = graph.step([1, 0, 0, 1, 0, 0], width: 2)
    let expected = [
      0, near / (near * (near + far)).squareRoot(), near / (near * (near + far)).squareRoot(), 0, 0,
      far / (far * (near + far)).squareRoot(),
    ]
    for (value, expected) in zip(step, expected) { #expect(abs(value - expected) < 1e-6) }
  }
}

@Suite struct ClusterTests {
  @Test func eachHeapGetsACentre() {
    let noise = normals(2 * 300, seed: 2)
    // Heaps of 150, 100 and 50 points.
    let heaps = (0..<300).map { $0 < 150 ? 0 : $0 < 250 ? 1 : 2 }
    var points: [Float] = []
    for (point, heap) in heaps.enumerated() {
      points += [Float(20 * heap) + noise[2 * point], Float(heap) + noise[2 * point + 1]]
    }
    for seed in 1...5 {
      let clusters = Clusters(
        points, dimension: 2, count: 3,
        stream: RandomStream(seed: UInt64(seed), purpose: 1))
      #expect(clusters.centers.map { heaps[$0] } == [0, 1, 2], "the largest comes first")
      // Near the middle of its heap.
      for center in clusters.centers {
        let (dx, dy) = (
          points[2 * center] - Float(20 * heaps[center]),
          points[2 * center + 1] - Float(heaps[center])
        )
        #expect(dx * dx + dy * dy < 0.3)
      }
    }
  }

  @Test func asManyClustersAsPoints() {
    let clusters = Clusters(
      [0, 1, 5, 9], dimension: 1, count: 4, stream: RandomStream(seed: 1, purpose: 1))
    #expect(Set(clusters.centers) == [0, 1, 2, 3])
    let same = Clusters(
      [4, 4, 4], dimension: 1, count: 2, stream: RandomStream(seed: 1, purpose: 1))
    #expect(same.centers == [0])
  }
}
