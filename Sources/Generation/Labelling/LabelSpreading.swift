import Compute
import Evaluation

/// Spreads few labels to their neighbours, and on to theirs (Zhou et al., 2004): where an autoencoder has
/// clustered similar images, a handful of labels determines most others.
public struct LabelSpreading: Sendable {
  /// The number of neighbours of each point in the graph.
  public static let neighbours = 10
  /// The number of iterations.
  static let rounds = 60
  /// α: the weight of a step relative to the given labels.
  static let momentum: Float = 0.99

  /// The class of each point.
  public let labels: [Int]
  /// The share of that class in the label mass at the point, in 0...1; 0 if there is none.
  public let certainties: [Float]

  /// Spreads labels over points.
  ///
  /// The classes keep their shares of the given labels (class mass normalisation, Zhu et al., 2003):
  /// otherwise one that starts in a dense region takes over.
  ///
  /// - Parameters:
  ///   - points: More than ``neighbours``.
  ///   - given: The class of some of them.
  /// - Throws: `DeviceError` when the device fails.
  package init(over points: Points, given: [(point: Int, label: Int)], classes: Int) throws {
    let graph = try NeighbourGraph(points, k: Self.neighbours)
    var start = [Float](repeating: 0, count: graph.count * classes)
    var shares = [Float](repeating: 0, count: classes)
    for (point, label) in given {
      start[point * classes + label] = 1
      shares[label] += 1
    }
    var values = start
    for _ in 0..<Self.rounds {
      values = graph.step(values, width: classes)
      for index in values.indices {
        values[index] = Self.momentum * values[index] + (1 - Self.momentum) * start[index]
      }
    }
    var masses = [Double](repeating: 0, count: classes)
    for point in 0..<graph.count where graph.degrees[point] > 0 {
      let root = graph.degrees[point].squareRoot()
      for label in 0..<classes {
        values[point * classes + label] /= root
        masses[label] += Double(values[point * classes + label])
      }
    }
    var labels = [Int](repeating: 0, count: graph.count)
    var certainties = [Float](repeating: 0, count: graph.count)
    for point in 0..<graph.count {
      let row = (0..<classes).map { label in
        masses[label] > 0
          ? Double(values[point * classes + label] * shares[label]) / masses[label] : 0
      }
      let sum = row.reduce(0, +)
      guard sum > 0 else { continue }
      let best = row.indices.max { row[$0] < row[$1] } ?? 0
      labels[point] = best
      certainties[point] = Float(row[best] / sum)
    }
    self.labels = labels
    self.certainties = certainties
  }

  /// The points of each class with the surest labels, this share of each, but none without label mass.
  public func surest(_ share: Double, classes: Int) -> [Int] {
    var byClass = [[Int]](repeating: [], count: classes)
    for point in labels.indices where certainties[point] > 0 {
      byClass[labels[point]].append(point)
    }
    return byClass.flatMap { points in
      // Ties keep their order, even if the sort is unstable.
      points.sorted { (-certainties[$0], $0) < (-certainties[$1], $1) }
        .prefix(Int((share * Double(points.count)).rounded(.up)))
    }.sorted()
  }
}
