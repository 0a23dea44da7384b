import Compute
import TestSupport
import Testing

@testable import Evaluation

/// Distances, kernels and neighbourhoods against loops over all pairs in double precision.
@Suite struct FeatureSpaceTests {
  private static let width = 3

  @Test(arguments: TestDevice.all)
  func distancesAreThoseOfAllPairs(_ device: TestDevice) throws {
    let (a, b) = (numbers(7 * 3), numbers(11 * 3, seed: 2))
    var seen = [Bool](repeating: false, count: 77)
    try Points(a, width: 3, on: device.device).squaredDistances(
      to: Points(b, width: 3, on: device.device), tile: 4
    ) { tile in
      for row in tile.rows {
        let squares = tile.distances(ofRow: row)
        for (place, column) in tile.columns.enumerated() {
          let value = Double(squares[place])
          #expect(abs(value - square(a, row, b, column, 3)) < 1e-5)
          #expect(!seen[row * 11 + column])
          seen[row * 11 + column] = true
        }
      }
    }
    #expect(seen.allSatisfy { $0 })
  }

  @Test(arguments: TestDevice.all)
  func neighboursAndRadii(_ device: TestDevice) throws {
    let (a, b) = (numbers(40 * 3), numbers(50 * 3, seed: 2))
    let points = Points(a, width: 3, on: device.device)
    let nearest = try points.nearest(in: Points(b, width: 3, on: device.device), tile: 7)
    let radii = try points.squaredRadii(5, tile: 7)
    for i in 0..<40 {
      let others = (0..<50).map { square(a, i, b, $0, 3) }
      #expect(others.firstIndex(of: others.min() ?? 0) == nearest[i].index)
      let own = (0..<40).filter { $0 != i }.map { square(a, i, a, $0, 3) }.sorted()
      #expect(abs(Double(radii[i]) - own[4]) < 1e-5)
    }
  }

  private func naive(_ real: [Float], _ fake: [Float], _ k: Int) -> [Double] {
    let (n, m) = (real.count / 3, fake.count / 3)
    func radius(_ points: [Float], _ i: Int) -> Double {
      (0..<points.count / 3).filter { $0 != i }.map { square(points, i, points, $0, 3) }
        .sorted()[k - 1]
    }
    let realRadii = (0..<n).map { radius(real, $0) }
    let fakeRadii = (0..<m).map { radius(fake, $0) }
    let inside = (0..<m).map { j in
      (0..<n).map { square(fake, j, real, $0, 3) < realRadii[$0] }
    }
    let precision = inside.filter { $0.contains(true) }.count
    let recall = (0..<n).filter { i in
      (0..<m).contains { square(fake, $0, real, i, 3) < fakeRadii[$0] }
    }.count
    let density = inside.map { $0.filter { $0 }.count }.reduce(0, +)
    let coverage = (0..<n).filter { i in inside.contains { $0[i] } }.count
    return [
      Double(precision) / Double(m), Double(recall) / Double(n), Double(density) / Double(k * m),
      Double(coverage) / Double(n),
    ]
  }

  @Test(arguments: TestDevice.all)
  func manifoldsByTheirDefinition(_ device: TestDevice) throws {
    let real = numbers(60 * 3)
    let fake = numbers(50 * 3, seed: 2).map { 0.5 * $0 + 0.7 }
    func support(_ values: [Float]) throws -> ManifoldMeasures.Support {
      try .init(Points(values, width: 3, on: device.device), neighbours: 5, tile: 17)
    }
    let measures = try ManifoldMeasures(
      real: support(real), generated: support(fake), tile: 17)
    let expected = naive(real, fake, 5)
    #expect(Set(expected).count == 4, "the case must tell the four apart")
    #expect(
      [measures.precision, measures.recall, measures.density, measures.coverage] == expected)
  }

  @Test func manifoldsAtTheExtremes() throws {
    let device = TestDevice.all[0].device
    func support(_ values: [Float]) throws -> ManifoldMeasures.Support {
      try .init(Points(values, width: 3, on: device), neighbours: 5)
    }
    let points = try support(numbers(60 * 3))
    let far = try support(numbers(60 * 3, seed: 2).map { $0 + 100 })
    let same = try ManifoldMeasures(real: points, generated: points)
    #expect([same.precision, same.recall, same.coverage] == [1, 1, 1])
    // The ball of a point holds itself and the four that are nearer than the fifth.
    #expect(abs(same.density - 1) < 0.01)
    let other = try ManifoldMeasures(real: points, generated: far)
    #expect([other.precision, other.recall, other.density, other.coverage] == [0, 0, 0, 0])
    // One point again and again: precise, and nothing else.
    let one = try support([Float](repeating: 0.1, count: 60 * 3))
    let collapsed = try ManifoldMeasures(real: points, generated: one)
    #expect(collapsed.precision == 1 && collapsed.recall == 0 && collapsed.coverage < 0.3)
  }

  @Test(arguments: TestDevice.all)
  func kernelDistanceByItsDefinition(_ device: TestDevice) throws {
    func kernel(_ a: [Float], _ i: Int, _ b: [Float], _ j: Int) -> Double {
      let product = (0..<3).reduce(0) { $0 + Double(a[i * 3 + $1]) * Double(b[j * 3 + $1]) }
      return (product / 3 + 1) * (product / 3 + 1) * (product / 3 + 1)
    }
    func naive(_ a: [Float], _ b: [Float]) -> Double {
      let n = a.count / 3
      var total = 0.0
      for i in 0..<n {
        for j in 0..<n {
          if i != j {
            total += (kernel(a, i, a, j) + kernel(b, i, b, j)) / Double(n * (n - 1))
          }
          total -= 2 * kernel(a, i, b, j) / Double(n * n)
        }
      }
      return total
    }
    let (x, y) = (numbers(40 * 3), numbers(45 * 3, seed: 2).map { $0 + 0.5 })
    let one = try KernelDistance(x, y, width: 3, on: device.device)
    #expect(abs(one.value - naive(x, Array(y[..<120]))) < 1e-5)
    #expect(one.error == nil)
  }

  @Test func kernelDistanceOfBlocks() throws {
    let device = TestDevice.all[0].device
    let size = KernelDistance.blockSize * 3
    let (x, y) = (numbers(2 * size + 30), numbers(2 * size + 30, seed: 2))
    let both = try KernelDistance(x, y, width: 3, on: device)
    let parts = try (0..<2).map {
      let range = $0 * size..<($0 + 1) * size
      return try KernelDistance(Array(x[range]), Array(y[range]), width: 3, on: device).value
    }
    #expect(abs(both.value - (parts[0] + parts[1]) / 2) < 1e-12)
    #expect(abs((both.error ?? 0) - abs(parts[0] - parts[1]) / 2) < 1e-12)
    #expect(abs(both.value) < 0.02, "alike")
  }
}
