import Synchronization

/// How the supports of two sets of points cover each other. A set's support is the union of balls around
/// its points, each reaching to the k-th nearest neighbour.
public struct ManifoldMeasures: Codable, Sendable, Hashable {
  /// The share of the generated points inside the support of the real ones (Kynkäänniemi et al., 2019).
  public var precision: Double
  /// The share of the real points inside the support of the generated ones (the same).
  public var recall: Double
  /// The mean number of real balls that a generated point lies in, over k (Naeem et al., 2020): unlike
  /// precision it is robust to a single wide ball. Above 1 if samples cluster where real points are dense.
  public var density: Double
  /// The share of the real balls that contain a generated point (the same).
  public var coverage: Double

  /// Points and the balls around them.
  struct Support {
    let points: Points
    let neighbours: Int
    let squaredRadii: [Float]

    /// Balls reaching to the k-th nearest neighbour.
    init(_ points: Points, neighbours k: Int, tile: Int = Points.tile) throws {
      self.points = points
      neighbours = k
      squaredRadii = try points.squaredRadii(k, tile: tile)
    }
  }

  /// Measures generated points against real ones.
  init(real: Support, generated: Support, tile: Int = Points.tile) throws {
    precondition(real.neighbours == generated.neighbours, "balls of two kinds")
    let found = Mutex(Found(real: real.points.count, generated: generated.points.count))
    let realRadii = real.squaredRadii + DistanceTile.padding
    let generatedRadii = generated.squaredRadii
    try generated.points.squaredDistances(to: real.points, tile: tile) { tile in
      tile.forEachRowRange { rows in
        // The threads' counts add up the same in any order.
        var own = Found(real: tile.columns.count, generated: rows.count)
        realRadii.withUnsafeBufferPointer { realRadii in
          for row in rows {
            let radius = generatedRadii[row]
            tile.distances(ofRow: row).forEach(
              below: radius, or: realRadii.baseAddress! + tile.columns.lowerBound
            ) { column, square in
              let place = column - tile.columns.lowerBound
              if square < realRadii[column] {
                own.insides += 1
                own.isPrecise[row - rows.lowerBound] = true
                own.isCovered[place] = true
              }
              if square < radius { own.isRecalled[place] = true }
            }
          }
        }
        let result = own
        found.withLock { $0.add(result, real: tile.columns, generated: rows) }
      }
    }
    let all = found.withLock { $0 }
    func part(_ flags: [Bool]) -> Double {
      Double(flags.count { $0 }) / Double(flags.count)
    }
    precision = part(all.isPrecise)
    recall = part(all.isRecalled)
    density = Double(all.insides) / Double(real.neighbours * generated.points.count)
    coverage = part(all.isCovered)
  }

  /// Which points lie in which balls.
  private struct Found {
    var isPrecise: [Bool]
    var isRecalled: [Bool]
    var isCovered: [Bool]
    var insides = 0

    init(real: Int, generated: Int) {
      isPrecise = [Bool](repeating: false, count: generated)
      isRecalled = [Bool](repeating: false, count: real)
      isCovered = isRecalled
    }

    /// Adds the findings among some of the points.
    mutating func add(_ other: Found, real: Range<Int>, generated: Range<Int>) {
      insides += other.insides
      for (place, row) in generated.enumerated() where other.isPrecise[place] {
        isPrecise[row] = true
      }
      for (place, column) in real.enumerated() {
        if other.isRecalled[place] { isRecalled[column] = true }
        if other.isCovered[place] { isCovered[column] = true }
      }
    }
  }
}
