extension Points {
  /// The nearest neighbour of a point in another set; none if all distances are NaN or infinite.
  struct Neighbour {
    var index = -1
    var square = Float.infinity
  }

  /// The nearest of `others` to each point, the first of equally near ones.
  func nearest(in others: Points, tile: Int = tile) throws -> [Neighbour] {
    var result = [Neighbour](repeating: Neighbour(), count: count)
    try result.withUnsafeMutableBufferPointer { storage in
      nonisolated(unsafe) let result = storage
      try squaredDistances(to: others, tile: tile) { tile in
        tile.forEachRow { squares in
          squares.forEach(below: result[squares.point].square) { other, square in
            result[squares.point] = Neighbour(index: other, square: square)
            return square
          }
        }
      }
    }
    return result
  }

  /// The squared distance of each point to its `k`-th nearest neighbour in its own set; NaN if it has none,
  /// because of NaN coordinates.
  package func squaredRadii(_ k: Int, tile: Int = tile) throws -> [Float] {
    let nearest = try nearest(k, tile: tile).squares
    return (0..<count).map {
      let square = nearest[$0 * k + k - 1]
      return square < .infinity ? square : .nan
    }
  }

  /// The `k` nearest neighbours of each point in its own set, the nearest first.
  ///
  /// - Returns: count × k positions and squared distances; −1 and infinity if there is none, because of NaN
  ///   coordinates.
  package func nearest(_ k: Int, tile: Int = tile) throws -> (indices: [Int32], squares: [Float]) {
    precondition(k >= 1 && k < count, "\(count) points have no neighbour number \(k)")
    var squares = [Float](repeating: .infinity, count: count * k)  // ascending for each point
    var indices = [Int32](repeating: -1, count: count * k)
    try squares.withUnsafeMutableBufferPointer { squareStorage in
      try indices.withUnsafeMutableBufferPointer { indexStorage in
        nonisolated(unsafe) let (nearest, indices) = (squareStorage, indexStorage)
        @Sendable func collect(_ squares: SquaredDistances) {
          let (first, last) = (squares.point * k, squares.point * k + k - 1)
          squares.forEach(below: nearest[last]) { other, square in
            guard other != squares.point else { return nearest[last] }
            var place = last
            while place > first && nearest[place - 1] > square {
              nearest[place] = nearest[place - 1]
              indices[place] = indices[place - 1]
              place -= 1
            }
            nearest[place] = square
            indices[place] = Int32(other)
            return nearest[last]
          }
        }
        try squaredDistances(tile: tile) { tile in
          tile.forEachRow(collect)
          if tile.rows != tile.columns { tile.forEachColumn(collect) }
        }
      }
    }
    return (indices, squares)
  }
}
