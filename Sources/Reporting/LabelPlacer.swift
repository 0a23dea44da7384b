/// A rectangle of a drawing.
struct Box: Sendable, Equatable {
  var x: Double
  var y: Double
  var width: Double
  var height: Double

  /// A box around a point.
  static func around(_ x: Double, _ y: Double, radius: Double) -> Box {
    Box(x: x - radius, y: y - radius, width: 2 * radius, height: 2 * radius)
  }

  /// The area that two boxes share.
  func overlap(with other: Box) -> Double {
    let shared = (
      width: min(x + width, other.x + other.width) - max(x, other.x),
      height: min(y + height, other.y + other.height) - max(y, other.y)
    )
    return max(0, shared.width) * max(0, shared.height)
  }

  /// The point of the box that is nearest to another.
  func nearest(to point: (x: Double, y: Double)) -> (x: Double, y: Double) {
    (min(max(point.x, x), x + width), min(max(point.y, y), y + height))
  }

  /// The line from a point to the box as its label; nil when that is too close to need one.
  func leader(
    from point: (x: Double, y: Double)
  ) -> (start: (x: Double, y: Double), end: (x: Double, y: Double))? {
    let end = nearest(to: point)
    return max(abs(end.x - point.x), abs(end.y - point.y)) > 12 ? (point, end) : nil
  }
}

/// Finds places for labels where they cover neither marks nor one another.
struct LabelPlacer: Sendable {
  /// Where labels may be.
  let bounds: Box
  /// What they shouldn't cover.
  var obstacles: [Box] = []
  private var labels: [Box] = []
  private var leaders: [Box] = []

  init(bounds: Box) { self.bounds = bounds }

  /// Takes the candidate that covers least; the earlier of equals, so put the nearest first.
  /// - Parameter point: what a leader line joins to the label, when that is not close.
  mutating func place(_ candidates: [Box], leadingFrom point: (x: Double, y: Double)? = nil) -> Box
  {
    var best = candidates[0]
    var bestLeader: [Box] = []
    var least = Double.infinity
    for (rank, candidate) in candidates.enumerated() {
      let area = candidate.width * candidate.height
      let outside = area - candidate.overlap(with: bounds)
      let leader = point.flatMap { candidate.leader(from: $0) }.map {
        boxes(along: [$0.start, $0.end])
      }
      // A hidden label is worse than a covered mark; a far label only a little worse than a near one.
      let cost =
        outside * 20 + Double(rank) * 2.5
        + overlap(of: [candidate], with: labels + leaders) * 8
        + overlap(of: leader ?? [], with: labels) * 8 + overlap(of: leader ?? [], with: leaders)
        + overlap(of: [candidate], with: obstacles)
      if cost < least { (best, bestLeader, least) = (candidate, leader ?? [], cost) }
    }
    labels.append(best)
    leaders += bestLeader
    return best
  }

  /// Places a label of a size around a point, further away where it is crowded.
  mutating func place(width: Double, height: Double, around x: Double, _ y: Double) -> Box {
    var candidates: [Box] = []
    for distance in [9.0, 22, 36, 52, 70, 90, 115] {
      let slant = distance * 0.75
      for (dx, dy) in [
        (distance, 0), (-distance, 0), (0, -distance), (0, distance), (slant, -slant),
        (slant, slant), (-slant, -slant), (-slant, slant),
      ] {
        // The side of the label that faces the point is `distance` away.
        let left = dx > 0 ? x + dx : dx < 0 ? x + dx - width : x - width / 2
        let top = dy > 0 ? y + dy : dy < 0 ? y + dy - height : y - height / 2
        candidates.append(Box(x: left, y: top, width: width, height: height))
      }
    }
    return place(candidates, leadingFrom: (x, y))
  }

  private func overlap(of boxes: [Box], with others: [Box]) -> Double {
    boxes.reduce(0) { sum, box in others.reduce(sum) { $0 + box.overlap(with: $1) } }
  }
}

/// Small boxes that cover a line through points.
func boxes(along points: [(x: Double, y: Double)]) -> [Box] {
  zip(points, points.dropFirst()).flatMap { start, end in
    let length = max(abs(end.x - start.x), abs(end.y - start.y))
    let count = max(1, Int(length / 8))
    return (0..<count).map { step in
      let t = (Double(step) + 0.5) / Double(count)
      return Box.around(
        start.x + (end.x - start.x) * t, start.y + (end.y - start.y) * t, radius: 3)
    }
  }
}
