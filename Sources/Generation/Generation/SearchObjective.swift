/// The objective that a search minimises.
public enum SearchObjective: Sendable, Hashable, Codable {
  /// cos + weight · (1 − accuracy): equation 4 of the paper at weight 1.
  case weighted(accuracyWeight: Double)
  /// The cosine, among candidates whose accuracy is at least this.
  case floor(minimumAccuracy: Double)

  /// The value of a score; smaller is better. Below a floor, a candidate is worse than any above it,
  /// and worse the lower its accuracy.
  public func value(cosine: Double, accuracy: Double) -> Double {
    switch self {
    case .weighted(let weight): cosine + weight * (1 - accuracy)
    case .floor(let minimum):
      accuracy >= minimum ? cosine : 2 + (minimum - accuracy)
    }
  }

  /// The objective in words.
  public var text: String {
    switch self {
    case .weighted(let weight): "cos + \(weight) · (1 − accuracy)"
    case .floor(let minimum): "cos with accuracy ≥ \(minimum)"
    }
  }
}
