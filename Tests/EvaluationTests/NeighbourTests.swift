import Compute
import ComputeCPU
import TestSupport
import Testing

@testable import Evaluation

/// Neighbours of points with small whole coordinates, whose distances are exact and often equal, against
/// loops over all pairs.
@Suite struct NeighbourTests {
  private static let width = 3
  /// Less than a point, ragged, the count itself, whole vectors and their neighbours, and more than all.
  private static let tiles = [1, 5, 15, 16, 17, 32, 67, 200]

  private func whole(_ count: Int, seed: UInt32, upTo limit: Float = 6) -> [Float] {
    numbers(count * Self.width, seed: seed).map { ($0 * limit).rounded() }
  }

  private func points(_ values: [Float], on device: any Device = CPUDevice()) -> Points {
    Points(values, width: Self.width, on: device)
  }

  private func squares(_ a: [Float], _ i: Int, _ b: [Float]) -> [Float] {
    (0..<b.count / Self.width).map { Float(square(a, i, b, $0, Self.width)) }
  }

  /// The square of the distance of each point to its k-th neighbour; NaN counts as none.
  private func radii(_ values: [Float], _ k: Int) -> [Float] {
    (0..<values.count / Self.width).map { i in
      var others = squares(values, i, values)
      others.remove(at: i)
      let sorted = others.filter { $0 < .infinity }.sorted()
      return sorted.count < k ? .nan : sorted[k - 1]
    }
  }

  private func expectSame(_ a: [Float], _ b: [Float], _ note: String) {
    #expect(a.map(\.description) == b.map(\.description), "\(note)")
  }

  @Test(arguments: TestDevice.all)
  func theFirstOfTheNearestInTilesOfAnySize(_ device: TestDevice) throws {
    let (a, b) = (whole(67, seed: 1), whole(83, seed: 2))
    let expected = (0..<67).map { i in
      let all = squares(a, i, b)
      return all.firstIndex(of: all.min() ?? 0) ?? -1
    }
    let ties = (0..<67).filter { i in
      let all = squares(a, i, b)
      return all.count { $0 == all.min() } > 1
    }
    #expect(ties.count > 10, "the case must hold ties")
    for tile in Self.tiles {
      let nearest = try points(a, on: device.device)
        .nearest(in: points(b, on: device.device), tile: tile)
      #expect(nearest.map(\.index) == expected, "tiles of \(tile)")
      expectSame(
        nearest.map(\.square), (0..<67).map { squares(a, $0, b).min() ?? 0 }, "tiles of \(tile)")
    }
  }

  @Test(arguments: TestDevice.all)
  func radiiInTilesOfAnySize(_ device: TestDevice) throws {
    let values = whole(67, seed: 3)
    for k in [1, 2, 5, 65, 66] {
      for tile in Self.tiles {
        expectSame(
          try points(values, on: device.device).squaredRadii(k, tile: tile), radii(values, k),
          "k = \(k), tiles of \(tile)")
      }
    }
    expectSame(try points([0, 0, 0, 3, 4, 0]).squaredRadii(1, tile: 1), [25, 25], "two points")
  }

  /// A point again is a neighbour at distance 0, as often as it is there.
  @Test func duplicates() throws {
    let one = whole(1, seed: 4)
    let values = [[Float]](repeating: one, count: 4).joined() + whole(20, seed: 5).map { $0 + 20 }
    let radii = try points(Array(values)).squaredRadii(3, tile: 3)
    #expect(radii[..<4].allSatisfy { $0 == 0 } && radii[4...].allSatisfy { $0 > 0 })
    let wider = try points(Array(values)).squaredRadii(4, tile: 3)
    #expect(wider[..<4].allSatisfy { $0 > 100 })
    let same = Array([[Float]](repeating: one, count: 40).joined())
    let nearest = try points(same).nearest(in: points(same), tile: 7)
    #expect(nearest.allSatisfy { $0.index == 0 && $0.square == 0 })
  }

  /// What is no number is near to nothing, and moves nothing else.
  @Test(arguments: TestDevice.all)
  func coordinatesThatAreNoNumbers(_ device: TestDevice) throws {
    var values = whole(40, seed: 6)
    values[0] = .nan
    values[17 * 3 + 1] = .nan
    values[39 * 3 + 2] = .infinity
    for tile in [7, 16, 64] {
      expectSame(
        try points(values, on: device.device).squaredRadii(5, tile: tile), radii(values, 5),
        "tiles of \(tile)")
      let nearest = try points(values, on: device.device)
        .nearest(in: points(values, on: device.device), tile: tile)
      for (i, neighbour) in nearest.enumerated() {
        let isNumber = ![0, 17, 39].contains(i)
        #expect(neighbour.square == (isNumber ? 0 : .infinity))
        #expect((neighbour.index >= 0) == isNumber)
      }
    }
    // With fewer neighbours than k a point has no ball, and lies in none of those of its own set.
    let few = [Float](repeating: .nan, count: 30) + whole(3, seed: 7)
    let support = try ManifoldMeasures.Support(points(few), neighbours: 3)
    #expect(support.squaredRadii.allSatisfy { $0.isNaN })
    let real = try ManifoldMeasures.Support(points(whole(40, seed: 8)), neighbours: 3)
    let measures = try ManifoldMeasures(real: real, generated: support)
    #expect(measures.recall == 0 && measures.precision <= 3.0 / 13)
  }

  @Test func manifoldsInTilesOfAnySize() throws {
    let (real, fake) = (whole(67, seed: 9), whole(131, seed: 10).map { $0 + 2 })
    func measures(_ device: any Device, _ tile: Int) throws -> ManifoldMeasures {
      func support(_ values: [Float]) throws -> ManifoldMeasures.Support {
        try .init(points(values, on: device), neighbours: 5, tile: tile)
      }
      return try ManifoldMeasures(real: support(real), generated: support(fake), tile: tile)
    }
    let expected = try measures(CPUDevice(threads: 1), 500)
    #expect(expected.precision > 0 && expected.recall < 1 && expected.density != expected.precision)
    for tile in Self.tiles { #expect(try measures(CPUDevice(threads: 3), tile) == expected) }
  }

  /// Points that are no whole numbers, of as many tiles as threads may mix up.
  @Test func resultsDoNotDependOnThreads() throws {
    let (a, b) = (numbers(700 * 3, seed: 11), numbers(600 * 3, seed: 12))
    func results(_ threads: Int) throws -> ([Int], [Float], [Float]) {
      let device = CPUDevice(threads: threads)
      let nearest = try points(a, on: device).nearest(in: points(b, on: device), tile: 150)
      return (
        nearest.map(\.index), nearest.map(\.square),
        try points(a, on: device).squaredRadii(5, tile: 150)
      )
    }
    let expected = try results(1)
    for threads in [2, 3, 3, 3] {
      let other = try results(threads)
      #expect(other == expected)
    }
  }
}
