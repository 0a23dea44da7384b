import Compute
import Evaluation
import Foundation
import Threads

/// A nearest-neighbour graph of points, with edge weights that decrease with distance.
struct NeighbourGraph: Sendable {
  /// The start of each point's edges.
  private let starts: [Int]
  /// The points at their ends.
  private let ends: [Int32]
  /// D^(−½) W D^(−½): their weights W, divided by the roots of the sums at both ends.
  private let weights: [Float]
  /// The sum of the weights of each point.
  let degrees: [Float]

  /// The number of points.
  var count: Int { degrees.count }

  /// Connects each point to its `k` nearest, symmetrically.
  ///
  /// w = exp(−d²/(s·s′)), where s is the distance of a point to its `k`-th nearest: so edges are as strong
  /// in sparse regions as in dense ones (Zelnik-Manor and Perona, 2004).
  /// - Throws: `DeviceError` when the device fails.
  init(_ points: Points, k: Int) throws {
    let (nearest, squares) = try points.nearest(k)
    let count = nearest.count / k
    // Copies of one picture have distance zero; any scale will do.
    let scales = (0..<count).map { max(squares[$0 * k + k - 1], 1e-20).squareRoot() }
    var ties = [[(end: Int32, weight: Float)]](repeating: [], count: count)
    for point in 0..<count {
      for place in point * k..<(point + 1) * k where nearest[place] >= 0 {
        let end = Int(nearest[place])
        let weight = exp(-squares[place] / (scales[point] * scales[end]))
        ties[point].append((Int32(end), weight))
        ties[end].append((Int32(point), weight))
      }
    }
    var (starts, ends, weights): ([Int], [Int32], [Float]) = ([0], [], [])
    for point in 0..<count {
      // An edge chosen by both ends is there twice.
      var last: Int32 = -1
      for tie in ties[point].sorted(by: { $0.end < $1.end }) where tie.end != last {
        ends.append(tie.end)
        weights.append(tie.weight)
        last = tie.end
      }
      starts.append(ends.count)
    }
    degrees = (0..<count).map { point in
      weights[starts[point]..<starts[point + 1]].reduce(0, +)
    }
    let roots = degrees.map { $0 > 0 ? 1 / $0.squareRoot() : 0 }
    for point in 0..<count {
      for tie in starts[point]..<starts[point + 1] {
        weights[tie] = weights[tie] * roots[point] * roots[Int(ends[tie])]
      }
    }
    (self.starts, self.ends, self.weights) = (starts, ends, weights)
  }

  /// One propagation step of some numbers of each point: D^(−½) W D^(−½) F.
  ///
  /// - Parameter values: F, count × width.
  func step(_ values: [Float], width: Int) -> [Float] {
    let part = 1024
    return [Float](unsafeUninitializedCapacity: values.count) { storage, initialized in
      storage.initialize(repeating: 0)
      nonisolated(unsafe) let result = storage
      concurrently((count + part - 1) / part) { index in
        for point in index * part..<min((index + 1) * part, count) {
          for tie in starts[point]..<starts[point + 1] {
            let (end, weight) = (Int(ends[tie]), weights[tie])
            for column in 0..<width {
              result[point * width + column] += weight * values[end * width + column]
            }
          }
        }
      }
      initialized = values.count
    }
  }
}
