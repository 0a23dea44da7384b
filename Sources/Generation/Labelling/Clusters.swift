import Compute
import Threads

/// k-means clustering (Lloyd, 1982), initialised by k-means++ (Arthur and Vassilvitskii, 2007).
struct Clusters {
  /// For each cluster, the largest first, the point nearest to its centre.
  let centers: [Int]

  /// - Parameters:
  ///   - points: n × dimension.
  ///   - count: The number of clusters; at most n.
  ///   - stream: Determines the initial centres.
  init(_ points: [Float], dimension: Int, count: Int, stream: RandomStream) {
    let size = points.count / dimension
    var means = Self.start(points, dimension: dimension, count: count, stream: stream)
    var nearest = [(center: Int, square: Float)](repeating: (0, 0), count: size)
    for _ in 0..<50 {
      let before = nearest.map(\.center)
      nearest = Self.nearest(points, to: means, dimension: dimension)
      var sums = [Double](repeating: 0, count: means.count)
      var counts = [Double](repeating: 0, count: count)
      for (point, place) in nearest.enumerated() {
        counts[place.center] += 1
        for d in 0..<dimension {
          sums[place.center * dimension + d] += Double(points[point * dimension + d])
        }
      }
      for index in means.indices where counts[index / dimension] > 0 {
        means[index] = Float(sums[index] / counts[index / dimension])
      }
      if before == nearest.map(\.center) { break }
    }
    nearest = Self.nearest(points, to: means, dimension: dimension)
    var best = [(point: Int, square: Float)](repeating: (-1, .infinity), count: count)
    var counts = [Int](repeating: 0, count: count)
    for (point, place) in nearest.enumerated() {
      counts[place.center] += 1
      if place.square < best[place.center].square { best[place.center] = (point, place.square) }
    }
    centers = (0..<count).filter { best[$0].point >= 0 }
      .sorted { (-counts[$0], $0) < (-counts[$1], $1) }.map { best[$0].point }
  }

  /// The initial centres: each drawn with a probability proportional to its squared distance from those
  /// before.
  private static func start(
    _ points: [Float], dimension: Int, count: Int, stream: RandomStream
  ) -> [Float] {
    let size = points.count / dimension
    var squares = [Float](repeating: .infinity, count: size)
    var means: [Float] = []
    for k in 0..<count {
      let word = threefry(key: stream.key, counter: stream.counter &+ SIMD4(UInt32(k), 0, 0, 0)).x
      let uniform = Double(word >> 8) * 0x1p-24
      var chosen = k == 0 ? Int(uniform * Double(size)) : size - 1
      if k > 0 {
        var rest = uniform * squares.reduce(0) { $0 + Double($1) }
        for point in 0..<size {
          rest -= Double(squares[point])
          if rest < 0 {
            chosen = point
            break
          }
        }
      }
      let center = Array(points[chosen * dimension..<(chosen + 1) * dimension])
      means += center
      for (point, place) in nearest(points, to: center, dimension: dimension).enumerated() {
        squares[point] = min(squares[point], place.square)
      }
    }
    return means
  }

  /// The nearest centre of each point, and its squared distance.
  private static func nearest(_ points: [Float], to centers: [Float], dimension: Int)
    -> [(center: Int, square: Float)]
  {
    let (size, part) = (points.count / dimension, 512)
    return [(center: Int, square: Float)](unsafeUninitializedCapacity: size) {
      storage, initialized in
      storage.initialize(repeating: (0, .infinity))
      nonisolated(unsafe) let result = storage
      concurrently((size + part - 1) / part) { index in
        points.withUnsafeBufferPointer { points in
          centers.withUnsafeBufferPointer { centers in
            for point in index * part..<min((index + 1) * part, size) {
              for center in 0..<centers.count / dimension {
                var square: Float = 0
                for d in 0..<dimension {
                  let difference = points[point * dimension + d] - centers[center * dimension + d]
                  square += difference * difference
                }
                if square < result[point].square { result[point] = (center, square) }
              }
            }
          }
        }
      }
      initialized = size
    }
  }
}
