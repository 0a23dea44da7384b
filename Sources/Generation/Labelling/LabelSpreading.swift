import Compute
import Evaluation

/// Spreads few labels to their neighbours, and to theirs (Zhou and others, 2004): where an autoencoder has
/// brought images of a kind together, a handful of labels tells those of most others.
public struct LabelSpreading: Sendable {
  /// The nearest points that each point is tied to.
  public static let neighbours = 10
  /// The steps along the ties.
  static let rounds = 60
  /// α: how much a step counts beside the given labels.
  static let momentum: Float = 0.99

  /// The class of each point.
  public let labels: [Int]
  /// The share of that class in what reached the point, in 0...1; 0 where nothing did.
  public let certainties: [Float]

  /// Spreads labels over points.
  ///
  /// The classes keep the shares that they have among the given labels (class mass normalisation, Zhu and
  /// others, 2003): otherwise one that begins in a dense place takes the others'.
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

  /// The points of each class whose labels are surest, this share of each, but none that nothing reached.
  public func surest(_ share: Double, classes: Int) -> [Int] {
    var byClass = [[Int]](repeating: [], count: classes)
    for point in labels.indices where certainties[point] > 0 {
      byClass[labels[point]].append(point)
    }
    return byClass.flatMap { points in
      // The first of equals stay, whatever the sorting does.
      points.sorted { (-certainties[$0], $0) < (-certainties[$1], $1) }
        .prefix(Int((share * Double(points.count)).rounded(.up)))
    }.sorted()
  }
}
