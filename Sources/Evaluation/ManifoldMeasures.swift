/// How the supports of two sets of points cover each other. A set's support is the union of balls round
/// its points, each up to the k-th nearest of the others.
public struct ManifoldMeasures: Codable, Sendable, Hashable {
  /// The part of the generated points inside the support of the real ones (Kynkäänniemi et al., 2019).
  public var precision: Double
  /// The part of the real points inside the support of the generated ones (the same).
  public var recall: Double
  /// The mean number of real balls that a generated point lies in, over k (Naeem et al., 2020): unlike
  /// precision it does not trust one wide ball. Above 1 where samples crowd where real points are dense.
  public var density: Double
  /// The part of the real balls that hold a generated point (the same).
  public var coverage: Double

  /// Measures generated points against real ones.
  init(real: Points, generated: Points, neighbours k: Int) throws {
    let realRadii = try real.squaredRadii(k)
    let generatedRadii = try generated.squaredRadii(k)
    var isPrecise = [Bool](repeating: false, count: generated.count)
    var isRecalled = [Bool](repeating: false, count: real.count)
    var isCovered = [Bool](repeating: false, count: real.count)
    var insides = 0
    try generated.squaredDistances(to: real) { rows, columns, squares in
      for (offset, row) in rows.enumerated() {
        let radius = generatedRadii[row]
        for (place, column) in columns.enumerated() {
          let square = squares[offset * columns.count + place]
          if square < realRadii[column] {
            insides += 1
            isPrecise[row] = true
            isCovered[column] = true
          }
          if square < radius { isRecalled[column] = true }
        }
      }
    }
    func part(_ flags: [Bool]) -> Double {
      Double(flags.count { $0 }) / Double(flags.count)
    }
    precision = part(isPrecise)
    recall = part(isRecalled)
    density = Double(insides) / Double(k * generated.count)
    coverage = part(isCovered)
  }
}
