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

  /// The leader line from a point to the box as its label; nil when it is too close to need one.
  func leader(
    from point: (x: Double, y: Double)
  ) -> (start: (x: Double, y: Double), end: (x: Double, y: Double))? {
    let end = nearest(to: point)
    return max(abs(end.x - point.x), abs(end.y - point.y)) > 12 ? (point, end) : nil
  }
}

/// Finds places for labels where they cover neither marks nor one another.
struct LabelPlacer: Sendable {
  /// A label to place.
  struct Request: Sendable {
    /// The places it may take, the best first.
    let candidates: [Box]
    /// The point that a leader line joins to it, when it is not close; nil for a label without one.
    let point: (x: Double, y: Double)?
  }

  /// Where labels may be.
  let bounds: Box
  /// What they shouldn't cover: lines.
  var lines: [Box] = []
  /// What neither they nor, if possible, their leaders should cover: markers.
  var marks: [Box] = []

  init(bounds: Box) { self.bounds = bounds }

  /// Chooses a candidate for each label so that little is covered: each in turn takes the best given the
  /// others' choices, until nothing changes. So later labels can move earlier ones.
  func place(_ requests: [Request]) -> [Box] {
    var chosen = requests.map { $0.candidates[0] }
    var isPlaced = requests.map { _ in false }
    for _ in 0..<6 {
      let before = chosen
      for (index, request) in requests.enumerated() {
        let others = requests.indices.filter { $0 != index && isPlaced[$0] }
        let labels = others.map { chosen[$0] }
        // A leader across another labelled point would suggest the wrong name.
        let points = requests.indices.filter { $0 != index }
          .compactMap { requests[$0].point }.map { Box.around($0.x, $0.y, radius: 6) }
        let leaders = others.flatMap { leader(of: requests[$0], to: chosen[$0]) }
        var least = Double.infinity
        for (rank, candidate) in request.candidates.enumerated() {
          let cost =
            Double(rank) * 5
            + cost(candidate, leader(of: request, to: candidate), labels + points, leaders)
          if cost < least { (chosen[index], least) = (candidate, cost) }
        }
        isPlaced[index] = true
      }
      if chosen == before { break }
    }
    return chosen
  }

  /// The cost of a place. A hidden label is worse than one on another, which is worse than one on a line.
  private func cost(_ label: Box, _ leader: [Box], _ labels: [Box], _ leaders: [Box]) -> Double {
    let outside = label.width * label.height - label.overlap(with: bounds)
    return outside * 20
      + overlap(of: [label], with: labels + leaders) * 10
      + overlap(of: [label], with: lines) + overlap(of: [label], with: marks) * 2
      + overlap(of: leader, with: labels) * 15 + overlap(of: leader, with: leaders) * 15
      + overlap(of: leader, with: marks) + Double(leader.count) * 4
  }

  private func overlap(of boxes: [Box], with others: [Box]) -> Double {
    boxes.reduce(0) { sum, box in others.reduce(sum) { $0 + box.overlap(with: $1) } }
  }

  /// The boxes along a label's leader, except where it leaves its own mark.
  private func leader(of request: Request, to label: Box) -> [Box] {
    guard let point = request.point, let line = label.leader(from: point) else { return [] }
    return Array(boxes(along: [line.start, line.end]).dropFirst())
  }
}

extension LabelPlacer.Request {
  /// A label of a size around a point, further away where it is crowded.
  init(width: Double, height: Double, around x: Double, _ y: Double) {
    var candidates: [Box] = []
    for distance in [9.0, 22, 36, 52, 70, 90, 115, 140] {
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
    self.init(candidates: candidates, point: (x, y))
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
